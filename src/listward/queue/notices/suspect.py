"""Cases that somebody else may have written with the author's own account."""

from listward.filters.identity.freezing import FROZEN
from listward.filters.identity.habits import HIJACK
from listward.queue.cases.case import CaseDraft

SUSPECT = frozenset({FROZEN, HIJACK})


def is_suspect(draft: CaseDraft) -> bool:
    """Whether signs of a stolen account, or its freeze, are among the reasons of a proven author's case."""
    return draft.authenticated and any(reason.rule in SUSPECT for reason in draft.reasons)
