"""A freeze grows with what the rosters know of a person."""

from desk_world import TurnedClock, site
from memory_cases import START
from memory_freezing import MemoryFreezes, MemoryTrail
from policy_bench import FakeRosters

from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.courier.frozen import FrozenPeople

ANA, HOME, NEW = "ana@party.example", "ana@home.example", "ana@new.example"
PAIRS = ((ANA, HOME), (HOME, ANA))
MOD, WHY = "mod@party.example", "Her mailbox was broken into."


async def frozen(*addresses: str) -> MemoryFreezes:
    """These addresses, frozen by one act."""
    accounts = MemoryFreezes()
    await accounts.freeze(addresses, MOD, WHY, START)
    return accounts


def people(accounts: MemoryFreezes, trail: MemoryTrail, rosters: FakeRosters) -> FrozenPeople:
    """The duty."""
    return FrozenPeople(accounts, trail, site(), TurnedClock(), rosters)


def ana(*others: str) -> FakeRosters:
    """A roster that knows these of Ana's addresses besides the first."""
    return FakeRosters(RosterEntry(ANA, "Ana", Role.MEMBER, others=others))


async def test_an_address_that_a_roster_learns_is_frozen_too() -> None:
    """By the same act, once, at the second look, and written down."""
    accounts, trail = await frozen(ANA, HOME), MemoryTrail()
    duty = people(accounts, trail, ana(HOME, NEW.upper()))
    assert [await duty.complete(), await duty.complete(), await duty.complete()] == [0, 1, 0]
    assert {(one.by, one.reason, one.at) for one in accounts.kept.values()} == {(MOD, WHY, START)}
    assert set(accounts.kept) == {ANA, HOME, NEW}
    (entry,) = trail.entries
    assert entry[1:] == (
        "freeze",
        {"addresses": 1, "cause": "roster"},
        {"by": MOD, "author": NEW, "sentence": WHY},
    )


async def test_who_looks_while_a_freeze_ends_freezes_nobody_again() -> None:
    """One address after the other is thawed: the one that is still frozen must not bring the others back."""
    accounts, trail = await frozen(ANA, HOME), MemoryTrail()
    duty = people(accounts, trail, FakeRosters(*(RosterEntry(a, "Ana", Role.MEMBER, others=(b,)) for a, b in PAIRS)))
    await accounts.thaw((ANA,))
    assert await duty.complete() == 0
    await accounts.thaw((HOME,))
    assert [await duty.complete(), await duty.complete()] == [0, 0]
    assert accounts.kept == {}
    assert trail.entries == []


async def test_nobody_else_is_frozen() -> None:
    """Who is not frozen stays so, and a roster that is away changes nothing."""
    accounts, trail = await frozen("ben@party.example"), MemoryTrail()
    for duty in (people(accounts, trail, ana(HOME)), people(accounts, trail, FakeRosters(away=True))):
        assert [await duty.complete(), await duty.complete()] == [0, 0]
    assert set(accounts.kept) == {"ben@party.example"}
    assert trail.entries == []
