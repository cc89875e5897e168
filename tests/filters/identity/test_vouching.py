"""For whom nobody can vouch, and what a vouch makes of an unproven author."""

from datetime import date
from typing import Any

import pytest
from identity_world import FixedRosters, claims, person, site, transaction, unproven
from messages import build

from listward.config.site import Site
from listward.filters.identity.origin import Basis, Origin, OriginKind, Role
from listward.filters.identity.origins import origin_for
from listward.filters.identity.standing import How, Method, Path, Standing, Voucher, Ways
from listward.filters.identity.vouching import Bar, bar_to_vouching
from listward.filters.probes import ProbeUnavailable, RosterEntry

MEMBERS, BOARD, INNER = "members@lists.party.example", "board@lists.party.example", "inner@lists.party.example"
EVE = "eve@soft.example"
PATH, OTHER = Path(Method.DKIM, "small-host.test", "s1"), Path(Method.SPF, "small-host.test")
VOUCHER = Voucher("id", MEMBERS, PATH, How.RELEASE, date(2026, 5, 3))


def party(**tables: Any) -> Site:
    """A list for members, one that is internal, and one group of people with an office."""
    hop = "lmtp://127.0.0.1:8024"
    lists = [
        {"address": address, "zone": zone, "next_hop": hop}
        for address, zone in ((MEMBERS, "members"), (BOARD, "members"), (INNER, "internal"))
    ]
    groups = [{"name": "committee", "members": ["seat@soft.example"]}]
    return site(**{"list": lists, "group": groups, **tables})


class ListRosters(FixedRosters):
    """Rosters that differ by list."""

    def __init__(self, **lists: dict[str, RosterEntry]) -> None:
        super().__init__()
        self.lists = {f"{name}@lists.party.example": entries for name, entries in lists.items()}

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """The entry on this list."""
        self.asked.append(address)
        return self.lists.get(list_address, {}).get(address)


class Unread(FixedRosters):
    """Rosters that were never read."""

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Raises ProbeUnavailable."""
        raise ProbeUnavailable("never read")


def origin(
    ways: Ways = Ways((PATH,), Standing((VOUCHER,))),  # noqa: B008  # a frozen value
    rosters: FixedRosters | None = None,
    author: str = EVE,
    list_address: str = MEMBERS,
    policy: str = "none",
    **tables: Any,
) -> Origin:
    """The origin of an unproven message for the list of members."""
    raw = build(from_=f"X <{author}>", to=MEMBERS)
    known = rosters or FixedRosters(person(EVE))
    proof = unproven(author, policy)
    return origin_for(proof, claims(raw), transaction(raw), list_address, party(**tables), known, ways)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.CANDIDATE, Role.ON_LEAVE])
def test_a_vouch_makes_a_member_of_who_is_in_the_roster(role: Role) -> None:
    """Never more than that, and it says what it rests on."""
    found = origin(rosters=FixedRosters(RosterEntry(EVE, "Eve", role, first_posts_moderated=True)))
    assert (found.kind, found.role, found.vouched, found.basis) == (OriginKind.MEMBER, role, True, Basis.VOUCHED)
    assert found.first_posts_moderated
    assert found.proof == "A moderator vouched for this way of sending on 3 May 2026."
    confirmed = Voucher("id", MEMBERS, PATH, How.CONFIRMATION, date(2026, 12, 24))
    assert origin(Ways((PATH,), Standing((confirmed,)))).proof == (
        "The person with this address confirmed this way of sending on 24 December 2026."
    )


@pytest.mark.parametrize(
    "ways",
    [
        Ways(),
        Ways((), Standing((VOUCHER,))),
        Ways((OTHER,), Standing((VOUCHER,))),
        Ways((PATH,), Standing()),
        Ways((PATH,), Standing((Voucher("id", BOARD, PATH, How.RELEASE, date(2026, 5, 3)),))),
        Ways((PATH,), Standing((VOUCHER,), frozen=True)),
    ],
)
def test_without_a_vouch_for_this_list_and_path_nobody_is_believed(ways: Ways) -> None:
    """Another way, another list, a frozen account: a stranger, and nobody asked the roster."""
    known = FixedRosters(person(EVE))
    found = origin(ways, known)
    assert (found.kind, found.vouched, found.role, found.undecided) == (OriginKind.UNPROVEN, False, None, False)
    assert known.asked == []


@pytest.mark.parametrize("policy", ["quarantine", "reject"])
def test_forged_stays_forged(policy: str) -> None:
    """Who asks to refuse mail in their name is asked no more."""
    assert origin(policy=policy).kind is OriginKind.FORGED


@pytest.mark.parametrize("author", ["x@party.example", "x@office.example", "x@lists.party.example", MEMBERS])
def test_our_own_domains_must_prove_themselves(author: str) -> None:
    """Whatever stands in store and roster."""
    assert origin(rosters=FixedRosters(person(author)), author=author).kind is OriginKind.FORGED
    assert bar_to_vouching(author, MEMBERS, party(), FixedRosters(person(author))) is Bar.OUR_DOMAIN


def test_an_internal_list_takes_no_vouch() -> None:
    """Nor one that does not exist, nor any where the feature is off."""
    inner = Voucher("id", INNER, PATH, How.RELEASE, date(2026, 5, 3))
    assert origin(Ways((PATH,), Standing((inner,))), list_address=INNER).kind is OriginKind.UNPROVEN
    assert origin(accounts={"vouch_days": 0}).kind is OriginKind.UNPROVEN
    known = FixedRosters(person(EVE))
    assert bar_to_vouching(EVE, INNER, party(), known) is Bar.INTERNAL_LIST
    assert bar_to_vouching(EVE, "none@lists.party.example", party(), known) is Bar.NO_LIST
    assert bar_to_vouching(EVE, MEMBERS, party(accounts={"vouch_days": 0}), known) is Bar.SWITCHED_OFF


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MODERATOR, Role.BANNED])
def test_roles_that_no_vouch_gives(role: Role) -> None:
    """An officer's mail must be proven; who may not write is not let in by a vouch. A vouch from before ends there."""
    known = FixedRosters(person(EVE, role=role))
    assert origin(rosters=known).kind is OriginKind.UNPROVEN
    assert bar_to_vouching(EVE, MEMBERS, party(), known) is (Bar.BANNED if role is Role.BANNED else Bar.OFFICE)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.MODERATOR])
