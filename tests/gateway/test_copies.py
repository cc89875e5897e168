"""Copies for an office: once, of what its list has taken; the list does not wait, and the author can be told."""

from email import message_from_bytes

import pytest
from gateway_fakes import BOARD, MEMBERS, NEWS, SENDER, Rig, message

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action
from listward.queue.cases.commands import Verb
from listward.queue.store.ports import HeldLimit

OFFICE, AGENCY = "office@inside.party.example", "press@agency.example"
NOTICES = {"next_hop": "smtp://127.0.0.1:2528", "from": "listward@party.example"}


def rig() -> Rig:
    """A gateway with a way for notices."""
    return Rig(notices=NOTICES)


def field(data: bytes) -> str | None:
    """What a message says of copies."""
    return message_from_bytes(data)["X-Listward-Copy"]


async def test_a_copy_is_kept_once_the_list_has_the_message() -> None:
    """As a case that nobody rules on: to the office alone, by the way of notices, released at once."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE,)
        code, _ = await gateway.send(message(), MEMBERS)
        assert code == 250
        assert [field(sent.data) for sent in gateway.news.messages] == [f"a copy goes to {OFFICE}"]
        (draft,) = gateway.cases.drafts
        assert draft.is_copy
        assert draft.envelope.sender == ""
        assert draft.envelope.recipients == (OFFICE,)
        assert draft.next_hop == NOTICES["next_hop"]
        assert draft.queues == ("office",)  # the list's own, should nobody take it for a day
        assert [reason.rule for reason in draft.reasons] == ["heat", "copy"]
        assert field(gateway.cases.bodies[0]) == f"a copy goes to {OFFICE}"
        assert [(command.verb, command.by) for command in gateway.cases.commands] == [(Verb.RELEASE, "policy")]
        assert gateway.count("copies_total", outcome="kept") == 1


async def test_the_list_does_not_wait_for_a_copy() -> None:
    """Where it cannot be kept the sender comes again: the list is done, the retry brings the copy alone."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE,)
        gateway.cases.away = True
        code, _ = await gateway.send(message(), MEMBERS)
        assert code == 451
        assert len(gateway.news.messages) == 1
        gateway.cases.away = False
        code, _ = await gateway.send(message(), MEMBERS)
        assert code == 250
        assert len(gateway.news.messages) == 1
        assert len(gateway.cases.drafts) == 1


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_retry_makes_no_second_copy(lost: int) -> None:
    """Whatever answer of the store was lost."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE,)
        gateway.cases.lost = lost
        replies = [(await gateway.send(message(), MEMBERS))[0] for _ in range(lost + 2)]
        assert replies == [451] * lost + [250, 250]
        assert len(gateway.news.messages) == len(gateway.cases.drafts) == 1
        assert [command.verb for command in gateway.cases.commands] == [Verb.RELEASE]


async def test_a_full_store_is_said_so() -> None:
    """452, as with every hold: more room helps."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE,)
        gateway.cases.away, gateway.cases.error = True, HeldLimit("full")
        assert (await gateway.send(message(), MEMBERS))[0] == 452
        assert len(gateway.news.messages) == 1


async def test_two_lists_make_one_copy() -> None:
    """The office reads it once."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE,)
        assert (await gateway.send(message(), MEMBERS, NEWS))[0] == 250
        assert len(gateway.cases.drafts) == 1


async def test_what_the_list_does_not_take_is_not_copied() -> None:
    """The next hop has to have said yes."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE,)
        await gateway.news.__aexit__(None, None, None)
        code, _ = await gateway.send(message(), MEMBERS)
        await gateway.news.__aenter__()
        assert code == 451
        assert gateway.cases.drafts == []


async def test_a_held_message_keeps_who_gets_a_copy() -> None:
    """For the courier, once a person has released it; and it says so already."""
    async with rig() as gateway:
        gateway.judge.verdict, gateway.judge.copy_to = Action.HOLD, (OFFICE,)
        assert (await gateway.send(message(), MEMBERS))[0] == 250
        (draft,) = gateway.cases.drafts
        assert not draft.is_copy
        assert [(copy.rule, copy.to) for copy in draft.copies] == [("heat", (OFFICE,))]
        assert field(gateway.cases.bodies[0]) == f"a copy goes to {OFFICE}"
        assert gateway.cases.commands == []


@pytest.mark.parametrize(
    ("origin", "sender", "extra"),
    [
        (OriginKind.UNPROVEN, SENDER, ""),
        (OriginKind.KNOWN, "other@home.example", ""),
        (OriginKind.MEMBER, "", ""),
        (OriginKind.MEMBER, SENDER, "Auto-Submitted: auto-replied\r\n"),
    ],
)
async def test_who_cannot_be_told_is_not_copied(origin: OriginKind, sender: str, extra: str) -> None:
    """A stranger, whoever did not send it herself, a machine: the message goes on, and says nothing of a copy."""
    async with rig() as gateway:
        gateway.judge.origin, gateway.judge.copy_to = origin, (OFFICE,)
        assert (await gateway.send(message(extra=extra), MEMBERS, sender=sender))[0] == 250
        assert gateway.cases.drafts == []
        assert [field(sent.data) for sent in gateway.news.messages] == [None]
        assert gateway.count("copies_total", outcome="untold") == 1


async def test_an_internal_matter_is_copied_to_no_mailbox_outside() -> None:
    """Whatever the policy says."""
    async with rig() as gateway:
        gateway.judge.copy_to = (OFFICE, AGENCY)
        assert (await gateway.send(message(), BOARD))[0] == 250
        (draft,) = gateway.cases.drafts
        assert draft.envelope.recipients == (OFFICE,)
        assert [field(sent.data) for sent in gateway.board.messages] == [f"a copy goes to {OFFICE}"]
        gateway.judge.copy_to = (AGENCY,)
        assert (await gateway.send(message(message_id="<two@home.example>"), BOARD))[0] == 250
        assert len(gateway.cases.drafts) == 1
        assert gateway.count("copies_total", outcome="withheld") == 1


async def test_its_author_gets_no_copy() -> None:
    """She has the message."""
    async with rig() as gateway:
        gateway.judge.copy_to = (SENDER,)
        assert (await gateway.send(message(), MEMBERS))[0] == 250
        assert gateway.cases.drafts == []
        assert [field(sent.data) for sent in gateway.news.messages] == [None]


async def test_nobody_else_says_that_we_copy() -> None:
    """A field that came with the message is taken out, unless it is signed; ordinary mail gets none."""
    async with rig() as gateway:
        forged = "X-Listward-Copy: a copy goes to boss@party.example\r\n"
        await gateway.send(message(extra=forged), MEMBERS)
        gateway.judge.signed = frozenset({"x-listward-copy"})
        await gateway.send(message(extra=forged, message_id="<two@home.example>"), MEMBERS)
        assert [field(sent.data) is None for sent in gateway.news.messages] == [True, False]
