"""A roster as a value: it answers as a plain mapping would, whatever it was made of."""

import subprocess
import sys
from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as some

from listward.filters.identity.names import key, readings
from listward.filters.identity.origin import Role
from listward.filters.identity.roster_copy import RosterCopy, copy_of
from listward.filters.probes import RosterEntry

BOARD, NEWS = "board@lists.party.example", "news@lists.party.example"
LOCALS = ("ana", "ben", "cem", "dov", "e.v.e", "ana+x", "jösé", "0", "'")
ADDRESSES = some.builds("{}@{}".format, some.sampled_from(LOCALS), some.sampled_from(("a.example", "b.example")))
NAMES = some.sampled_from(("", "Ana Ruiz", "Ruiz Ana", "José Álvarez", "Ben\nOkoro", "Ana", "李 小龙", "  Ana   Ruiz "))
LISTS = some.sampled_from(((), (BOARD,), ("board",), (BOARD, "news"), ("other",)))
PEOPLE = some.lists(
    some.builds(
        RosterEntry,
        address=ADDRESSES,
        name=NAMES,
        role=some.sampled_from(Role),
        first_posts_moderated=some.booleans(),
        first_posts=some.integers(0, 3),
        language=some.sampled_from(("", "es")),
        until=some.sampled_from((None, date(2026, 11, 30))),
        reason=some.sampled_from(("", "§ 4", "two\nlines")),
        others=some.lists(ADDRESSES, max_size=3, unique=True).map(tuple),
        lists=LISTS,
    ),
    max_size=12,
)


def _serves(entry: RosterEntry, list_address: str) -> bool:
    return not entry.lists or not {list_address, list_address.partition("@")[0]}.isdisjoint(entry.lists)


def _naive(people: list[RosterEntry], list_address: str, address: str) -> RosterEntry | None:
    """What is promised, in the plainest words: the most special line for the list, its own address first."""
    held = [
        person for person in people if address in (person.address, *person.others) and _serves(person, list_address)
    ]
    return max(held, key=lambda person: (bool(person.lists), person.address == address), default=None)


def _once(people: list[RosterEntry]) -> list[RosterEntry]:
    """The first line of each address for the same lists."""
    kept: dict[object, RosterEntry] = {}
    for person in people:
        kept.setdefault((person.address, person.lists), person)
    return list(kept.values())


def _seen(entry: RosterEntry | None) -> tuple[object, ...] | None:
    """What of an entry must be the same, whatever address it was asked by."""
    if entry is None:
        return None
    facts = (entry.role, entry.first_posts_moderated, entry.first_posts, entry.language, entry.until, entry.lists)
    return (*facts, " ".join(entry.name.split()), " ".join(entry.reason.split()))


@given(PEOPLE)
def test_it_answers_as_a_plain_mapping_does(people: list[RosterEntry]) -> None:
    """Every address, known or not, on either list, gives what a search through all lines gives."""
    copy, people = copy_of(people), _once(people)
    addresses = {address for person in people for address in (person.address, *person.others)} | {"nobody@a.example"}
    for list_address in (BOARD, NEWS):
        for address in addresses:
            found = copy.find(list_address, address)
            assert _seen(found) == _seen(_naive(people, list_address, address))
            if found is not None:
                assert found.address == address
                assert address not in found.others


@given(PEOPLE)
def test_names_are_those_of_the_list_s_people(people: list[RosterEntry]) -> None:
    """A reading is among a list's names just where somebody on the list has it."""
    copy, people = copy_of(people), _once(people)
    asked = {
        reading for name in ("Ana Ruiz", "José Álvarez", "Ben Okoro", "Ana", "李 小龙") for reading in readings(name)
    }
    for list_address in (BOARD, NEWS):
        known = {found for person in people if _serves(person, list_address) for found in readings(person.name)}
        names = copy.names(list_address)
        assert {reading for reading in asked if reading in names} == asked & known


@given(PEOPLE)
def test_people_and_roles_are_those_of_the_list(people: list[RosterEntry]) -> None:
    """Walking the people gives each that the list is for, by the line that counts there; the roles count the same."""
    copy, lines = copy_of(people), _once(people)
    assert len(copy) == len(lines)
    for list_address in (BOARD, NEWS):
        walked = list(copy.people(list_address))
        assert copy.roles(list_address) == Counter(person.role for person in walked)
        counting = [person for person in lines if _naive(lines, list_address, person.address) is person]
        assert [person.address for person in walked] == [person.address for person in counting]
        for person in walked:
            assert copy.find(list_address, person.address) == person


