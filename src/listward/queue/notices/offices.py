"""Mail to the organisation's own addresses: reports, appeals. It is answered by a person, never released to a list."""

from listward.config.site import Site
from listward.queue.cases.case import CaseDraft

OWN_RULE = "own-address"


def is_to_office(draft: CaseDraft) -> bool:
    """Whether the message was written to an address of the organisation itself."""
    return not draft.next_hop and any(reason.rule == OWN_RULE for reason in draft.reasons)


def answer_within(draft: CaseDraft, site: Site) -> float:
    """Seconds in which a person answers or decides: by the office's clock, for lists by the clock of holds."""
    if not is_to_office(draft):
        return site.clocks.hold[2]
    return site.clocks.appeal if draft.list == site.addresses.appeal else site.clocks.report
