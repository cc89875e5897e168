"""A name that only looks like posing: nothing proves the address, and the roster has this very name for it."""

from collections.abc import Iterable

from listward.config.site import Site
from listward.filters.identity.names import words_of
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.queue.cases.case import Case, CaseDraft, Reason
from listward.queue.cases.transitions import CONFIRMED
from listward.queue.notices.asked import roster_entry

POSING = "posing"  # the findings' category, and the shipped rule that holds them
_NAME = "display-name-poses"


def is_own_name(draft: CaseDraft, entry: RosterEntry | None) -> bool:
    """Whether the one thing that is said to pose is the name that the roster has for the author's address.

    The gateway must not tell members from strangers before the address is proven, so it finds the same of both. A
    moderator of the list may know, and shall not read that a member posed as herself.
    """
    posing = [reason for reason in draft.reasons if reason.category == POSING]
    if entry is None or not posing or not words_of(entry.name):
        return False
    return all(reason.rule == _NAME and words_of(reason.quote) == words_of(entry.name) for reason in posing)


def fair_reasons(case: Case, site: Site, rosters: Rosters | None) -> tuple[Reason, ...]:
    """Why a case was held, but not that a member posed as herself."""
    own = is_own_name(case.draft, _member(case, site, rosters))
    return _without_posing(case.draft.reasons) if own else case.draft.reasons


def _member(case: Case, site: Site, rosters: Rosters | None) -> RosterEntry | None:
    """The member whose message it is as far as anybody knows: not yet proven, or confirmed by her."""
    if case.draft.basis != CONFIRMED or rosters is None:
        return roster_entry(case, site, rosters)
    try:
        return rosters.find(case.draft.list, case.draft.author)
    except ProbeUnavailable:
        return None


def _without_posing(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons but those that speak of posing."""
    return tuple(reason for reason in reasons if POSING not in {reason.rule, reason.category})
