"""The courier's role: rulings become mail, on a real store and a real next hop."""

import asyncio
from io import StringIO
from pathlib import Path

import pytest
from desk_world import policy
from memory_cases import draft
from messages import build
from redis_server import running_server, site_for
from sink import sink

from listward.cli.courier_role import serve_courier
from listward.config.find import DEFAULTS
from listward.config.load import Configuration
from listward.config.site import Notices
from listward.config.templates import TemplateSource
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.connect import connect
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.payload import Payload

pytestmark = pytest.mark.live


async def test_an_author_hears_of_a_hold_and_of_the_ruling() -> None:
    """Each once; what was acknowledged is not told again by the next courier; the stop ends everything."""
    with running_server() as server:
        async with sink() as hop:
            site = site_for(server, notices=Notices(**{"next_hop": hop.url, "from": "listward@party.example"}))
            configuration = Configuration(site, policy(), Path(), TemplateSource((DEFAULTS / "templates",)))
            store = connect(site)
            case = await store.cases.hold(draft(), Payload(build()))
            await _courier(configuration, hop.wait_for(1))
            command = Command(Verb.REJECT, "mod@party.example", SystemClock().now(), clause="A 7.3", sentence="No.")
            await store.cases.apply(case.number, case.version, command)
            await _courier(configuration, hop.wait_for(2))
            held, rejected = (message.data.decode() for message in hop.messages)
            assert "It is not yet sent." in held
            assert "was not sent on" in rejected
            await store.close()


async def _courier(configuration: Configuration, until: object) -> None:
    """Run a courier until something has happened, then stop it."""
    stop = asyncio.Event()
    log = MailLog(b"k", StringIO())
    serving = asyncio.create_task(serve_courier(configuration, Metrics(), log, stop))
    try:
        await until  # type: ignore[misc]  # a coroutine
    finally:
        stop.set()
        await asyncio.wait_for(serving, 15)
