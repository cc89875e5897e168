"""Offices that see mail from certain organisations first: [[route]] in site.toml."""

from listward.config.site import Site
from listward.filters.findings import Evidence, Finding
from listward.filters.policy.situation import OFFICE_FINDING
from listward.filters.routing.internal import ROUTING


def office_for(author: str, site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Return the queue of the office and the finding, ("", ()) where no route names the author's domain."""
    domain = author.rpartition("@")[2]
    queue = next((route.queue for route in site.routes if domain and domain in route.domains), "")
    if not queue:
        return "", ()
    reason = "Mail from this organisation goes to the office that keeps contact with it."
    evidence = (Evidence("from", 0, len(author), author),)
    return queue, (Finding(OFFICE_FINDING, ROUTING, 1.0, reason, evidence),)
