"""Moderators are reminded of members who wait because their address cannot be proven; of others not by mail."""

from collections.abc import Iterable
from typing import Any

import pytest
from answering_world import SECRET, AnasRosters, unproven, unproven_body
from memory_cases import START, draft
from notices_world import Post, sentences

from listward.queue.cases.case import Answer, CaseDraft, Said
from listward.queue.cases.commands import Command, Verb
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.notices.reminders import Reminders
from listward.queue.store.ports import Event
from listward.runtime.maillog import MailLog
from listward.wire.payload import Payload
from listward.wire.reply import Reply


async def people(queues: Iterable[str]) -> tuple[str, ...]:
    """Two moderators; one stands in the configuration with an address that is none."""
    return ("mod@party.example", "mod2@party.example", "not an address") if "moderators" in tuple(queues) else ()


async def remind(post: Post, held: CaseDraft, *commands: Command, rosters: Any = None) -> None:
    """A day has gone by."""
    case = await post.cases.hold(held, Payload(unproven_body()))
    for command in commands:
        case = await post.cases.apply(case.number, case.version, command)
    posting = Posting(post.site, post.pool, post.metrics, MailLog(b"k", post.log, post.clock))  # type: ignore[arg-type]  # as in Post
    reminders = Reminders(post.configuration, posting, people, rosters or AnasRosters())
    event = Event("9", case.draft.list, case.number, "remind", case.version, START + 86_400, "courier")
    await reminders.on_event(event, case)


async def test_the_queues_people_are_reminded(post: Post) -> None:
    """Each by a letter of their own, with list, case and a link, and nothing of the message."""
    await remind(post, unproven())
    assert [envelope.addresses for envelope, _ in post.pool.sent] == [("mod@party.example",), ("mod2@party.example",)]
    assert len({mail["Message-ID"] for mail in post.pool.mails}) == 2
    for mail, text in zip(post.pool.mails, post.pool.texts, strict=True):
        assert SECRET not in f"{mail['Subject']} {text}"
        assert "https://lists.party.example/cases/10008" in text
        assert "most often it is genuine" in text
        assert all(len(sentence.split()) <= 20 for sentence in sentences(text))
    assert post.counted()["remind", "sent"] == 2


@pytest.mark.parametrize(
    ("held", "commands"),
    [
        (draft(), ()),
        (unproven(author="kim@home.example"), ()),
        (unproven(internal=True), ()),
        (unproven(queues=("international",)), ()),
        (unproven(), (Command(Verb.REJECT, "mod@party.example", START, clause="A 7.3", sentence="No."),)),
        (unproven(), (Command(Verb.DENY, "ana@home.example", START, answer=Answer(Said.NOT_HERS, START)),)),
    ],
)
async def test_of_others_nobody_is_reminded(post: Post, held: CaseDraft, commands: tuple[Command, ...]) -> None:
    """Proven members, strangers, internal matters, other queues, what was decided or disowned."""
    await remind(post, held, *commands)
    assert post.pool.sent == []


async def test_a_reminder_that_does_not_get_out_is_tried_again(post: Post) -> None:
    """The courier keeps the event."""
    post.pool.reply = Reply(451, "4.3.0", "Later")
    with pytest.raises(NotYetTold):
        await remind(post, unproven())
