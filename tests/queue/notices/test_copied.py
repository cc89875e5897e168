"""Of every copy its author is told, once a day for each rule; and what people release is copied then."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from memory_cases import MemoryCases, draft
from messages import build
from notices_world import Post, notice_site, sentences

from listward.config.site import Notices as NoticesTable
from listward.queue.cases.case import Case, CaseDraft, CaseState, CopyTo, Reason
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.copies import SAYS, copy_of
from listward.queue.courier.planning import hop_for
from listward.queue.notices.copied import Copied
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.store.ledger import TAKEN, release_key
from listward.queue.store.ports import Event
from listward.runtime.maillog import MailLog
from listward.wire.payload import Payload
from listward.wire.reply import Reply

OFFICE, AGENCY = "office@inside.party.example", "press@agency.example"
BODY = build(text="Dear all.\n")
COPY = CopyTo("solicitation", (OFFICE,), "key:copy", "A 7.3", "It is about money.")


class Settled:
    """The ledger in a dict."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    async def settled(self, keys: list[str]) -> dict[str, str]:
        """What is known of them."""
        return {key: self.known[key] for key in keys if key in self.known}

    async def settle(self, outcomes: dict[str, str], owner: str = "", claimed: tuple[str, ...] = ()) -> None:
        """Remember."""
        del owner, claimed
        self.known |= outcomes


class Opening(MemoryCases):
    """Cases whose messages can be opened."""

    @asynccontextmanager
    async def opened(self, number: str) -> AsyncIterator[Payload]:
        """The message."""
        yield Payload(await self.body(number))


class World:
    """The handler with what it touches."""

    def __init__(self, **site: Any) -> None:
        self.post = Post(site=notice_site(**site), cases=Opening())
        self.cases, self.settled = self.post.cases, Settled()
        posting = Posting(self.post.site, self.post.pool, self.post.metrics, MailLog(b"k", self.post.log))  # type: ignore[arg-type]  # a pool that remembers
        self.copied = Copied(
            self.post.configuration,
            posting,
            self.cases,
            self.settled,  # type: ignore[arg-type]  # what is needed of a ledger
            self.post.ledger,
            self.post.clock,
            self.post.metrics,
        )

    async def delivered(self, made: CaseDraft) -> Case:
        """A case that has been delivered, and everybody told of it."""
        case = await self.cases.hold(made, Payload(BODY))
        self.taken(case, *made.envelope.recipients)
        now = self.post.clock.now()
        for verb, by in ((Verb.RELEASE, "mod@a.example"), (Verb.DELIVERING, "courier"), (Verb.DELIVERED, "courier")):
            case = await self.cases.apply(case.number, case.version, Command(verb, by, now))
        await self.tell(case)
        return case

    def taken(self, case: Case, *addresses: str) -> None:
        """Have the next hop take it for these."""
        self.settled.known |= {release_key(case.number, address): TAKEN for address in addresses}

    async def tell(self, case: Case, verb: str = "delivered") -> None:
        """Hand over its delivery, as the courier does."""
        event = Event(f"e-{case.number}", case.draft.list, case.number, verb, 4, self.post.clock.now(), "courier")
        await self.copied.on_event(event, case)
        await self.post.notices.on_event(event, case)

    def copies(self) -> list[Case]:
        """The copies that were kept."""
        return [case for case in self.cases.cases.values() if case.draft.is_copy]

    def count(self, outcome: str) -> float:
        """How many copies ended so."""
        return self.post.metrics.copies.labels(outcome)._value.get()


def a_copy(site: Any, **changes: Any) -> CaseDraft:
    """A copy of a member's message."""
    made = copy_of(draft(**changes), COPY, site)
    assert made is not None
    return made


async def test_what_a_person_releases_is_copied_then() -> None:
    """Once, however often its delivery is told, and released without anybody's ruling."""
    world = World()
    case = await world.delivered(draft(copies=(COPY,)))
    await world.tell(case)
    (copy,) = world.copies()
    assert copy.state is CaseState.RELEASED
    assert copy.draft.envelope.recipients == (OFFICE,)
    assert copy.ruling is not None
    assert copy.ruling.by == "policy"
    assert world.cases.bodies[copy.number] == BODY
    assert world.count("kept") == 1


