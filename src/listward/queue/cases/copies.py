"""Copies that a rule sends to an office: of what has gone to its list, each a case that nobody rules on. Pure."""

from dataclasses import replace

from listward.config.site import Site
from listward.filters.routing.zones import is_inside
from listward.queue.cases.case import CaseDraft, CopyTo, Reason, StoredEnvelope

CATEGORY = "copy"
SAYS = Reason("copy", CATEGORY, "", "This is a copy for an office. The message itself has gone to the list.")
_KEPT = ("BODY=", "SMTPUTF8")  # what the octets need on their way; the rest is between the author and the list


def may_get(address: str, internal: bool, site: Site) -> bool:
    """Whether a mailbox may get a copy: of an internal matter one inside alone."""
    return not internal or is_inside(address, site)


def copy_of(draft: CaseDraft, copy: CopyTo, site: Site) -> CaseDraft | None:
    """Return the draft of a copy; None where nobody may get it: an internal matter goes to no mailbox outside.

    The null envelope sender keeps its way back from the author, who has sent nothing there (RFC 3834 section 3.3).
    """
    to = tuple(address for address in copy.to if may_get(address, draft.internal, site))
    if not to:
        return None
    parameters = tuple(each for each in draft.envelope.parameters if each.upper().startswith(_KEPT))
    return replace(
        draft,
        envelope=StoredEnvelope("", to, parameters),
        next_hop=site.notices.next_hop,
        queues=draft.queues[:1],
        reasons=(Reason(copy.rule, CATEGORY, copy.clause, copy.sentence), SAYS),
        ledger_key=copy.key,
        linked=(),
        post=None,
        copies=(),
        is_copy=True,
    )
