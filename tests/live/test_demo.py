"""`make run` shows the whole: twelve messages, each with its outcome."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from free_ports import free_ports

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live"), pytest.mark.timeout(120)]

EXPECTED = (
    ("1. a member's post", "delivered"),
    ("2. spam", "held"),
    ("3. a plea for money for oneself", "held"),
    ("4. a reminder of party dues", "delivered"),
    ("5. an internal matter, copied to the press", "refused"),
    ("6. an outsider to the board's list", "refused"),
    ("7. a forged officer", "refused"),
    ("8. the first message again", "not repeated"),
    ("9. a malformed message", "refused"),
    ('10. an "unsubscribe" command', "delivered"),
    ("11. sharp criticism of the leadership", "delivered"),
    ("12. mail to a list that does not exist", "refused"),
)

PORTS = (2525, 2526, 2527, 2528, 5390, 8025, 9325)  # those of the demo, without an offset


def free_offset() -> int:
    """Every port of the demo shifted by this was free a moment ago, and no client's connection can take it."""
    while True:
        offset = free_ports(1)[0] % 8000 + 14_000
        if all(is_free(port + offset) for port in PORTS):
            return offset


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def demo(folder: Path, offset: int) -> str:
    command = [sys.executable, "-m", "listward", "demo", "--leave", "--directory", str(folder)]
    ended = subprocess.run(
        [*command, "--port-offset", str(offset)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_demo_shows_twelve_outcomes_twice(tmp_path: Path) -> None:
    """Each message meets its fate, in a second run on the same folder too; the post is in three mailboxes once."""
    offset = free_offset()
    for run in (1, 2):
        shown = demo(tmp_path / "demo", offset)
        for title, outcome in EXPECTED:
            line = next((line for line in shown.splitlines() if title in line), "")
            assert outcome in line, f"run {run}: {title} should be {outcome}\n{shown}"
        assert "log in as moderator@party.example" in shown
    assert len(list((tmp_path / "demo" / "list-server" / "members@party.example").glob("*.eml"))) == 6


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """The demo does not write into a folder that is not its own."""
    (tmp_path / "thesis.txt").touch()
    command = [sys.executable, "-m", "listward", "demo", "--leave", "--directory", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 1
    assert "name another folder" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    """A second demo does not share the first one's ports; it says which is taken."""
    offset = free_offset()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 8025 + offset))
        taken.listen()
        command = [sys.executable, "-m", "listward", "demo", "--leave", "--directory", str(tmp_path / "demo")]
        ended = subprocess.run(
            [*command, "--port-offset", str(offset)], capture_output=True, text=True, check=False, timeout=30
        )
    assert ended.returncode == 3
    assert f"127.0.0.1:{8025 + offset}: another program listens there" in ended.stderr
    assert not (tmp_path / "demo").exists()
