"""Which cases are strangers' likely spam, and in which order the others are looked at."""

from collections.abc import Iterable

from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.spam import is_likely_spam


def in_bundle(draft: CaseDraft, rosters: Rosters | None = None, lists: Iterable[str] = ()) -> bool:
    """Whether a case may be decided in one touch with others: a stranger's likely spam, whether or not it is proven.

    Never a member's message, also not one that only seems to be a member's or a member's of another of the `lists`,
    and never an internal matter.
    """
    if draft.internal or draft.proven_member or not is_likely_spam(draft):
        return False
    return not of_roster(draft, rosters) and not any(_finds(rosters, address, draft) for address in lists)


def of_any_roster(draft: CaseDraft, rosters: Rosters | None, lists: Iterable[str]) -> bool:
    """Whether the author's address stands in one of these lists' rosters: an office has none of its own."""
    return bool(draft.role) or any(_finds(rosters, address, draft) for address in lists)


def of_roster(draft: CaseDraft, rosters: Rosters | None) -> bool:
    """Whether the author's address stands in the list's roster, proven or not; yes where the roster is away."""
    return bool(draft.role) or _finds(rosters, draft.list, draft)


def _finds(rosters: Rosters | None, list_address: str, draft: CaseDraft) -> bool:
    if rosters is None or not draft.author:
        return False
    try:
        return rosters.find(list_address, draft.author) is not None
    except ProbeUnavailable:
        return True


def order(case: Case, rosters: Rosters | None = None) -> tuple[int, float]:
    """Where a case stands in its queue: unproven people of the roster, members, known, strangers; each oldest first.

    What its supposed author has disowned is a stranger's.
    """
    draft = case.draft
    if not draft.authenticated:
        rank = 0 if of_roster(draft, rosters) and not case.denied else 3
    else:
        rank = 1 if draft.origin in {"internal", "member"} else 2
    return rank, draft.received_at
