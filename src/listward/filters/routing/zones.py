"""How far mail to an address may travel: inside, our members, the public, or away from us."""

from listward.config.site import Site
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.filters.routing.targets import Directory


def zone_of(address: str, site: Site) -> Zone:
    """Return the zone of any address. A list's own domain is not inside where internal_domains are written."""
    return zone_in(address, Directory(site))


def zone_in(address: str, directory: Directory) -> Zone:
    """Return the zone of any address, by an index that is kept."""
    if target := directory.target(address):
        return target.zone
    return Zone.INTERNAL if is_inside(address, directory.site) else Zone.EXTERNAL


def is_inside(address: str, site: Site) -> bool:
    """Whether a mailbox lies on the organisation's own servers: one answer for the ways in, the ways out and notices.

    internal_domains say which; where none is written the organisation's own domains are meant.
    """
    organisation = site.organisation
    return address.lower().rpartition("@")[2] in (organisation.internal_domains or organisation.domains)


def outside(address: str, directory: Directory) -> bool:
    """Whether an internal matter may not go there: no address of ours, complaint and control addresses among them."""
    return zone_in(address, directory) is Zone.EXTERNAL


def external_target(address: str) -> Target:
    """Return the target for an address that is not ours, for judging only: nothing is ever relayed by it."""
    return Target(address, Kind.POST, Zone.EXTERNAL, "", "")
