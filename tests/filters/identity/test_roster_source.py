"""A roster file that changes while it serves: when it is read again, and when it is not believed yet."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from identity_world import BOARD, site

from listward.filters.identity import roster_source
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_copy import RosterCopy
from listward.filters.identity.roster_source import FileSource
from listward.filters.probes import ProbeUnavailable

HEADER = "address,name,role\n"


def _rows(count: int, start: int = 0) -> str:
    return "".join(f"p{at}@a.example,Person N{at},member\n" for at in range(start, start + count))


class Clocked:
    """A file, its source, and both clocks in one hand."""

    def __init__(self, folder: Path, text: str) -> None:
        self.path = folder / "board.csv"
        self.now = 1000.0
        self.write(text, age=3600)
        self.source = FileSource(self.path, lambda: self.now, lambda: self.now)
        self.source.read()

    def write(self, text: str, age: float = 0.0) -> None:
        """Write the file; it says of itself that this was `age` seconds ago."""
        self.path.write_text(text, encoding="utf-8")
        os.utime(self.path, ns=(0, int((self.now - age) * 1e9)))

    def people(self, after_s: float = 0.0) -> int:
        """How many there are some time later."""
        self.now += after_s
        return len(self.source.copy())


def test_a_file_that_just_changed_is_left_to_settle(tmp_path: Path) -> None:
    """Half a file is never served: it is read when it has stood still for a second."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    rig.now += 10
    rig.write(HEADER + _rows(2))
    assert rig.people() == 5
    rig.write(HEADER + _rows(4))
    assert rig.people(1.0) == 4
    assert rig.source.faults == ()


def test_a_file_that_never_settles_is_not_read(tmp_path: Path) -> None:
    """While somebody keeps writing the copy stays, and its age grows."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    since = rig.source.current_at
    for count in range(6, 20):
        rig.now += 1.0
        rig.write(HEADER + _rows(count), age=0.0)
        assert rig.people() == 5
    assert rig.source.current_at == since
    assert rig.people(1.1) == 19
    assert rig.source.current_at == rig.now


def test_a_file_that_changed_long_ago_is_read_at_the_first_look(tmp_path: Path) -> None:
    """Who was banned an hour ago is banned for the first message after a quiet hour."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    rig.now += 3600
    rig.write(HEADER + _rows(6), age=1800)
    assert rig.people() == 6


def test_a_clock_that_is_ahead_does_not_keep_a_file_from_being_read(tmp_path: Path) -> None:
    """Where a file server's time is in the future, two looks tell that the file stands still."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    rig.now += 10
    rig.write(HEADER + _rows(6), age=-86_400)
    assert rig.people() == 5
    assert rig.people(1.1) == 6


def test_a_file_cut_short_is_not_believed_at_once(tmp_path: Path) -> None:
    """Who lost more than half of the people says so, and serves the old copy for a minute."""
    rig = Clocked(tmp_path, HEADER + _rows(100))
    rig.now += 10
    rig.write(HEADER + _rows(40))
    assert rig.people(2) == 100
    (fault,) = rig.source.faults
    assert "has lost most of its people: 40 instead of 100" in str(fault)
    assert rig.people(30) == 100
    assert rig.people(31) == 40
    assert rig.source.faults == ()


def test_a_file_that_grows_back_is_believed_at_once(tmp_path: Path) -> None:
    """A pause in the middle of writing is over when the rest is there."""
    rig = Clocked(tmp_path, HEADER + _rows(100))
    rig.now += 10
    rig.write(HEADER + _rows(10))
    assert rig.people(5) == 100
    rig.write(HEADER + _rows(101))
    assert rig.people(1.1) == 101
    assert rig.source.faults == ()


def test_small_rosters_may_shrink(tmp_path: Path) -> None:
    """A board of five that becomes two is no sign of anything."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    rig.now += 10
    rig.write(HEADER + _rows(2))
    assert rig.people(1.1) == 2


def test_a_file_without_anybody_is_doubted_too(tmp_path: Path) -> None:
    """Only the first line is left: most likely the rest is still to come."""
    rig = Clocked(tmp_path, HEADER + _rows(20))
    rig.now += 10
    rig.write(HEADER)
    assert rig.people(2) == 20
    assert rig.people(60) == 0


