"""Loops, offices, floods, and origins as given."""

import pytest
from messages import build
from policy_bench import FakeCounters, FakeRosters, make_site, target

from listward.filters.identity.given import given_origin
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.message.parse import parse_message
from listward.filters.probes import RosterEntry
from listward.filters.routing.floods import flood_findings
from listward.filters.routing.kinds import Kind
from listward.filters.routing.loops import loop_findings, way_of
from listward.filters.routing.offices import office_for

SITE = make_site(
    route=[{"domains": ["fraternal.example"], "queue": "international"}],
    queue=[{"name": "international", "group": "office"}],
    group=[{"name": "office", "members": ["office@party.example"]}],
)
ANA = RosterEntry("ana@party.example", "Ana", Role.BANNED, first_posts_moderated=True)


@pytest.mark.parametrize(
    ("headers", "looped"),
    [
        ([("Received", "from a by b")] * 100, False),
        ([("Received", "from a by b")] * 101, True),
        ([("List-Id", "Our members <members.party.example>")], True),
        ([("X-BeenThere", "Members@Party.Example")], True),
        ([("List-Id", "<board.party.example>")], False),
        ([("List-Id", "members.party.example")], False),
    ],
)
def test_loops(headers: list[tuple[str, str]], looped: bool) -> None:
    """More than 100 servers, or the very list it is addressed to, make a circle; another list of ours does not."""
    message = parse_message(build(headers=headers))
    assert bool(loop_findings(way_of(message), [target()])) is looped


def test_offices_see_their_organisations_first() -> None:
    """Mail from a domain of a route names the office's queue; other mail names none."""
    queue, findings = office_for("sec@fraternal.example", SITE)
    assert (queue, [found.rule for found in findings]) == ("international", ["office-route"])
    assert office_for("ana@party.example", SITE) == ("", ())
    assert office_for("", SITE) == ("", ())


async def test_the_same_text_to_many_lists_is_a_flood() -> None:
    """Three other lists within the day make a flood; each list is asked about once, control addresses not at all."""
    counters = FakeCounters(3)
    found = await flood_findings("digest", [target(), target(), target(Kind.OWNER, address="x@y.example")], counters)
    assert [list(found), counters.asked] == [["members@party.example"], ["members@party.example"]]
    assert await flood_findings("digest", [target()], FakeCounters(2)) == {}


async def test_without_a_store_nothing_is_said() -> None:
    """No counters, counters that are away, or no digest: no finding, and no failure."""
    for counters in (None, FakeCounters(None)):
        assert await flood_findings("digest", [target()], counters) == {}
    assert await flood_findings("", [target()], FakeCounters(9)) == {}


def test_given_origins_are_taken_as_given() -> None:
    """A given origin needs no proof; the roster adds what it knows of proven authors, and of nobody else."""
    rosters = FakeRosters(ANA)
    member = given_origin(OriginKind.MEMBER, ANA.address, "members@party.example", rosters)
    stranger = given_origin(OriginKind.UNPROVEN, ANA.address, "members@party.example", rosters)
    assert (member.kind, member.role, member.first_posts_moderated) == (OriginKind.MEMBER, Role.BANNED, True)
    assert (stranger.kind, stranger.role, stranger.first_posts_moderated) == (OriginKind.UNPROVEN, None, False)


def test_given_members_need_no_roster() -> None:
    """A member stays a member where no roster knows or has them."""
    for rosters in (FakeRosters(), FakeRosters(away=True)):
        found = given_origin(OriginKind.MEMBER, "new@out.example", "members@party.example", rosters)
        assert (found.kind, found.role, found.undecided) == (OriginKind.MEMBER, Role.MEMBER, False)
