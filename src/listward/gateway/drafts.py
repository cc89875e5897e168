"""From a message that is to be held to the case that moderators will see."""

from collections.abc import Sequence
from dataclasses import dataclass

from listward.config.site import Site
from listward.filters.identity.habits import post_of
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.identity.paths import confirmed
from listward.filters.identity.standing import Post
from listward.filters.identity.told import reasons
from listward.filters.judgement import Judgement
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.gateway.course import Course
from listward.gateway.session.door import Arrival
from listward.gateway.trace import fields
from listward.gateway.trace.stamp import Cleaned
from listward.queue.cases.case import CaseDraft, Reason, StoredEnvelope

FIRST_LINES = 400
MODERATORS = "moderators"
SECRETARY = "secretary"


@dataclass(frozen=True, slots=True)
class Drafter:
    """Makes drafts for one message. `judgement` is None where nobody could judge it.

    `together` names the one case of all recipients (the way out, where they are subscribers of one list); "" makes a
    case for each recipient. `home` is the list of cases that no list is known for;
    `own_queues` see the mail to the organisation's own addresses.
    """

    arrival: Arrival
    cleaned: Cleaned
    judgement: Judgement | None
    policy_hash: str
    together: str = ""
    home: str = ""
    own_queues: tuple[str, ...] = (MODERATORS,)

    def groups(self, courses: Sequence[Course]) -> list[tuple[Course, ...]]:
        """Return which courses share a case."""
        if not self.together:
            return [(course,) for course in courses]
        hops = dict.fromkeys(course.target.next_hop for course in courses)
        return [tuple(course for course in courses if course.target.next_hop == hop) for hop in hops]

    def draft(self, group: tuple[Course, ...], linked: tuple[str, ...], more: tuple[Reason, ...] = ()) -> CaseDraft:
        """Return the draft of one case; `more` are reasons that arose while acting."""
        course = group[0]
        author, name, subject, first_lines = self._people()
        origin = course.verdict.origin if course.verdict is not None else None
        kind = origin.kind if origin is not None else OriginKind.UNPROVEN
        target = course.target
        return CaseDraft(
            list=list_of(target, self.home),
            message_id=self.cleaned.facts.message_id,
            author=author,
            author_name=name,
            origin=kind.value,
            authenticated=kind.authenticated,
            role=origin.role.value if origin is not None and origin.role is not None else "",
            subject=subject,
            first_lines=first_lines,
            size=len(self.arrival.content),
            envelope=self._envelope(tuple(member.address for member in group)),
            next_hop=target.next_hop,
            queues=self.own_queues if target.kind is Kind.OWN else course.queues or (MODERATORS,),
            reasons=(*course.reasons, *more),
            received_at=self.arrival.at,
            ledger_key=f"{self.together} {target.next_hop}" if self.together else course.key,
            policy_hash=self.policy_hash,
            spam_score=self.judgement.scores.spam if self.judgement is not None else 0.0,
            internal=is_internal(self.judgement, target),
            copies=course.copies,
            linked=linked,
            basis=origin.basis.value if origin is not None else "",
            grounds=self._grounds(origin),
            post=self._post(target, origin),
            paths=self.judgement.paths if self.judgement is not None and kind is OriginKind.UNPROVEN else (),
        )

    def _post(self, target: Target, origin: Origin | None) -> Post | None:
        """What a post of somebody in the roster makes usual, should it be released."""
        if self.judgement is None or origin is None or target.kind is not Kind.POST:
            return None
        if not origin.kind.authenticated or origin.role is None:
            return None
        paths = confirmed(self.judgement.authentication, self.arrival.envelope.sender)
        return post_of(origin.address, paths, self.judgement.facts)

    def _grounds(self, origin: Origin | None) -> tuple[str, ...]:
        """Who wrote it, and how sure are we, in sentences."""
        if origin is None or self.judgement is None:
            return ()
        return reasons(origin, self.judgement.authentication)

    def _envelope(self, addresses: tuple[str, ...]) -> StoredEnvelope:
        part = self.arrival.envelope.only(addresses)
        parameters = tuple(recipient.parameters for recipient in part.recipients)
        return StoredEnvelope(part.sender, part.addresses, part.parameters, parameters)

    def _people(self) -> tuple[str, str, str, str]:
        """Return author, display name, subject and first lines. Where no reader got through, as little as is sure."""
        if self.judgement is None:
            subject = fields.unfolded(fields.first(self.cleaned.header, b"Subject"))
            return "", "", subject[:FIRST_LINES], ""
        facts = self.judgement.facts
        return self.judgement.origin.address, facts.author_name, facts.subject, facts.text[:FIRST_LINES]


def is_internal(judgement: Judgement | None, target: Target) -> bool:
    """Whether it is an internal matter. That an address of ours lies inside makes no stranger's mail one."""
    if judgement is None:
        return target.zone is Zone.INTERNAL and target.kind is not Kind.OWN
    marked = any(finding.category == "internal" for finding in judgement.findings)
    targets = (verdict.target for verdict in judgement.recipients)
    return marked or any(each.zone is Zone.INTERNAL and each.kind is not Kind.OWN for each in targets)


def list_of(target: Target, home: str = "") -> str:
    """Return the list that a recipient's case is written to; `home` where no list is known."""
    return target.list or home or own_address(target)


def own_address(target: Target) -> str:
    """The address as configured: what a stranger writes behind a plus must not make a list of its own."""
    local, _, domain = target.address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def own_queues(site: Site) -> tuple[str, ...]:
    """Who sees the mail to the organisation's own addresses: the secretary, else the moderators."""
    return (SECRETARY,) if site.queue_named(SECRETARY) is not None else (MODERATORS,)
