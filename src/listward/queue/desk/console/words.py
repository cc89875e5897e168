"""The console's words for what the product knows by short names."""

from listward.queue.cases.case import Case, CaseDraft, CaseState
from listward.queue.cases.transitions import CONFIRMED
from listward.queue.notices.offices import is_to_office

ORIGINS = {
    "internal": ("Internal", "It came through the organisation's own mail service."),
    "member": ("Member", "The author is on the list's roster. The mail proves the address."),
    "known": ("Not a member", "The mail proves the address. It is not on the list's roster."),
    "unproven": ("Stranger", "Nothing proves that the address is the author's."),
    "forged": ("Not from them", "The address's owner says that mail like this is not theirs."),
}
BY_BASIS = {
    "vouched": (
        "Member",
        "On the roster. Nothing proves it, but somebody vouched for the way this mail came.",
    ),
    CONFIRMED: ("Member", "On the roster. The mail does not prove it, but the person has confirmed that it is hers."),
    "no-author": ("Nobody named", "The message does not name exactly one author."),
}
DISOWNED = ("Not from them", "The person with this address says that the message is not hers.")
OF_ROSTER = ("Member?", "The address is on the roster, but the mail does not prove it. Most often it is genuine.")

STATES = {
    CaseState.HELD: "Waiting",
    CaseState.CLAIMED: "Being looked at",
    CaseState.RELEASED: "Released",
    CaseState.DELIVERING: "Being sent",
    CaseState.DELIVERED: "Sent to the list",
    CaseState.REJECTED: "Rejected",
    CaseState.DISCARDED: "Discarded",
    CaseState.WITHDRAWN: "Taken back by its author",
    CaseState.EXPIRED: "Expired",
}


def origin_words(draft: CaseDraft, of_roster: bool) -> tuple[str, str]:
    """A short label and one sentence on who wrote this and how sure we are."""
    if of_roster and not draft.authenticated:
        return OF_ROSTER
    if of_roster and is_to_office(draft):
        return ORIGINS["member"]
    return BY_BASIS.get(draft.basis) or ORIGINS.get(draft.origin, ORIGINS["unproven"])


def state_words(case: Case) -> str:
    """Where a case stands."""
    if case.state is CaseState.HELD and case.failure:
        return "Could not be delivered"
    if case.state is CaseState.DISCARDED and is_to_office(case.draft):
        return "Done"
    return STATES.get(case.state, case.state.value.capitalize())


def ruling_words(case: Case) -> str:
    """Who decided, in one sentence; "" where nobody has."""
    verbs = {
        "release": "released it",
        "reject": "rejected it",
        "discard": "discarded it",
        "undo": "took the release back",
        "escalate": "passed it on",
        "expire": "let it expire",
        "confirm": "confirmed that it is hers",
    }
    if case.ruling is None or case.ruling.verb not in verbs:
        return ""
    if case.ruling.verb == "discard" and is_to_office(case.draft):
        return f"{case.ruling.by} marked it as done"
    return f"{case.ruling.by} {verbs[case.ruling.verb]}"
