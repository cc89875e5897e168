"""Reads one message: parses it and runs every reader. Pure and picklable, so that it can run where it may be killed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from listward.filters.content import solicitation
from listward.filters.content.readers import READERS
from listward.filters.context import Context, Reader
from listward.filters.findings import Finding, Scores
from listward.filters.guard import Guard
from listward.filters.judgement import MessageFacts
from listward.filters.learner import SpamModel
from listward.filters.message.facts import facts
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.filters.routing import cues, labels, marks
from listward.filters.thin import tempered
from listward.filters.transaction import Transaction

ROUTING_READERS: tuple[tuple[str, Reader], ...] = (("internal-mark", marks.check), ("internal-label", labels.check))
ALL_READERS = (*READERS, *ROUTING_READERS)
FILTERS = (*(name for name, _ in ALL_READERS), "solicitation-score", "spam-model", "internal-score")
NOBODY: tuple[str, ...] = ()
NO_APPEAL: solicitation.Appeal | None = None
NO_FACTS = MessageFacts("", "", "", "", 0, False, False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `named` are the addresses of To and Cc; `failures` are the readers that broke.

    `seconds` is what each took. `message` is what proving the author needs; it holds the raw bytes.
    """

    message: Message = field(repr=False)
    facts: MessageFacts
    findings: tuple[Finding, ...]
    scores: Scores
    named: tuple[str, ...]
    failures: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()


def read(
    transaction: Transaction,
    context: Context,
    model: SpamModel,
    readers: Iterable[tuple[str, Reader]] = ALL_READERS,
    message: Message | None = None,
) -> Reading:
    """Read the message of a transaction. A reader that breaks becomes a finding, and the others go on."""
    message = message or parse_message(transaction.raw)
    guard = Guard()
    appeal = guard.value("solicitation", lambda: solicitation.read(message, context), NO_APPEAL)
    findings = [
        finding for name, reader in readers for finding in guard.run(name, _knowing(appeal, reader), message, context)
    ]
    marked = any(finding.rule == marks.RULE for finding in findings)
    scores = Scores(
        spam=guard.value("spam-model", lambda: tempered(model.score_message(message), message), 0.0),
        solicitation=appeal.score if appeal else 0.0,
        internal=guard.value("internal-score", lambda: cues.score(message.subject, message.visible_text, marked), 0.0),
    )
    named: tuple[str, ...] = guard.value("addresses", lambda: _named(message), NOBODY)
    known = guard.value("facts", lambda: facts(message), NO_FACTS)
    return Reading(
        message, known, (*findings, *guard.findings), scores, named, tuple(guard.failures), tuple(guard.seconds)
    )


def _knowing(appeal: solicitation.Appeal | None, reader: Reader) -> Reader:
    """The reader; for that of appeals one that words what is known, since weighing is dear and has been done."""
    if reader is not solicitation.check:
        return reader
    return lambda message, context: solicitation.findings_of(appeal) if appeal else ()


def _named(message: Message) -> tuple[str, ...]:
    return tuple(mailbox.address for mailbox in (*message.to_mailboxes, *message.cc_mailboxes))
