"""Rosters from files: what is read, what is refused, when it is read again."""

import os
import time
import tracemalloc
from datetime import date
from pathlib import Path

import pytest
from identity_world import BOARD, NEWS, rosters, site
from pace import allowed

from listward.filters.identity.names import key
from listward.filters.identity.origin import Role
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_file import people_in, read_roster
from listward.filters.identity.roster_values import RosterError
from listward.filters.probes import ProbeUnavailable


def _write(folder: Path, text: str) -> Path:
    path = folder / "board.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_people_are_read(tmp_path: Path) -> None:
    """Columns in any order and case, quotes, empty lines and a byte order mark are read."""
    path = _write(
        tmp_path,
        "\ufeffRole,Address, name ,language,first_posts_moderated,until,reason,note\r\n"
        'officer,Ana@Party.Example,"Ruiz, Ana",es,yes,,,x\r\n'
        "\r\n"
        "banned,ben@mail.example,Ben,,,2026-11-30,§ 4,\r\n"
        "member,cem@mail.example,\r\n",
    )
    ana, ben, cem = (person for _, person in people_in(path))
    assert (ana.address, ana.name, ana.role, ana.language, ana.first_posts_moderated) == (
        "ana@party.example",
        "Ruiz, Ana",
        Role.OFFICER,
        "es",
        True,
    )
    assert (ben.role, ben.until, ben.reason) == (Role.BANNED, date(2026, 11, 30), "§ 4")
    assert (cem.role, cem.name, cem.first_posts_moderated) == (Role.MEMBER, "", False)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "missing: address, name, role"),
        ("address,role\n", 1, "missing: name"),
        ("address,name,role\nana,Ana,member\n", 2, "'ana' is not an address"),
        ("address,name,role\nana@b.example,Ana,chief\n", 2, "allowed: member, candidate"),
        ("address,name,role\nana@b.example,Ana\n", 2, "'' is not a role"),
        ("address,name,role\n\na@b.example,A,member\nA@B.example,A,member\n", 4, "already on line 3"),
        ("address,name,role,until\na@b.example,A,banned,30.11.2026\n", 2, "write YYYY-MM-DD"),
        ("address,name,role,first_posts_moderated\na@b.example,A,member,perhaps\n", 2, "neither yes nor no"),
        ('address,name,role\n"a@b.example,A,member\n', 2, "is not CSV"),
    ],
)
def test_faults_name_file_line_and_what_is_allowed(tmp_path: Path, text: str, line: int, words: str) -> None:
    """Each fault says where it is and what would be right."""
    path = _write(tmp_path, text)
    with pytest.raises(RosterError) as caught:
        read_roster(path)
    (fault,) = caught.value.faults
    assert fault.line == line
    assert str(fault).startswith(f"{path}:{line}: ")
    assert words in str(fault)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    """Three bad lines are three faults; of thousands the first fifty are named."""
    path = _write(tmp_path, "address,name,role\nx,,member\na@b.example,,chief\ny,,member\n")
    with pytest.raises(RosterError) as caught:
        read_roster(path)
    assert [fault.line for fault in caught.value.faults] == [2, 3, 4]
    with pytest.raises(RosterError) as caught:
        read_roster(_write(tmp_path, "address,name,role\n" + "x,,member\n" * 5000))
    assert len(caught.value.faults) == 50


