"""For whom nobody can vouch. Asked when somebody vouches, and again each time a vouch is relied on.

So a vouch ends by itself when its author becomes an officer, leaves the roster or is banned.
"""

from enum import StrEnum

from listward.config.site import Site
from listward.filters.identity.domains import domain_of, is_within
from listward.filters.identity.origin import Role
from listward.filters.identity.ours import ours_of
from listward.filters.probes import RosterEntry, Rosters

VOUCHABLE = frozenset({Role.MEMBER, Role.CANDIDATE, Role.ON_LEAVE})
"""The roles on the list itself; `TRUSTED` on any list bar a person from all."""
TRUSTED = frozenset({Role.MODERATOR, Role.OFFICER})


class Bar(StrEnum):
    """Why nobody can vouch for an author on a list."""

    SWITCHED_OFF = "switched-off"
    INTERNAL_LIST = "internal-list"
    NO_LIST = "no-list"
    OUR_DOMAIN = "our-domain"
    OFFICE = "office"
    STRANGER = "stranger"
    BANNED = "banned"

    @property
    def sentence(self) -> str:
        """The reason in one plain sentence, for people who may know the roster."""
        return _SENTENCES[self]


_SENTENCES = {
    Bar.SWITCHED_OFF: "Ways of sending are not remembered here.",
    Bar.INTERNAL_LIST: "Mail to an internal list must always be proven.",
    Bar.NO_LIST: "This is no list of ours.",
    Bar.OUR_DOMAIN: "Mail from our own domains must always be proven.",
    Bar.OFFICE: "Mail of officers and moderators must always be proven.",
    Bar.STRANGER: "The address is not in the roster of this list.",
    Bar.BANNED: "The person may not write to this list now.",
}


def bar_by_list(list_address: str, site: Site) -> Bar | None:
    """Why no vouch counts on a list, whoever the author is; None where one may."""
    if not site.accounts.vouch_days:
        return Bar.SWITCHED_OFF
    found = site.list_for(list_address)
    if found is None:
        return Bar.NO_LIST
    return Bar.INTERNAL_LIST if found.zone == "internal" else None


def bar_to_vouching(author: str, list_address: str, site: Site, rosters: Rosters) -> Bar | None:
    """Why nobody can vouch for this author on this list, None where somebody can.

    Raises ProbeUnavailable where a roster was never read: who may be an officer is not known then.
    """
    if bar := bar_by_list(list_address, site):
        return bar
    author = author.lower()
    # An address under a list's domain, or a role's, is ours too.
    if is_within(domain_of(author), ours_of(site).every_domain) or author in ours_of(site).roles:
        return Bar.OUR_DOMAIN
    entry = rosters.find(list_address, author)
    if entry is None:
        return Bar.STRANGER
    if _is_trusted({author, *entry.others}, site, rosters):
        return Bar.OFFICE
    return None if entry.role in VOUCHABLE else Bar.BANNED if entry.role is Role.BANNED else Bar.OFFICE


def _is_trusted(addresses: set[str], site: Site, rosters: Rosters) -> bool:
    """Whether one of a person's addresses stands in a group of ours, or is an officer's or moderator's on any list."""
    if any(addresses & set(group.members) for group in site.groups):
        return True
    found: list[RosterEntry | None] = [
        rosters.find(entry.address, address) for entry in site.lists for address in addresses
    ]
    return any(entry is not None and entry.role in TRUSTED for entry in found)
