"""The courier's role: rulings become mail, on a real store and a real next hop."""

import asyncio
from dataclasses import replace
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
from listward.config.site import Group, Notices
from listward.config.templates import TemplateSource
from listward.queue.audit.log import AuditLog
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.connect import connect
from listward.queue.store.names import ListKeys
from listward.queue.store.rules import RulesHistory
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


async def test_two_couriers_tell_a_change_of_the_rules_once() -> None:
    """Both start with it at the same moment, on one store; a restart tells nothing more, and the audit log has it."""
    with running_server() as server:
        async with sink() as hop:
            notices = Notices(**{"next_hop": hop.url, "from": "listward@party.example"})
            groups = (Group(name="secretary", members=("sam@members.example",)),)
            site = site_for(server, notices=notices, group=groups)
            before = Configuration(site, policy(), Path(), TemplateSource((DEFAULTS / "templates",)))
            store = connect(site)
            history = RulesHistory(store.redis, store.codec)
            await _courier(before, _until(history, before))
            after = replace(before, policy=policy().model_copy(update={"digest": "d" * 64, "name": "other"}))
            await asyncio.gather(*(_courier(after, _told(history, after)) for _ in range(2)))
            await _courier(after, _told(history, after))
            assert [message.recipients for message in hop.messages] == [("sam@members.example",)]
            entries = AuditLog(store.lanes).entries(ListKeys(site.lists[0].address), 0)
            assert len([entry async for entry in entries if b"policy-changed" in entry.chained]) == 1
            await store.close()


async def _until(history: RulesHistory, configuration: Configuration) -> None:
    """Wait until these rules are noted as those that run."""
    async with asyncio.timeout(15):
        while (  # noqa: ASYNC110  # what is awaited here tells nobody
            ran := await history.ran()
        ) is None or ran.digest != configuration.policy.digest:
            await asyncio.sleep(0.05)


async def _told(history: RulesHistory, configuration: Configuration) -> None:
    """Wait until the change to these rules has been told to all."""
    await _until(history, configuration)
    async with asyncio.timeout(15):
        while await history.waiting():  # noqa: ASYNC110  # what is awaited here tells nobody
            await asyncio.sleep(0.05)


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
