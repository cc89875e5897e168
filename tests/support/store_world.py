"""Fixtures for tests on a real store: one server a session, emptied for each test, and a clock that is turned by hand.

A conftest takes them with `from store_world import clock, server, site, store`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis_server import running_server, site_for

from listward.config.site import Site
from listward.queue.cases.case import Case
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.connect import Store, connect
from listward.queue.store.embedded import EmbeddedServer

DAY = 86_400.0
LIST = "board@party.example"


class HandClock:
    """A clock that stands still until it is turned."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.time = now

    def now(self) -> float:
        """Unix seconds."""
        return self.time

    def monotonic(self) -> float:
        """The same seconds."""
        return self.time

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One real server for all tests of a folder."""
    with running_server() as running:
        yield running


@pytest.fixture
def site(server: EmbeddedServer) -> Site:
    """A site with the lists board and members on that server."""
    return site_for(server, LIST, "members@party.example")


@pytest.fixture
def clock() -> HandClock:
    """A clock turned by hand."""
    return HandClock()


@pytest_asyncio.fixture
async def store(site: Site, clock: HandClock) -> AsyncIterator[Store]:
    """A store on the emptied server."""
    connected = connect(site, clock=clock)
    await connected.lanes.one("any", "FLUSHALL")
    try:
        yield connected
    finally:
        with suppress(Exception):
            await connected.close()


async def act(store: Store, case: Case, verb: Verb, by: str = "mod@party.example", **more: Any) -> Case:
    """Apply one command with the version at hand; a release may be delivered at once unless told otherwise."""
    at = more.pop("at", case.changed_at + 1.0)
    return await store.cases.apply(case.number, case.version, Command(verb, by, at, **more))


async def warm(store: Store, count: int = 50) -> None:
    """Open connections, so that what runs side by side afterwards really races."""
    await asyncio.gather(*(store.lanes.one("any", "PING") for _ in range(count)))


def raw(store: Store) -> Redis:
    """The client, for looking behind the store's back."""
    assert isinstance(store.redis, Redis)
    return store.redis
