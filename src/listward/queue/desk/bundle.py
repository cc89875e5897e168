"""Which cases are strangers' likely spam, and in which order the others are looked at."""

from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.cases.case import Case, CaseDraft

LIKELY = 0.5
_SPAM_CATEGORIES = {"spam", "junk", "bulk"}


def in_bundle(draft: CaseDraft, rosters: Rosters | None = None) -> bool:
    """Whether a case may be decided in one touch with others: a stranger's, unproven, likely spam.

    Never a member's message, also not one that only seems to be a member's, and never an internal matter.
    """
    if draft.authenticated or draft.internal or of_roster(draft, rosters):
        return False
    return draft.spam_score >= LIKELY or any(reason.category in _SPAM_CATEGORIES for reason in draft.reasons)


def of_roster(draft: CaseDraft, rosters: Rosters | None) -> bool:
    """Whether the author's address stands in the list's roster, proven or not; yes where the roster is away."""
    if draft.role or rosters is None or not draft.author:
        return bool(draft.role)
    try:
        return rosters.find(draft.list, draft.author) is not None
    except ProbeUnavailable:
        return True


def order(case: Case, rosters: Rosters | None = None) -> tuple[int, float]:
    """Where a case stands in its queue: unproven people of the roster, members, known, strangers; each oldest first."""
    draft = case.draft
    if not draft.authenticated:
        rank = 0 if of_roster(draft, rosters) else 3
    else:
        rank = 1 if draft.origin in {"internal", "member"} else 2
    return rank, draft.received_at