def test_a_file_written_while_it_is_read_is_read_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read may be half of one and half of another: it is thrown away."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    real = roster_source.read_roster

    def disturbed(path: Path, rest: Callable[[], None]) -> RosterCopy:
        copy = real(path, rest)
        rig.write(HEADER + _rows(7))
        return copy

    rig.now += 10
    rig.write(HEADER + _rows(6), age=5)
    monkeypatch.setattr(roster_source, "read_roster", disturbed)
    assert rig.people() == 5
    assert "was written to while it was read" in str(rig.source.faults[0])
    monkeypatch.setattr(roster_source, "read_roster", real)
    assert rig.people(1.1) == 7
    assert rig.source.faults == ()


def test_rights_that_come_back_are_noticed(tmp_path: Path) -> None:
    """A file that could not be read is tried again when its rights change, though its text did not."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    rig.now += 10
    rig.path.rename(tmp_path / "away")
    rig.path.mkdir()
    os.utime(rig.path, (0, 0))
    assert rig.people(2) == 5
    assert "cannot be read: Is a directory" in str(rig.source.faults[0])
    rig.path.rmdir()
    (tmp_path / "away").rename(rig.path)
    assert rig.people(2) == 5
    assert rig.source.faults == ()


def test_age_counts_from_the_last_look_that_found_all_well(tmp_path: Path) -> None:
    """A file that stands still is current; a broken one ages."""
    rig = Clocked(tmp_path, HEADER + _rows(5))
    rig.people(100)
    assert rig.source.current_at == rig.now
    well = rig.now
    rig.write("address,name,role\nbroken\n", age=5)
    rig.people(50)
    rig.people(50)
    assert rig.source.current_at == well


def test_lists_that_name_one_file_share_one_copy(tmp_path: Path) -> None:
    """The file is read once, and each list sees its own people."""
    lists = [
        {"address": f"l{at}@p.example", "zone": "members", "next_hop": "lmtp://127.0.0.1:1", "roster": "all.csv"}
        for at in range(3)
    ]
    (tmp_path / "all.csv").write_text("address,name,role,lists\na@b.example,A,officer,l1\nc@d.example,C,member,\n")
    found = SiteRosters(site(tmp_path, list=lists))
    assert found.copy("l0@p.example") is found.copy("l2@p.example")
    assert [found.find(f"l{at}@p.example", "a@b.example") is not None for at in range(3)] == [False, True, False]
    assert all(found.find(f"l{at}@p.example", "c@d.example") for at in range(3))


def test_a_reload_takes_over_what_was_read(tmp_path: Path) -> None:
    """The same file is not read again; one that changed is, and one that no list names any more is forgotten."""
    (tmp_path / "board.csv").write_text(HEADER + _rows(3))
    first = SiteRosters(site(tmp_path))
    again = SiteRosters(site(tmp_path), first)
    assert again.copy(BOARD) is first.copy(BOARD)
    os.utime(tmp_path / "board.csv", (1, 1))
    (tmp_path / "board.csv").write_text(HEADER + _rows(4))
    os.utime(tmp_path / "board.csv", (2, 2))
    third = SiteRosters(site(tmp_path), again)
    assert third.find(BOARD, "p3@a.example") is not None
    lists = [{"address": BOARD, "zone": "members", "next_hop": "lmtp://127.0.0.1:1"}]
    assert dict(SiteRosters(site(tmp_path, list=lists), third)) == {}


def test_renames_under_load_never_show_half_a_roster(tmp_path: Path) -> None:
    """Readers in several threads see one whole copy or another, while the file is replaced and written in place."""
    path = tmp_path / "board.csv"
    path.write_text(HEADER + _rows(150))
    clock = [0.0]
    source = FileSource(path, lambda: clock[0], lambda: clock[0] + 1e9)
    source.read()
    stop, wrong, seen = threading.Event(), list[str](), set[int]()

    def ask() -> None:
        while not stop.is_set():
            try:
                copy = source.copy()
            except ProbeUnavailable as error:
                wrong.append(str(error))
                return
            seen.add(len(copy))
            last = copy.find(BOARD, f"p{len(copy) - 1}@a.example")
            if len(copy) not in {150, 151, 152} or last is None:
                wrong.append(f"{len(copy)} people, {last}")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(16):
        text = HEADER + _rows(150 + turn % 3)
        if turn % 2:
            (tmp_path / "new").write_text(text)
            (tmp_path / "new").rename(path)
        else:
            with path.open("w") as file:
                for at in range(0, len(text), 2000):
                    file.write(text[at : at + 4000])
                    file.flush()
                    clock[0] += 0.01
        os.utime(path, (turn, turn))
        clock[0] += 2.0
        source.look()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(seen) > 1
