"""From a member's unproven post to her answer, through the real gateway, store and courier's letters."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import SMTP
from io import StringIO
from pathlib import Path as File
from typing import Any

import pytest
from gateway_fakes import Client
from messages import build
from vouching_world import ANA, MEMBERS, OLA, SITE, STRANGER, World, vouching_world

from listward.cli.courier_role import correspondence
from listward.config.load import load
from listward.filters.identity.roster import SiteRosters
from listward.queue.cases.case import CaseState
from listward.queue.nexthops import make_pool
from listward.queue.store.ports import UnknownCase
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

NOTICES = "notices@party.example"
ASKING = """
[addresses]
notices = "notices@party.example"
help = "office@party.example"

[console]
public_url = "https://lists.party.example"

[notices]
next_hop = "{hop}"
from = "listward@party.example"
"""
AUTOMATIC = (("Auto-Submitted", "auto-replied"),)


class Post:
    """What the courier writes, and Ana's mailbox."""

    def __init__(self, world: World, handlers: Any) -> None:
        self.world = world
        self._handlers = handlers

    async def work(self) -> None:
        """Hand every event on, as the courier does."""
        for name in (MEMBERS, NOTICES):
            async for event in self.world.store.cases.events(name):
                if event.verb in self._handlers:
                    try:
                        case = await self.world.store.cases.get(event.number)
                    except UnknownCase:
                        continue
                    await self._handlers[event.verb](event, case)
                await self.world.store.cases.acknowledge(name, event.id)

    @property
    def letters(self) -> list[Any]:
        """What left by the hop with the null sender: our own letters."""
        sent = [one for one in self.world.hop.messages if one.sender == ""]
        return [message_from_bytes(one.data, policy=SMTP) for one in sent]

    async def reply(self, to: str, text: str = "yes\n", sender: str = ANA, **more: Any) -> tuple[int, str]:
        """Answer by SMTP, as unproven as Ana's mail is."""
        client = await Client.open(self.world.port)
        await client.envelope(to, sender=sender)
        raw = build(from_=ANA, to=to, subject="Re: A message", text=text, message_id=f"<{text[:3].strip()}@r>", **more)
        reply = await client.content(raw)
        await client.close()
        return reply


@asynccontextmanager
async def asking_world(folder: File) -> AsyncIterator[Post]:
    """A gateway whose courier asks."""
    async with vouching_world(folder, site=SITE.replace("[[group]]", f"{ASKING}\n[[group]]", 1)) as world:
        configuration, metrics, log = load(folder), Metrics(), MailLog(b"k", StringIO())
        pool = make_pool(configuration.site, metrics, log)
        rosters = SiteRosters(configuration.site)
        made = correspondence(configuration, world.store, pool, metrics, log, rosters)
        try:
            yield Post(world, made.handlers)
        finally:
            await pool.close()


@pytest.fixture
async def post(tmp_path: File) -> AsyncIterator[Post]:
    """It."""
    async with asking_world(tmp_path) as made:
        yield made


async def test_a_member_answers_yes_and_her_message_leaves(post: Post) -> None:
    """Held once, told once, confirmed by mail. The way it took is not remembered: the letter did not show it."""
    code, held_reply = await post.world.send()
    assert code == 250
    await post.work()
    (letter,) = post.letters
    assert letter["To"] == ANA
    code, _ = await post.reply(letter["Reply-To"])
    assert code == 250
    await post.work()
    states = {case.draft.list: case.state for case in await post.world.cases()}
    assert states == {MEMBERS: CaseState.RELEASED, NOTICES: CaseState.DISCARDED}
    assert await post.world.store.accounts.vouches(MEMBERS) == ()
    assert held_reply


async def test_an_out_of_office_answer_confirms_nothing(post: Post) -> None:
    """It quotes the address with the token, and is put away."""
    await post.world.send()
    await post.work()
    (letter,) = post.letters
    await post.reply(letter["Reply-To"], headers=AUTOMATIC)
    await post.reply(letter["Reply-To"], "yes\nbounced\n", sender="")
    await post.work()
    states = [case.state for case in await post.world.cases() if case.draft.list == MEMBERS]
    assert states == [CaseState.HELD]
    assert len(post.letters) == 1


async def test_the_answer_to_smtp_and_the_senders_view_are_the_same_for_everybody(post: Post) -> None:
    """With a member's address or with any other: only the mailbox itself is written to."""
    replies = []
    for author in (ANA, OLA, STRANGER):
        code, text = await post.world.send(author, sender="x@small-host.test")
        replies.append((code, re.sub(r"\d{4,}|[0-9a-f]{16,}", "N", text)))
    await post.work()
    assert len(set(replies)) == 1
    assert sorted(letter["To"] for letter in post.letters) == [ANA, OLA]


async def test_the_tokens_are_nowhere_in_the_log(post: Post) -> None:
    """Neither the gateway's nor the store's clear fields have them."""
    await post.world.send()
    await post.work()
    (letter,) = post.letters
    token = re.search(r"notices\+([0-9a-f]{32})", letter["Reply-To"])
    assert token is not None
    await post.reply(letter["Reply-To"])
    assert token[1] not in post.world.log.getvalue()
    keys = [key async for key in post.world.store.redis.scan_iter()]
    assert token[1].encode() not in b" ".join(keys)
