"""Copies that rules send to an office: of what its list has taken, never without its author being told.

The list does not wait for a copy: it is kept in the store once the list has the message, and the courier sends it.
"""

import hashlib
import time
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace

from listward.config.site import Site
from listward.filters.judgement import Judgement, RecipientVerdict
from listward.filters.policy.bounds import OURS
from listward.gateway.course import Course
from listward.gateway.decide import Decision, queues_of
from listward.gateway.drafts import is_internal
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace import fields
from listward.gateway.trace.facts import Facts
from listward.gateway.trace.stamp import Cleaned
from listward.queue.cases.case import CaseDraft, CopyTo
from listward.queue.cases.copies import copy_of, may_get
from listward.queue.notices.eligible import can_be_told, is_automatic
from listward.queue.store.copying import keep_copy
from listward.wire import headers
from listward.wire.payload import Payload

FIELD = "X-Listward-Copy"


@dataclass(frozen=True)
class Copies:
    """Keeps copies for the courier to send."""

    services: Services
    site: Site

    async def keep(self, draft: CaseDraft, data: Payload) -> None:
        """Keep each copy of a message once. Raises StoreUnavailable, HeldLimit."""
        for copy in draft.copies:
            made = copy_of(draft, copy, self.site)
            if made is None:
                self.services.metrics.copies.labels("withheld").inc()
            elif await keep_copy(self.services.cases, self.services.ledger, made, data, time.time()):
                self.services.metrics.copies.labels("kept").inc()


def with_copies(
    decision: Decision, arrival: Arrival, cleaned: Cleaned, snapshot: Snapshot, services: Services
) -> Decision:
    """Return the decision with who gets a copy. Whoever cannot be told of it is not copied: a machine, a stranger."""
    if not any(_asking(course.verdict) for course in decision.courses):
        return decision
    if not _may_be_told(decision, arrival, cleaned, snapshot.site):
        services.metrics.copies.labels("untold").inc()
        return decision
    courses = [_with_copies(course, decision.judgement, cleaned.facts, snapshot) for course in decision.courses]
    if not any(course.copies for course in courses):
        services.metrics.copies.labels("withheld").inc()
    return replace(decision, courses=tuple(courses))


def copy_field(courses: Iterable[Course]) -> bytes:
    """Return the field by which the message says who gets a copy of it, b"" where nobody does."""
    to = dict.fromkeys(address for course in courses for copy in course.copies for address in copy.to)
    return headers.field(FIELD, f"a copy goes to {', '.join(to)}") if to else b""


def without_copy_field(header: bytes, signed: Container[str]) -> bytes:
    """Return the header without such a field that somebody else has written; a signed one stays."""
    name = FIELD.lower()
    return (
        header if name in signed or name.encode() not in header.lower() else fields.without_all(header, FIELD.encode())
    )


def _asking(verdict: RecipientVerdict | None) -> bool:
    return verdict is not None and any(outcome.copy_to for outcome in verdict.outcomes)


def _may_be_told(decision: Decision, arrival: Arrival, cleaned: Cleaned, site: Site) -> bool:
    judgement = decision.judgement
    if judgement is None or not judgement.origin.kind.authenticated:
        return False
    author, ours = judgement.origin.address, judgement.origin.kind in OURS
    told = can_be_told(author, arrival.envelope.sender, ours, site)
    return told and not is_automatic(cleaned.header + b"\r\n")


def _with_copies(course: Course, judgement: Judgement | None, facts: Facts, snapshot: Snapshot) -> Course:
    verdict = course.verdict
    if verdict is None or not verdict.origin.kind.authenticated:
        return course
    internal = is_internal(judgement, course.target)
    copies = tuple(_copies(verdict, facts, lambda address: may_get(address, internal, snapshot.site)))
    return replace(course, copies=copies, queues=course.queues or queues_of(snapshot, course.target))


def _copies(verdict: RecipientVerdict, facts: Facts, may_get: Callable[[str], bool]) -> Iterator[CopyTo]:
    """One for each rule; who gets a copy by two rules gets it by the first. The author has the message."""
    given = {verdict.origin.address.lower()}
    for outcome in verdict.outcomes:
        to = tuple(address for address in outcome.copy_to if address not in given and may_get(address))
        given.update(to)
        if to:
            yield CopyTo(outcome.rule, to, _key(outcome.rule, to, facts), outcome.clause, outcome.words)


def _key(rule: str, to: tuple[str, ...], facts: Facts) -> str:
    """The ledger key of one copy: the same for every list that the message went to."""
    words = "\0".join((rule, *to, facts.author, facts.message_id, facts.digest))
    return f"{hashlib.sha256(words.encode(errors='surrogatepass')).hexdigest()}:copy"
