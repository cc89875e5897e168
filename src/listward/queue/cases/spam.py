"""Which messages are likely spam by what was found in them: pure."""

from listward.queue.cases.case import CaseDraft

LIKELY = 0.9  # below it too much of what is innocent stands among the junk
_CATEGORIES = {"spam", "junk", "bulk"}


def is_likely_spam(draft: CaseDraft) -> bool:
    """Whether it is likely spam. Who proves an address is spared unless the text itself is junk by its score."""
    found = not draft.authenticated and any(reason.category in _CATEGORIES for reason in draft.reasons)
    return found or draft.spam_score >= LIKELY
