"""Roster files as people write them: spreadsheets' habits, TOML, and what is wrong by line and column."""

from datetime import date
from pathlib import Path

import pytest

from listward.filters.identity.origin import Role
from listward.filters.identity.roster_file import people_in, read_roster
from listward.filters.identity.roster_values import RosterError
from listward.filters.probes import RosterEntry

BOARD = "board@lists.party.example"


def _people(folder: Path, name: str, text: str | bytes) -> list[RosterEntry]:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [person for _, person in people_in(path)]


def _faults(folder: Path, name: str, text: str) -> list[tuple[int, str, str]]:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(RosterError) as caught:
        read_roster(path)
    assert all(str(fault).startswith(f"{path}:{fault.line or 1}: ") for fault in caught.value.faults)
    return [(fault.line, fault.key, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheets_write_it_their_way(tmp_path: Path, separator: str, end: str, mark: str) -> None:
    """Separators, line ends, a byte order mark, quotes, blanks and empty columns at the end change nothing."""
    rows = [
        ["Address ", "NAME", "role", "Other_Addresses", "", ""],
        ["  Ana@Party.Example ", '"Ruiz, ""Ani""; Ana"', " Officer", "", "", ""],
        ["", "", "", "", "", ""],
        ["ben@mail.example", "Ben", "member", '"ben@work.example, BEN@Home.example"', "", ""],
    ]
    ana, ben = _people(tmp_path, "a.csv", mark + end.join(separator.join(row) for row in rows) + end)
    assert (ana.address, ana.name, ana.role) == ("ana@party.example", 'Ruiz, "Ani"; Ana', Role.OFFICER)
    assert ben.others == ("ben@work.example", "ben@home.example")


def test_international_addresses(tmp_path: Path) -> None:
    """Domains are kept as A-labels, local parts in UTF-8 as they are, both in lower case."""
    text = "address,name,role\njörg@BÜCHER.example,J,member\nana@xn--bcher-kva.example,A,member\n"
    assert [each.address for each in _people(tmp_path, "a.csv", text)] == [
        "jörg@xn--bcher-kva.example",
        "ana@xn--bcher-kva.example",
    ]


def test_two_forms_of_one_address_are_one_address(tmp_path: Path) -> None:
    """The same domain in letters and in A-labels may stand once only."""
    text = "address,name,role\na@bücher.example,A,member\na@xn--bcher-kva.example,A,member\n"
    assert _faults(tmp_path, "a.csv", text) == [(3, "address", "listed already on line 2; one line for each address")]


def test_everything_a_line_can_say(tmp_path: Path) -> None:
    """All columns are read, and what is not known to us is left alone."""
    text = (
        "address,name,role,other_addresses,language,first_posts_moderated,until,reason,lists,phone\n"
        "a@b.example,A,on-leave,a@c.example d@e.example,ES,5,2026-11-30,baby,Board news@x.example,123\n"
    )
    (found,) = _people(tmp_path, "a.csv", text)
    assert found == RosterEntry(
        "a@b.example",
        "A",
        Role.ON_LEAVE,
        first_posts_moderated=True,
        language="es",
        until=date(2026, 11, 30),
        reason="baby",
        others=("a@c.example", "d@e.example"),
        first_posts=5,
        lists=("board", "news@x.example"),
    )


@pytest.mark.parametrize(
    ("written", "moderated", "count"),
    [
        ("", False, 0),
        ("no", False, 0),
        ("0", False, 0),
        ("000", False, 0),
        ("0012", True, 12),
        ("Yes", True, 0),
        ("1", True, 1),
        ("12", True, 12),
    ],
)
def test_first_posts(tmp_path: Path, written: str, moderated: bool, count: int) -> None:
    """Yes is until the roster says otherwise, a number is so many posts."""
    text = f"address,name,role,first_posts_moderated\na@b.example,A,member,{written}\n"
    (found,) = _people(tmp_path, "a.csv", text)
    assert (found.first_posts_moderated, found.first_posts) == (moderated, count)


@pytest.mark.parametrize(
    ("row", "key", "words"),
    [
        ("a@b.example,A,member,x,,,,", "address", "'x' is not an address"),
        ("a@b.example,A,member,,spanish,,,", "language", "write two letters"),
        ("a@b.example,A,member,,,1001,,", "first_posts_moderated", "a number of posts up to 1000"),
        ("a@b.example,A,member,,,0001000000,,", "first_posts_moderated", "a number of posts up to 1000"),
        ("a@b.example,A,member,,,-1,,", "first_posts_moderated", "neither yes nor no"),
        ("a@b.example,A,member,,,,2026-02-30,", "until", "write YYYY-MM-DD"),
        ("a@b.example,A,chief,,,,,", "role", "allowed: member, candidate, moderator"),
        ("a@b.example," + "A" * 501 + ",member,,,,,", "name", "longer than 500 letters"),
        (",A,member,,,,,", "address", "'' is not an address"),
        ('a@b.example,"A\nB",member,,,,,\nx,A,member,,,,,', "address", "'x' is not an address"),
    ],
)
def test_faults_of_values(tmp_path: Path, row: str, key: str, words: str) -> None:
    """Each is named with line and column, and what is allowed."""
    header = "address,name,role,other_addresses,language,first_posts_moderated,until,reason\n"
    ((line, column, message),) = _faults(tmp_path, "a.csv", header + row + "\n")
    assert (line, column) == (4 if "\n" in row else 2, key)
    assert words in message


def test_one_address_may_stand_on_several_lines_for_other_lists(tmp_path: Path) -> None:
    """A role on one list has a line of its own; a list named on both is a fault."""
    text = "address,name,role,lists\na@b.example,A,member,\na@b.example,A,moderator,board\n"
    assert len(_people(tmp_path, "a.csv", text)) == 2
    twice = text + "c@d.example,C,member,news\na@b.example,A,officer,news board\n"
    ((line, column, message),) = _faults(tmp_path, "b.csv", twice)
    assert (line, column) == (5, "address")
    assert message == "listed already on line 3; one line for each address and list, and board stands on both"


def test_an_address_of_two_people_is_a_fault(tmp_path: Path) -> None:
    """Whose it is could not be said."""
    text = "address,name,role,other_addresses\na@b.example,A,member,c@d.example\nc@d.example,C,member,\n"
    ((line, column, _),) = _faults(tmp_path, "a.csv", text)
    assert (line, column) == (3, "address")
    back = "address,name,role,other_addresses\nc@d.example,C,member,\na@b.example,A,member,c@d.example\n"
    ((line, column, _),) = _faults(tmp_path, "b.csv", back)
    assert (line, column) == (3, "other_addresses")


def test_columns_that_stand_twice_are_a_fault(tmp_path: Path) -> None:
    """Which of the two holds could not be said."""
    ((line, column, message),) = _faults(tmp_path, "a.csv", "address,name,role,Role\na@b.example,A,member,officer\n")
    assert (line, column, message) == (1, "columns", "stand twice: role")


TOML = """\
# Our people.
[[person]]
addresses = ["Ana@Party.example", "ana@bücher.example"]
name = "Ana Ruiz"
role = "officer"
language = "es"
lists = ["board"]

[[person]]
addresses = [
    "ben@mail.example",
]
name = "Ben Okoro"
role = "banned"
until = 2026-11-30
reason = "§ 4"
first_posts_moderated = 3
"""


def test_toml_says_the_same(tmp_path: Path) -> None:
    """A table a person, with dates and numbers as TOML has them."""
    ana, ben = _people(tmp_path, "people.TOML", TOML)
    assert (ana.address, ana.others, ana.lists) == ("ana@party.example", ("ana@xn--bcher-kva.example",), ("board",))
    assert (ben.role, ben.until, ben.first_posts, ben.first_posts_moderated) == (
        Role.BANNED,
        date(2026, 11, 30),
        3,
        True,
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "words"),
    [
        ('role = "banned"', 'role = "chief"', 14, "role", "allowed: member, candidate"),
        ('role = "banned"', "", 9, "role", "is missing"),
        ('role = "banned"', 'role = "banned"\nphone = 1', 15, "phone", "is not a known key; allowed: addresses, name"),
        ("until = 2026-11-30", "until = 30", 15, "until", "30 does not fit"),
        ('"ben@mail.example",', '"ben",', 10, "addresses", "'ben' is not an address"),
        ('"ben@mail.example",', "", 10, "addresses", "needs at least 1 entry"),
        ('"ben@mail.example",', '"ana@party.example"', 9, "address", ""),
        ("first_posts_moderated = 3", "first_posts_moderated = -3", 17, "first_posts_moderated", "neither yes nor no"),
        ('reason = "§ 4"', 'reason = "§ 4', 16, "", "is not TOML: "),
        ('reason = "§ 4"', "reason = ", 16, "", "is not TOML: invalid value"),
        ("# Our people.", "version = 1", 1, "", "'version' stands before the first [[person]]"),
        ("first_posts_moderated = 3", "[other]", 9, "other", "is not known"),
        ('reason = "§ 4"', "reason = " + "[" * 100_000, 9, "", "holds lists in lists in lists"),
        ("first_posts_moderated = 3", "first_posts_moderated = 1" + "0" * 5000, 9, "", "is not TOML"),
    ],
)
def test_faults_of_toml(tmp_path: Path, old: str, new: str, line: int, key: str, words: str) -> None:
    """Each is named with the line of its key, as in site.toml."""
    text = TOML.replace('lists = ["board"]\n', "\n") if "ana@party" in new else TOML
    found = _faults(tmp_path, "a.toml", text.replace(old, new, 1))
    assert [(at, name) for at, name, _ in found] == [(line, key)]
    assert words in found[0][2]


def test_an_empty_toml_has_nobody(tmp_path: Path) -> None:
    """No person is allowed: a list may begin so."""
    assert len(read_roster(_written(tmp_path, "a.toml", "# nobody yet\n"))) == 0


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_utf_16_is_named(tmp_path: Path) -> None:
    """What spreadsheets call Unicode text is refused with the way to save it."""
    for order in ("utf-16", "utf-16-be"):
        octets = "\ufeffaddress,name,role\n".encode(order.replace("utf-16-be", "utf-16-be"))
        path = tmp_path / "a.csv"
        path.write_bytes(octets)
        with pytest.raises(RosterError, match="is UTF-16 text; save it as CSV UTF-8"):
            read_roster(path)


def test_the_line_that_names_the_separator_is_none_of_the_people(tmp_path: Path) -> None:
    """Spreadsheets put "sep=;" in front; lines count from the file's first."""
    text = "sep=;\r\naddress;name;role\r\na@b.example;A;member\r\n"
    assert [line for line, _ in people_in(_written(tmp_path, "a.csv", text))] == [3]
    assert _faults(tmp_path, "b.csv", text + "x;X;member\r\n")[0][0] == 4


def test_a_nul_octet_is_a_fault_not_a_crash(tmp_path: Path) -> None:
    """A file that holds no text is refused by line."""
    assert _faults(tmp_path, "a.csv", "address,name,role\na@b.example,\0,member\n")[0][0] == 2
