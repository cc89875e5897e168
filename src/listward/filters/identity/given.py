"""The origin that somebody gave, in `check` and `replay`: taken as proven, with what the roster knows besides."""

from listward.filters.identity.origin import Basis, Origin, OriginKind, Role
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters

PROOF = "This was given, not proven."


def given_origin(kind: OriginKind, author: str, list_address: str, rosters: Rosters) -> Origin:
    """Return the origin as given. Roles count only for authors that are taken as proven."""
    entry = _entry(author, list_address, rosters) if kind.authenticated and author else None
    role = entry.role if entry else Role.MEMBER if kind is OriginKind.MEMBER else None
    return Origin(kind, author, role, entry is not None and entry.first_posts_moderated, PROOF, basis=Basis.GIVEN)


def _entry(author: str, list_address: str, rosters: Rosters) -> RosterEntry | None:
    try:
        return rosters.find(list_address, author) if list_address else None
    except ProbeUnavailable:
        return None
