"""What recipient addresses are for, by list server."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import HOP, make_site

from listward.config.site import Site
from listward.filters.routing.kinds import Kind, Zone
from listward.filters.routing.servers import SERVERS
from listward.filters.routing.targets import kind_of, target_for

SITE = make_site()


def site_with(server: str) -> Site:
    """A site with one list of that server."""
    return make_site(list=[{"address": "club@lists.example", "zone": "members", "next_hop": HOP, "server": server}])


@pytest.mark.parametrize(
    ("server", "address", "kind"),
    [
        ("mailman3", "club@lists.example", Kind.POST),
        ("mailman3", "club-request@lists.example", Kind.COMMAND),
        ("mailman3", "club-join@lists.example", Kind.COMMAND),
        ("mailman3", "club-leave@lists.example", Kind.COMMAND),
        ("mailman3", "club-subscribe@lists.example", Kind.COMMAND),
        ("mailman3", "club-unsubscribe@lists.example", Kind.COMMAND),
        ("mailman3", "club-confirm@lists.example", Kind.COMMAND),
        ("mailman3", "club-confirm+0a1B2c@lists.example", Kind.COMMAND),
        ("mailman3", "club-bounces@lists.example", Kind.BOUNCE),
        ("mailman3", "club-bounces+ana=home.example@lists.example", Kind.BOUNCE),
        ("mailman3", "club-owner@lists.example", Kind.OWNER),
        ("sympa", "club-subscribe@lists.example", Kind.COMMAND),
        ("sympa", "sympa@lists.example", Kind.COMMAND),
        ("sympa", "club-request@lists.example", Kind.OWNER),
        ("sympa", "club-editor@lists.example", Kind.OWNER),
        ("sympa", "listmaster@lists.example", Kind.OWNER),
        ("sympa", "club-owner@lists.example", Kind.BOUNCE),
        ("sympa", "bounce+club==ana=home.example@lists.example", Kind.BOUNCE),
        ("mlmmj", "club+subscribe@lists.example", Kind.COMMAND),
        ("mlmmj", "club+subscribe-digest@lists.example", Kind.COMMAND),
        ("mlmmj", "club+confsub-a1b2c3@lists.example", Kind.COMMAND),
        ("mlmmj", "club-unsubscribe@lists.example", Kind.COMMAND),
        ("mlmmj", "club+get-12@lists.example", Kind.COMMAND),
        ("mlmmj", "club+bounces-12-ana=home.example@lists.example", Kind.BOUNCE),
        ("mlmmj", "club+owner@lists.example", Kind.OWNER),
        ("generic", "club-request@lists.example", Kind.COMMAND),
        ("generic", "club-confirm+abc@lists.example", Kind.COMMAND),
        ("generic", "club-bounces+x=y@lists.example", Kind.BOUNCE),
        ("generic", "owner-club@lists.example", Kind.OWNER),
        ("generic", "club-admin@lists.example", Kind.OWNER),
    ],
)
def test_each_server_names_its_sub_addresses(server: str, address: str, kind: Kind) -> None:
    """Every sub-address of a server has its kind, its list and its next hop."""
    found = target_for(address, site_with(server))
    assert found is not None
    assert (found.kind, found.list, found.next_hop, found.zone) == (kind, "club@lists.example", HOP, Zone.MEMBERS)


@pytest.mark.parametrize(
    "address",
    [
        "nobody@lists.example",
        "club@elsewhere.example",
        "club-nothing@lists.example",
        "club-request+token@lists.example",
        "club-confirm+@lists.example",
        "club+request@lists.example",
        "club-@lists.example",
        "clubowner@lists.example",
        "-owner@lists.example",
        "owner-club@lists.example",
        "club",
        "",
        "@lists.example",
        "club@",
    ],
)
def test_other_addresses_do_not_exist(address: str) -> None:
    """Whatever the server would not take is no address of ours."""
    assert target_for(address, site_with("mailman3")) is None


def test_names_compare_without_case_and_keep_their_case() -> None:
    """A list is found in any case; a token keeps the case it came in."""
    found = target_for("Board-Confirm+AbC@Party.Example", SITE)
    assert found is not None
    assert (found.address, found.list) == ("Board-Confirm+AbC@Party.Example", "board@party.example")


@pytest.mark.parametrize("name", ["report", "appeal", "rulings", "listward"])
def test_our_own_addresses_are_ours(name: str) -> None:
    """The organisation's own addresses go to no list, with a sub-address too."""
    for address in (f"{name}@party.example", f"{name.upper()}+x1@party.example"):
        found = target_for(address, SITE)
        assert found is not None
        assert (found.kind, found.list, found.next_hop) == (Kind.OWN, "", "")


def test_postmaster_and_abuse_reach_the_owners() -> None:
    """Every list domain has postmaster and abuse; other domains have not; bare postmaster is ours."""
    for address in ("postmaster@party.example", "Abuse@party.example", "Postmaster"):
        found = target_for(address, SITE)
        assert found is not None
        assert found.kind is Kind.OWNER
    assert target_for("postmaster@elsewhere.example", SITE) is None


def test_the_longest_list_name_wins() -> None:
    """board-news-owner belongs to board-news, although board could have a sub-address too."""
    lists = [
        {"address": f"{name}@party.example", "zone": "members", "next_hop": HOP} for name in ("board", "board-owner")
    ]
    found = target_for("board-owner-owner@party.example", make_site(list=lists))
    exact = target_for("board-owner@party.example", make_site(list=lists))
    assert found is not None
    assert exact is not None
    assert (found.list, found.kind) == ("board-owner@party.example", Kind.OWNER)
    assert (exact.list, exact.kind) == ("board-owner@party.example", Kind.POST)


@settings(max_examples=200, deadline=None)
@given(local=st.text(st.characters(codec="ascii", exclude_characters="@"), max_size=40))
def test_no_local_part_raises(local: str) -> None:
    """Any local part is answered, and only by what the tables know."""
    for server in SERVERS.values():
        assert kind_of(local.lower(), "club", server) in {None, Kind.COMMAND, Kind.BOUNCE, Kind.OWNER}
