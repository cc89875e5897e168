"""The last row before `unproven`: an author of the roster whose way of sending somebody vouched for."""

from dataclasses import replace

from listward.config.site import Site
from listward.filters.identity.first_posts import first_posts_due
from listward.filters.identity.origin import Basis, Origin, OriginKind
from listward.filters.identity.standing import How, Standing, Voucher, Ways
from listward.filters.identity.vouching import bar_by_list, bar_to_vouching
from listward.filters.probes import ProbeUnavailable, Rosters

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SAYS = {
    How.CONFIRMATION: "The person with this address confirmed this way of sending on {day}.",
    How.RELEASE: "A moderator vouched for this way of sending on {day}.",
}


def by_vouch(unproven: Origin, list_address: str, ways: Ways, site: Site, rosters: Rosters) -> Origin:
    """Return `member` where a vouch stands for this author, list and path, else the unproven origin. Never raises.

    Without the store nobody is refused for what it would have said, member and stranger alike: the origin is undecided.
    The roster is asked only where a vouch stands: so for nobody who could not send by the path itself.
    """
    if not ways.paths or bar_by_list(list_address, site) is not None:
        return unproven
    if ways.undecided:
        proof = f"{unproven.proof} The name service did not say enough of the way it came."
        return replace(unproven, proof=proof, undecided=True, basis=Basis.NO_DNS)
    if ways.standing is None:
        proof = f"{unproven.proof} What is remembered of senders could not be asked."
        return replace(unproven, proof=proof, undecided=True, basis=Basis.NO_STORE)
    voucher = ways.standing.voucher_for(list_address.lower(), ways.paths)
    if voucher is None or ways.standing.frozen:
        return unproven
    try:
        return _member(unproven, list_address, ways.standing, voucher, site, rosters)
    except ProbeUnavailable:
        proof = "Somebody vouched for this way of sending, but the list of members could not be read."
        return replace(unproven, proof=proof, undecided=True, basis=Basis.NO_ROSTER)


def _member(
    unproven: Origin, list_address: str, standing: Standing, voucher: Voucher, site: Site, rosters: Rosters
) -> Origin:
    """Never internal, whatever the roster says: whose office needs proof has to prove it. Raises ProbeUnavailable."""
    entry = rosters.find(list_address, unproven.address)
    if entry is None or bar_to_vouching(unproven.address, list_address, site, rosters) is not None:
        return unproven
    day = f"{voucher.on.day} {_MONTHS[voucher.on.month - 1]} {voucher.on.year}"
    return replace(
        unproven,
        kind=OriginKind.MEMBER,
        role=entry.role,
        first_posts_moderated=first_posts_due(entry, list_address.lower(), standing),
        proof=_SAYS[voucher.how].format(day=day),
        vouched=True,
        basis=Basis.VOUCHED,
    )
