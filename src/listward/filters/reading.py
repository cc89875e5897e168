"""Reads one message: parses it and runs every reader. Pure, so that it can run where it may be killed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from listward.filters.content import payments, solicitation, wording
from listward.filters.content.manner import Manner, manner_of
from listward.filters.content.readers import READERS
from listward.filters.context import Context, Reader
from listward.filters.findings import Finding, Scores
from listward.filters.guard import Guard
from listward.filters.identity.arc import NO_CHAIN
from listward.filters.identity.arc_evidence import read_chain
from listward.filters.identity.claims import Claims, claims_of
from listward.filters.identity.domains import domain_of
from listward.filters.identity.evidence import signatures_in
from listward.filters.identity.signatures import Signature
from listward.filters.identity.source import Source
from listward.filters.judgement import MessageFacts
from listward.filters.learner import SpamModel
from listward.filters.message.facts import facts
from listward.filters.message.message import Message
from listward.filters.routing import cues, labels, marks
from listward.filters.routing.loops import Way, way_of
from listward.filters.thin import tempered

ROUTING_READERS: tuple[tuple[str, Reader], ...] = (("internal-mark", marks.check), ("internal-label", labels.check))
ALL_READERS = (*READERS, *ROUTING_READERS)
FILTERS = (
    *(name for name, _ in ALL_READERS),
    "solicitation-score",
    "spam-model",
    "internal-score",
    "dkim",
    "arc",
    "claims",
    "way",
    "facts",
    "manner",
    "reader",
    "other",
)
UNSIGNED: tuple[Signature, ...] = ()
NOWHERE = Way()
NO_APPEAL: solicitation.Appeal | None = None
NO_MANNER = Manner()
NO_FACTS = MessageFacts("", "", "", "", 0, False, False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, as plain values: no octet of the message is needed any more.

    `claims` is what the header says of author and recipients, `way` where the message has been. `failures` are the
    checks that broke, `seconds` is what each took.
    """

    facts: MessageFacts
    findings: tuple[Finding, ...]
    scores: Scores
    claims: Claims
    way: Way = NOWHERE
    failures: tuple[str, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()


def prepare(context: Context) -> None:
    """Make ready what messages are compared with: of long lists it takes longer than reading one message may."""
    wording.prepare(context)
    payments.prepare(context.payees)


def read(
    message: Message,
    at: float,
    context: Context,
    model: SpamModel,
    readers: Iterable[tuple[str, Reader]] = ALL_READERS,
    *,
    prove: bool = True,
    inside: bool = False,
) -> Reading:
    """Read a message that came `at` (Unix seconds). A check that breaks becomes a finding, and the others go on.

    Without `prove` its signatures are left unread; so are those of what one of ours sends from `inside`.
    """
    guard = Guard()
    appeal = guard.value("solicitation", lambda: solicitation.read(message, context), NO_APPEAL)
    findings = [
        finding for name, reader in readers for finding in guard.run(name, _knowing(appeal, reader), message, context)
    ]
    scores = _scores(message, model, guard, appeal, marked=any(finding.rule == marks.RULE for finding in findings))
    claims = guard.value("claims", lambda: claims_of(message, context.reporters), Claims())
    if prove and not (inside and _is_one_of_ours(claims.author, context)):
        source = Source.of(message.raw)
        signatures = guard.value("dkim", lambda: signatures_in(source, at), UNSIGNED)
        claims = replace(
            claims, signatures=signatures, chain=guard.value("arc", lambda: read_chain(source, at), NO_CHAIN)
        )
    way = guard.value("way", lambda: way_of(message), NOWHERE)
    folded = appeal.text if appeal and appeal.view.name == "own_text" else None
    manner = guard.value("manner", lambda: manner_of(message, context, folded), NO_MANNER)
    known = guard.value("facts", lambda: facts(message), NO_FACTS)
    known = replace(known, payees=manner.payees, language=manner.language)
    return Reading(
        known, (*findings, *guard.findings), scores, claims, way, tuple(guard.failures), tuple(guard.seconds)
    )


def _is_one_of_ours(author: str, context: Context) -> bool:
    """Whether an author proves itself by coming from inside, as `origins.inside_proof` says of the same message."""
    return author not in context.roles and domain_of(author) in context.domains | context.internal_domains


def _scores(
    message: Message, model: SpamModel, guard: Guard, appeal: solicitation.Appeal | None, *, marked: bool
) -> Scores:
    return Scores(
        spam=guard.value("spam-model", lambda: tempered(model.score_message(message), message), 0.0),
        solicitation=appeal.score if appeal else 0.0,
        internal=guard.value("internal-score", lambda: cues.score(message.subject, message.visible_text, marked), 0.0),
    )


def _knowing(appeal: solicitation.Appeal | None, reader: Reader) -> Reader:
    """The reader; for that of appeals one that words what is known, since weighing is dear and has been done."""
    if reader is not solicitation.check:
        return reader
    return lambda message, context: solicitation.findings_of(appeal) if appeal else ()