async def test_its_author_is_told_that_a_copy_went() -> None:
    """To whom, why and by which clause, without accusing; and the office's own mailbox is not written to."""
    world = World()
    await world.delivered(a_copy(world.post.site))
    (mail,), (text,) = world.post.pool.mails, world.post.pool.texts
    assert mail["To"] == "ana@party.example"
    for words in (OFFICE, "board@party.example", "Nobody suspects you", "The rule: A 7.3"):
        assert words in text
    assert all(len(sentence.split()) <= 20 for sentence in sentences(text))
    assert world.count("sent") == 1


@pytest.mark.parametrize("has", [(), (OFFICE,)])
async def test_of_a_copy_that_only_some_got_its_author_is_told_too(has: tuple[str, ...]) -> None:
    """Who has it, and nobody else; of one that nobody got there is nothing to tell."""
    world = World()
    copy = replace(COPY, to=(OFFICE, "second@inside.party.example"))
    made = copy_of(draft(), copy, world.post.site)
    assert made is not None
    case = await world.cases.hold(made, Payload(BODY))
    world.taken(case, *has)
    await world.tell(case, "failed")
    assert [OFFICE in text for text in world.post.pool.texts] == [True] * len(has)
    assert not any("second@" in text for text in world.post.pool.texts)


async def test_once_a_day_for_each_rule() -> None:
    """The letter says so; another rule is another letter."""
    world = World()
    for number in range(5):
        await world.delivered(a_copy(world.post.site, ledger_key=f"k{number}"))
    by_another = (Reason("b", "copy", "", "B."), SAYS)
    await world.delivered(replace(a_copy(world.post.site), reasons=by_another))
    assert len(world.post.pool.mails) == 2
    assert world.post.counted()[("copied", "covered")] == 4


async def test_a_letter_that_is_not_taken_is_tried_again() -> None:
    """Its author is told in the end, by the same letter."""
    world = World()
    world.post.pool.reply = Reply(451, "4.3.0", "later")
    with pytest.raises(NotYetTold):
        await world.delivered(a_copy(world.post.site))
    world.post.pool.reply = Reply(250, "2.0.0", "Ok")
    (copy,) = world.copies()
    await world.tell(copy)
    assert len({mail["Message-ID"] for mail in world.post.pool.mails}) == 1


async def test_an_internal_matter_is_not_described_outside() -> None:
    """An author whose mailbox is outside reads that a copy went, and nothing of what was written."""
    world = World()
    await world.delivered(a_copy(world.post.site, internal=True, author="ana@isp.example", subject="Strike fund"))
    (text,) = world.post.pool.texts
    assert OFFICE in text
    assert "Strike fund" not in text


async def test_routing_is_looked_at_again_at_release() -> None:
    """What lay inside when the message was held may lie outside now."""
    world = World()
    await world.delivered(draft(internal=True, copies=(CopyTo("r", (AGENCY,), "k:copy"),)))
    assert world.copies() == []
    assert world.count("withheld") == 1


async def test_nobody_reads_more_of_a_copy_than_that_it_went() -> None:
    """It is held, claimed and rejected without a word to its author, who has her message on the list."""
    world = World()
    case = await world.cases.hold(a_copy(world.post.site), Payload(BODY))
    words = Command(Verb.REJECT, "mod@a.example", world.post.clock.now(), clause="7.3", sentence="No.")
    await world.cases.apply(case.number, case.version, words)
    await world.post.handle_all()
    assert world.post.pool.mails == []
    assert world.post.counted() == {}


def test_a_copy_goes_the_way_of_notices() -> None:
    """Never to the list server, which would post it again."""
    site = notice_site(notices=NoticesTable(**{"next_hop": "smtp://127.0.0.1:9", "from": "l@party.example"}))
    assert hop_for(a_copy(site), site) == "smtp://127.0.0.1:9"
