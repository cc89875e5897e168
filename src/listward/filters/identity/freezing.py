"""Frozen accounts: somebody has stopped the mail of a person whose account may be stolen."""

from listward.filters.findings import Finding
from listward.filters.identity.origin import Origin
from listward.filters.identity.standing import Standing

FROZEN = "account-frozen"
CATEGORY = "account"
SENTENCE = "The author's account is frozen: mail of this address waits until somebody ends that."


def frozen_findings(standing: Standing, origin: Origin) -> tuple[Finding, ...]:
    """The finding, for authors who are proven alone: nobody else's mail may tell whose account is frozen."""
    if not standing.frozen or not origin.kind.authenticated:
        return ()
    return (Finding(FROZEN, CATEGORY, 1.0, SENTENCE),)
