"""Who may be asked whether a message is theirs: people of the roster whose address the mail does not prove."""

from listward.config.site import Site
from listward.filters.identity.origin import Role
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.spam import is_likely_spam
from listward.queue.cases.transitions import OPEN
from listward.queue.notices.eligible import is_automatic, is_person
from listward.queue.notices.offices import is_to_office


def may_be_asked(case: Case, body: bytes | None, site: Site, rosters: Rosters | None) -> bool:
    """Whether the person with the author's address is asked. `body` is None where the message's text is gone already.

    Nobody is asked about a machine's mail, a list's, a bounce, likely spam or an internal matter.
    """
    if case.state not in OPEN or case.answer is not None or is_likely_spam(case.draft):
        return False
    if roster_entry(case, site, rosters) is None or not case.draft.envelope.sender:
        return False
    return body is not None and not is_automatic(body)


def roster_entry(case: Case, site: Site, rosters: Rosters | None) -> RosterEntry | None:
    """The roster's entry of an author whom nothing proves, where that person may write to the list; else None.

    Forged mail is nobody's: its author's own domain says so. What was disowned is a stranger's.
    """
    draft = case.draft
    if draft.origin != "unproven" or case.denied or rosters is None or not _is_plain(draft, site):
        return None
    try:
        entry = rosters.find(draft.list, draft.author)
    except ProbeUnavailable:
        return None
    return entry if entry is not None and entry.role is not Role.BANNED else None


def _is_plain(draft: CaseDraft, site: Site) -> bool:
    """Whether the message is an ordinary post by an address that a person can have: no internal matter, no office's."""
    mailing_list = site.list_for(draft.list)
    if mailing_list is None or mailing_list.zone == "internal" or draft.internal or is_to_office(draft):
        return False
    return is_person(draft.author, site)