def test_files_that_are_no_roster(tmp_path: Path) -> None:
    """A missing file and other encodings are refused in plain words."""
    with pytest.raises(RosterError, match="cannot be read: No such file"):
        read_roster(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("address,name,role\na@b.example,José,member\n".encode("latin-1"))
    with pytest.raises(RosterError, match="not UTF-8"):
        read_roster(tmp_path / "latin.csv")
    (tmp_path / "wide.csv").write_text("address,name,role\n", encoding="utf-16")
    with pytest.raises(RosterError, match="is UTF-16 text; save it as CSV UTF-8"):
        read_roster(tmp_path / "wide.csv")


def test_addresses_match_exactly(tmp_path: Path) -> None:
    """Case does not matter; a plus-address is another address; each list has its own roster."""
    found = rosters(tmp_path)
    assert found.find(BOARD, "BEN@Mail.example") is not None
    assert found.find(BOARD, "ben+list@mail.example") is None
    assert found.find(BOARD, "nobody@mail.example") is None
    assert found.find(NEWS, "ben@mail.example") is None
    assert found.find("other@lists.party.example", "ben@mail.example") is None


def test_names_are_known_with_and_without_accents(tmp_path: Path) -> None:
    """A name is found by its words in any order, and without its accents; a list without a roster has none."""
    names = rosters(tmp_path).names(BOARD)
    assert all(key(name) in names for name in ("ana ruiz", "Ruiz Ana", "José Álvarez", "jose alvarez"))
    assert key("Ana Okoro") not in names
    assert key("Ana Ruiz") not in rosters(tmp_path).names(NEWS)


def test_a_ban_ends_after_its_last_day(tmp_path: Path) -> None:
    """On the last day it holds; the day after, the person is a member again. Other roles have no end."""
    roles = {"a@b.example": "banned", "c@b.example": "on-leave", "d@b.example": "officer"}
    rows = "".join(f"{address},X,{role},2026-11-30\n" for address, role in roles.items())
    today = [date(2026, 11, 30)]
    found = rosters(tmp_path, "address,name,role,until\n" + rows, today=lambda: today[0])

    def current() -> list[str]:
        return [entry.role for address in roles if (entry := found.find(BOARD, address))]

    assert current() == [Role.BANNED, Role.ON_LEAVE, Role.OFFICER]
    today[0] = date(2026, 12, 1)
    assert current() == [Role.MEMBER, Role.MEMBER, Role.OFFICER]


def _touch(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


def test_a_changed_file_is_read_again_within_a_second(tmp_path: Path) -> None:
    """The file is looked at once a second at most, and read when it changed."""
    now = [0.0]
    found = rosters(tmp_path, clock=lambda: now[0])
    path = _write(tmp_path, "address,name,role\nnew@b.example,New,member\n")
    _touch(path, 1)
    assert found.find(BOARD, "new@b.example") is None
    now[0] = 1.5
    assert found.find(BOARD, "new@b.example") is not None
    assert found.find(BOARD, "ana@party.example") is None


def test_the_last_good_copy_stays(tmp_path: Path) -> None:
    """A broken or vanished file changes nothing but the faults; a mended one is read."""
    now = [0.0]
    found = rosters(tmp_path, clock=lambda: now[0])
    path = _write(tmp_path, "address,name,role\nbroken\n")
    _touch(path, 1)
    now[0] = 2
    assert found.find(BOARD, "ben@mail.example") is not None
    assert [fault.line for fault in found.faults] == [2]
    path.unlink()
    now[0] = 4
    assert found.find(BOARD, "ben@mail.example") is not None
    _touch(_write(tmp_path, "address,name,role\nnew@b.example,New,member\n"), 2)
    now[0] = 6
    assert found.find(BOARD, "new@b.example") is not None
    assert found.faults == ()


def test_a_roster_never_read_is_trouble_not_a_stranger(tmp_path: Path) -> None:
    """Without any copy the question is open, and the names are empty."""
    found = SiteRosters(site(tmp_path))
    with pytest.raises(ProbeUnavailable):
        found.find(BOARD, "ben@mail.example")
    assert key("Ben Okoro") not in found.names(BOARD)
    assert found.find(NEWS, "ben@mail.example") is None
    assert "No such file" in str(found.reload()[0])


def test_a_hundred_thousand_people(tmp_path: Path) -> None:
    """A large roster loads in seconds and little memory, and a change of it is read beside the mail."""
    rows = "".join(f"person{at}@mail{at % 50}.example,Person Number {at},member\n" for at in range(100_000))
    began = time.process_time()
    now = [0.0]
    found = rosters(tmp_path, "address,name,role\n" + rows, clock=lambda: now[0])
    assert time.process_time() - began < allowed(10)
    assert found.find(BOARD, "person99999@mail49.example") is not None
    path = _write(tmp_path, "address,name,role\n" + rows + "new@b.example,New,member\n")
    _touch(path, 1)
    now[0] = 2
    began = time.thread_time()
    found.find(BOARD, "new@b.example")
    assert time.thread_time() - began < allowed(0.1)
    deadline = time.monotonic() + 45
    while found.find(BOARD, "new@b.example") is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert found.find(BOARD, "new@b.example") is not None


def test_ten_thousand_people_need_little_memory(tmp_path: Path) -> None:
    """An entry takes well below a kilobyte."""
    rows = "".join(f"person{at}@mail.example,Person Number {at},member\n" for at in range(10_000))
    tracemalloc.start()
    try:
        found = rosters(tmp_path, "address,name,role\n" + rows)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.find(BOARD, "person1@mail.example") is not None
    assert used / 10_000 < 900
