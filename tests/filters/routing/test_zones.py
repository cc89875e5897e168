"""How far mail to an address may travel."""

import pytest
from policy_bench import make_site

from listward.filters.routing.kinds import Zone
from listward.filters.routing.targets import Directory
from listward.filters.routing.zones import external_target, is_inside, outside, zone_of

SITE = make_site()


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("board@party.example", Zone.INTERNAL),
        ("BOARD@PARTY.example", Zone.INTERNAL),
        ("board-request@party.example", Zone.INTERNAL),
        ("members@party.example", Zone.MEMBERS),
        ("news@party.example", Zone.PUBLIC),
        ("chair@inside.party.example", Zone.INTERNAL),
        ("chair@deeper.inside.party.example", Zone.EXTERNAL),
        ("chair@party.example", Zone.EXTERNAL),
        ("ana@home.example", Zone.EXTERNAL),
        ("report@party.example", Zone.INTERNAL),
        ("nonsense", Zone.EXTERNAL),
    ],
)
def test_every_address_has_a_zone(address: str, zone: Zone) -> None:
    """Lists have theirs, internal domains are inside, and a list's own domain is not inside by itself."""
    assert zone_of(address, SITE) is zone


@pytest.mark.parametrize(
    ("address", "is_outside"),
    [
        ("ana@home.example", True),
        ("chair@party.example", True),
        ("board@party.example", False),
        ("members@party.example", False),
        ("chair@inside.party.example", False),
        ("news-owner@party.example", False),
        ("postmaster@party.example", False),
        ("appeal@party.example", False),
    ],
)
def test_complaint_addresses_are_never_outside(address: str, is_outside: bool) -> None:
    """Only what leaves the organisation is outside; complaint and control addresses never count."""
    assert outside(address, Directory(SITE)) is is_outside


def test_the_organisations_own_domains_are_inside_where_no_others_are_written() -> None:
    """Otherwise an internal list would have no mailbox to go to."""
    bare = SITE.organisation.model_copy(update={"internal_domains": ()})
    site = SITE.model_copy(update={"organisation": bare})
    assert is_inside("chair@Party.example", site)
    assert not is_inside("ana@evil-party.example", site)
    assert not is_inside("chair@party.example", SITE)
    assert is_inside("chair@Inside.party.example", SITE)
    assert not outside("chair@party.example", Directory(site))
    assert outside("ana@home.example", Directory(site))


def test_an_external_target_leads_nowhere() -> None:
    """A target for judging only has no list and no next hop."""
    found = external_target("x@home.example")
    assert (found.zone, found.list, found.next_hop) == (Zone.EXTERNAL, "", "")
