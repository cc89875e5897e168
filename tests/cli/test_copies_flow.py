"""From the sender's DATA to the office's mailbox and the author's: gateway, store, courier and next hops, all real."""

import asyncio
from collections.abc import Awaitable
from io import StringIO
from pathlib import Path

import pytest
from scripted_hop import ScriptedHop
from vouching_world import MEMBERS, SITE, World, vouching_world

from listward.cli.courier_role import serve_courier
from listward.cli.replay_rulings import ruled
from listward.config.load import load
from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Command, Verb
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

pytestmark = pytest.mark.live
OFFICE = "office@party.example"
AUTHOR = "maria@small-host.test"
RULE = """
[[rule]]
name = "to-the-office"
stage = "content"
action = "{action}"
words = "Mail on the hall is read by the office as well."
when = {{ text = ["hall"] }}
copy_to = ["{office}"]
"""
HALL = {"text": "Dear all, the hall is free on Friday.\r\n", "author": AUTHOR, "sender": AUTHOR}


async def courier(folder: Path, until: Awaitable[None]) -> None:
    """Run a courier until something has happened."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_courier(load(folder), Metrics(), MailLog(b"k", StringIO()), stop))
    try:
        await until
    finally:
        stop.set()
        await asyncio.wait_for(serving, 15)


async def settled(world: World, count: int) -> None:
    """Wait until so many cases are delivered and nothing is left to be told."""
    async with asyncio.timeout(15):
        while True:
            cases = await world.cases()
            told = not [event async for event in world.store.cases.events(MEMBERS)]
            if told and [case.state for case in cases].count(CaseState.DELIVERED) == count:
                return
            await asyncio.sleep(0.05)


def configured(folder: Path, way_out: ScriptedHop, action: str) -> str:
    """Write the policy; return the site's text."""
    (folder / "policy.toml").write_text(RULE.format(action=action, office=OFFICE))
    return f'{SITE}\n[notices]\nnext_hop = "{way_out.url}"\nfrom = "listward@party.example"\n'


async def test_a_post_is_copied_and_its_author_told(tmp_path: Path) -> None:
    """The list has it at once; the office gets the same octets, the author a letter, and nobody a second one."""
    async with (
        ScriptedHop("smtp") as way_out,
        vouching_world(tmp_path, site=configured(tmp_path, way_out, "accept")) as world,
    ):
        assert (await world.send(**HALL, number=1))[0] == 250
        (posted,) = world.hop.messages
        assert b"X-Listward-Copy: a copy goes to office@party.example\r\n" in posted.data
        await courier(tmp_path, settled(world, 1))
        assert (await world.send(**HALL, number=1))[0] == 250  # its reply was lost: the client came again
        await courier(tmp_path, settled(world, 1))
        assert len(world.hop.messages) == 1
        assert not any(ruled(case, world.now()) for case in await world.cases())  # nobody has decided anything
        copy, letter = sorted(way_out.messages, key=lambda sent: sent.recipients != (OFFICE,))
        assert copy.recipients == (OFFICE,)
        assert copy.data == posted.data
        assert letter.recipients == (AUTHOR,)
        assert b"A copy of it went to" in letter.data


async def test_what_a_person_releases_is_copied_once(tmp_path: Path) -> None:
    """Nobody gets it while it is held; then the list, the office and the letter."""
    async with (
        ScriptedHop("smtp") as way_out,
        vouching_world(tmp_path, site=configured(tmp_path, way_out, "hold")) as world,
    ):
        assert (await world.send(**HALL))[0] == 250
        (case,) = await world.cases()
        await world.store.cases.apply(
            case.number, 1, Command(Verb.RELEASE, "mod@party.example", world.now(), "moderators")
        )
        await courier(tmp_path, settled(world, 2))
        assert len(world.hop.messages) == 1
        assert [sent.recipients for sent in way_out.messages].count((OFFICE,)) == 1
        assert all(sent.recipients in {(OFFICE,), (AUTHOR,)} for sent in way_out.messages)
        assert any(b"A copy of it went to" in sent.data for sent in way_out.messages)
