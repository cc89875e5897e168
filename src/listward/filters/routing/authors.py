"""Authors that nobody is: a list or an office of ours never writes a post."""

from listward.config.site import Site
from listward.filters.findings import Evidence, Finding
from listward.filters.identity.origins import is_role_address

CATEGORY = "author"


def author_findings(author: str, site: Site) -> tuple[Finding, ...]:
    """Return the finding where From is one of our lists or one of our own addresses."""
    if not author or not is_role_address(author, site):
        return ()
    reason = "The From line names a list or an office of ours, which writes no posts."
    return (Finding("author-is-list", CATEGORY, 1.0, reason, (Evidence("from", 0, len(author), author),)),)
