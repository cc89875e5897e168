"""Which process of which machine runs which policy: each says it again and again, and lapses when it says no more."""

import asyncio
import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from listward.queue.store.direct import Connection, Direct
from listward.queue.store.names import PREFIX
from listward.queue.store.ports import StoreUnavailable

PROCESSES = f"{PREFIX}{{running}}:processes"
EVERY_S = 15.0
LAPSES_S = 60.0
FORGOTTEN_S = 86_400.0
LOOKS_S = 1.0


@dataclass(frozen=True, slots=True)
class Present:
    """One process: where it runs, as "machine/role", which policy and since when; `at` is when it said so."""

    name: str
    policy: str
    since: float
    at: float = 0.0


class Presence:
    """Every method raises StoreUnavailable; every step may be repeated without harm."""

    def __init__(self, redis: Connection, clock: Callable[[], float] = time.time) -> None:
        self._call = Direct(redis, "what processes run cannot be reached")
        self._clock = clock

    async def say(self, process: Present) -> None:
        """Say what a process runs."""
        facts = {"policy": process.policy, "since": process.since, "at": self._clock()}
        await self._call("HSET", PROCESSES, process.name, json.dumps(facts))

    async def all(self) -> tuple[Present, ...]:
        """Every process that has said something lately, by name. What is silent for a day is forgotten."""
        said = {name: json.loads(facts) for name, facts in (await self._call.hash(PROCESSES)).items()}
        now = self._clock()
        if gone := [name for name, facts in said.items() if facts["at"] < now - FORGOTTEN_S]:
            await self._call("HDEL", PROCESSES, *gone)
        lately = {name: facts for name, facts in said.items() if facts["at"] >= now - LAPSES_S}
        return tuple(
            Present(name, facts["policy"], facts["since"], facts["at"]) for name, facts in sorted(lately.items())
        )


class Saying:
    """Says for one process what it runs: soon after that changes, and again before it lapses."""

    def __init__(self, presence: Callable[[], Presence], role: str, policy: Callable[[], str]) -> None:
        self._presence, self._policy = presence, policy
        self._name = f"{socket.gethostname()}/{role}"
        self._ran, self._since, self._due = "", 0.0, 0.0

    async def once(self) -> None:
        """Say it where it is due. Raises StoreUnavailable."""
        runs, now = self._policy(), time.monotonic()
        if runs != self._ran:
            self._ran, self._since, self._due = runs, time.time(), now
        if now >= self._due:
            self._due = now + EVERY_S
            await self._presence().say(Present(self._name, self._ran, self._since))


async def keep_present(
    presence: Callable[[], Presence], role: str, policy: Callable[[], str], stop: asyncio.Event
) -> None:
    """Say it until `stop`. While the store is away, nothing is said."""
    saying = Saying(presence, role, policy)
    while not stop.is_set():
        with suppress(StoreUnavailable):
            await saying.once()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOKS_S)