def test_an_office_on_one_list_counts_on_all(role: Role) -> None:
    """By whichever of the person's addresses: who poses as an officer does so on any list."""
    here = {EVE: person(EVE)}
    assert bar_to_vouching(EVE, MEMBERS, party(), ListRosters(members=here)) is None
    there = ListRosters(members=here, board={EVE: person(EVE, role=role)})
    assert bar_to_vouching(EVE, MEMBERS, party(), there) is Bar.OFFICE
    twin = RosterEntry(EVE, "Eve", Role.MEMBER, others=("eve@work.example",))
    other = ListRosters(members={EVE: twin}, board={"eve@work.example": person("eve@work.example", role=role)})
    assert bar_to_vouching(EVE, MEMBERS, party(), other) is Bar.OFFICE
    assert origin(rosters=other).kind is OriginKind.UNPROVEN


def test_who_sits_in_a_group_of_ours_has_an_office() -> None:
    """Moderators, committee and offices are written in site.toml too, in whatever case."""
    seat = "Seat@Soft.example"
    assert bar_to_vouching(seat, MEMBERS, party(), FixedRosters(person(seat.lower()))) is Bar.OFFICE


def test_a_stranger_cannot_be_vouched_for() -> None:
    """Nor a member who has left the roster since; each reason can be said in one plain sentence."""
    assert origin(rosters=FixedRosters()).kind is OriginKind.UNPROVEN
    assert bar_to_vouching(EVE, MEMBERS, party(), FixedRosters()) is Bar.STRANGER
    assert all(bar.sentence.endswith(".") and len(bar.sentence.split()) <= 20 for bar in Bar)


@pytest.mark.parametrize("known", [FixedRosters(person(EVE)), FixedRosters(), Unread()])
def test_without_the_store_member_and_stranger_wait_alike(known: FixedRosters) -> None:
    """Only the message decides: with a path it waits, without one nothing could have been vouched for."""
    waiting = origin(Ways((PATH,), None), known)
    assert (waiting.kind, waiting.undecided, waiting.basis) == (OriginKind.UNPROVEN, True, Basis.NO_STORE)
    assert not origin(Ways((), None), known).undecided
    assert not origin(Ways((PATH,), None), known, list_address=INNER).undecided
    assert not origin(Ways((PATH,), None), known, accounts={"vouch_days": 0}).undecided
    assert known.asked == []


def test_dns_that_says_too_little_of_a_path_is_undecided() -> None:
    """Whether the envelope domain lets everybody pass is not known: nobody is refused for that."""
    found = origin(Ways((PATH,), Standing((VOUCHER,)), undecided=True))
    assert (found.kind, found.undecided, found.basis) == (OriginKind.UNPROVEN, True, Basis.NO_DNS)


def test_a_roster_that_was_never_read_is_undecided() -> None:
    """Whose office needs proof is not known then; nobody is asked to vouch either."""
    found = origin(rosters=Unread())
    assert (found.kind, found.undecided, found.basis) == (OriginKind.UNPROVEN, True, Basis.NO_ROSTER)
    with pytest.raises(ProbeUnavailable):
        bar_to_vouching(EVE, MEMBERS, party(), Unread())