@given(PEOPLE)
def test_the_digest_tells_equal_people_from_others(people: list[RosterEntry]) -> None:
    """Equal people have an equal digest; one more person, or one fact changed, another."""
    digest = copy_of(people).digest
    assert copy_of(iter(list(people))).digest == digest
    more = RosterEntry("new@a.example", "", Role.MEMBER)
    assert copy_of([*people, more]).digest != digest


def test_the_digest_is_the_same_in_every_process() -> None:
    """It depends on nothing that Python chooses at its start, such as the seed of its hashes."""
    code = (
        "from listward.filters.identity.roster_copy import copy_of\n"
        "from listward.filters.identity.origin import Role\n"
        "from listward.filters.probes import RosterEntry\n"
        "print(copy_of([RosterEntry('a@b.example', 'A B', Role.MEMBER, lists=('x', 'y'))]).digest)"
    )
    command = [sys.executable, "-c", code]
    said = {subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_addresses_of_one_person_find_the_same_person() -> None:
    """A ban holds for every address of the person; each answer names the others."""
    copy = copy_of([RosterEntry("ben@a.example", "Ben", Role.BANNED, others=("ben@b.example",), reason="§ 4")])
    first, second = copy.find(BOARD, "BEN@a.example"), copy.find(BOARD, "ben@b.example")
    assert first is not None
    assert second is not None
    assert (first.role, second.role, second.reason) == (Role.BANNED, Role.BANNED, "§ 4")
    assert (first.others, second.others) == (("ben@b.example",), ("ben@a.example",))


def test_a_role_may_hold_on_one_list_only() -> None:
    """A line that names a list counts there before the one for all lists."""
    copy = copy_of(
        [
            RosterEntry("ana@a.example", "Ana", Role.MODERATOR, lists=("board",)),
            RosterEntry("ana@a.example", "Ana", Role.MEMBER),
        ]
    )
    roles = [entry.role for name in (BOARD, NEWS) if (entry := copy.find(name, "ana@a.example"))]
    assert roles == [Role.MODERATOR, Role.MEMBER]
    assert [entry.role for entry in copy.people(BOARD)] == [Role.MODERATOR]


def test_unicode_and_ascii_forms_of_a_domain_are_one() -> None:
    """An address is found by the A-label or the U-label of its domain, and by a local part in UTF-8."""
    copy = copy_of([RosterEntry("jösé@xn--bcher-kva.example", "José", Role.MEMBER)])
    assert copy.find(BOARD, "JÖSÉ@Bücher.example") is not None
    assert copy.find(BOARD, "jösé@xn--bcher-kva.example") is not None
    assert copy.find(BOARD, "jose@bücher.example") is None


def test_a_hundred_thousand_namesakes_are_no_trouble() -> None:
    """Equal names and equal lines take no time that grows with their square."""
    people = (RosterEntry(f"p{at}@a.example", "Party Member", Role.MEMBER) for at in range(100_000))
    copy = copy_of(people)
    assert key("Member Party") in copy.names(BOARD)
    again = copy_of(RosterEntry("same@a.example", "X Y", Role.MEMBER) for _ in range(50_000))
    assert again.find(BOARD, "same@a.example") is not None


def _look_up(copy: RosterCopy, count: int) -> int:
    return sum(copy.find(BOARD, f"p{at}@a.example") is not None for at in range(count))


def test_a_person_takes_few_octets() -> None:
    """Name and address included, a person takes less than 150 octets, at any size."""
    for size in (100, 20_000):
        copy = copy_of(
            RosterEntry(f"p{at}@a.example", f"Person Number{at}", Role.MEMBER, others=(f"p{at}@b.example",))
            for at in range(size)
        )
        assert copy.octets / size < 150
        assert _look_up(copy, size) == size


def test_no_other_letter_finds_an_address() -> None:
    """The sign for kelvin is a k in lower case; an address with it is another person's, and so nobody's here."""
    kept = copy_of([RosterEntry("kim@mail.example", "Kim", Role.MEMBER)])
    assert kept.find(BOARD, "\u212aim@mail.example") is None
