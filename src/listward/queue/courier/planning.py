"""What comes after one try of a release: pure. Errors are temporary by default; after a day people decide again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from listward.config.site import Site
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import COURIER
from listward.wire.envelope import Envelope, Recipient
from listward.wire.outcome import Delivery

FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 1800.0
GIVE_UP_S = 86_400.0
UNKNOWN_NOTE = "It is not known whether the list server took it. It is sent again; a second copy is possible."
UNKNOWN_TWICE = "The list server's answer was lost twice. It may have been delivered; a person decides."
UNKNOWN_LATE = "The list server's answer was lost. It may have been delivered; a person decides."
MAYBE = " An earlier try may have delivered it."


@dataclass(frozen=True, slots=True)
class Tally:
    """One try's outcomes. `lost` recipients may have the message although no answer came."""

    delivered: tuple[str, ...]
    temporary: tuple[str, ...]
    permanent: tuple[str, ...]
    lost: tuple[str, ...]
    answer: str


def tally(deliveries: Mapping[str, Delivery]) -> Tally:
    """Sort the outcomes. What is neither delivered nor refused for good is tried again."""
    done = tuple(address for address, outcome in deliveries.items() if outcome.delivered)
    lost = tuple(address for address, outcome in deliveries.items() if outcome.lost)
    refused = tuple(
        address for address, outcome in deliveries.items() if outcome.reply.permanent and address not in lost
    )
    rest = tuple(address for address in deliveries if address not in {*done, *refused})
    worst = next((deliveries[address] for address in (*refused, *rest)), None)
    return Tally(done, rest, refused, lost, answer_of(worst) if worst else "")


def answer_of(outcome: Delivery) -> str:
    """Return a hop's answer in one printable line of at most 200 characters."""
    text = f"{outcome.reply.code} {outcome.reply.enhanced} {outcome.reply.text}"
    return "".join(character if character.isprintable() else " " for character in " ".join(text.split()))[:200]


def after_try(case: Case, result: Tally, now: float) -> Command:
    """Return what the courier does with the case after one try."""
    if not result.temporary and not result.permanent:
        return Command(Verb.DELIVERED, COURIER, now)
    maybe = MAYBE if case.unknowns else ""
    if not result.temporary:
        return failure(f"The list server refused it: {result.answer}{maybe}", now)
    if result.lost:
        return after_unknown(case, now, pause(case.attempts))
    if _over(case, now):
        return failure(f"The list server did not take it for a day. Its last answer: {result.answer}{maybe}", now)
    return retry(f"The list server did not take it yet: {result.answer}", now, pause(case.attempts))


def after_unknown(case: Case, now: float, pause_s: float) -> Command:
    """Return what follows a try whose outcome nobody knows: one more try a release, then people decide."""
    if case.unknowns or _over(case, now):
        return failure(UNKNOWN_TWICE if case.unknowns else UNKNOWN_LATE, now)
    return replace(retry(UNKNOWN_NOTE, now, pause_s), unknown=True)


def _over(case: Case, now: float) -> bool:
    return now - (case.ruling.at if case.ruling else case.changed_at) > GIVE_UP_S


def retry(note: str, now: float, pause_s: float) -> Command:
    """Return the command that plans another try."""
    return Command(Verb.RETRY, COURIER, now, deliver_after=now + pause_s, note=note)


def failure(note: str, now: float) -> Command:
    """Return the command that gives the case back to people."""
    return Command(Verb.FAILED, COURIER, now, note=note)


def pause(attempts: int) -> float:
    """Return the seconds until the next try: half a minute, doubled each time, half an hour at most."""
    return min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(16, max(0, attempts - 1)))


def hop_for(draft: CaseDraft, site: Site) -> str:
    """Return the next hop to deliver to: where it was bound for, as that is configured now; else the list's own.

    A copy goes the way of notices, to an office, never to the list.
    """
    if draft.is_copy:
        return site.notices.next_hop
    present = [entry.next_hop for entry in site.lists]
    if site.egress is not None:
        present += [site.egress.next_hop, site.egress.internal_next_hop]
    servers = set(draft.next_hop.split())
    same = [hop for hop in present if hop == draft.next_hop] or [hop for hop in present if servers & set(hop.split())]
    entry = site.list_for(draft.list)
    return same[0] if same else entry.next_hop if entry is not None else draft.next_hop


def envelope_of(draft: CaseDraft) -> Envelope:
    """Return the envelope as it came, parameters and all."""
    stored = draft.envelope
    missing = len(stored.recipients) - len(stored.recipient_parameters)
    parameters = (*stored.recipient_parameters, *([()] * missing))
    recipients = tuple(Recipient(*pair) for pair in zip(stored.recipients, parameters, strict=False))
    return Envelope(stored.sender, recipients, stored.parameters)
