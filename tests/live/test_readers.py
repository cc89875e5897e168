"""The reader processes of a running gateway: killed, stopped and started again, and mail flows on."""

import os
import signal
from pathlib import Path
from uuid import uuid4

import pytest
from messages import build
from running import Running
from scripted_hop import ScriptedHop

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]
MEMBERS, ANN = "members@party.example", "ann@members.example"
LARGE = "Who brings the cake?\n" * 20_000
READERS = ("lw:reader-0", "lw:reader-large")


def send(running: Running, text: str = "Who brings the cake?\n") -> int:
    """The code of the answer to one more post."""
    raw = build(from_=ANN, to=MEMBERS, subject="Tea", text=text, message_id=f"<{uuid4()}@test.example>")
    return running.send(ANN, MEMBERS, raw).code


def pid_of(running: Running, name: str, other_than: int = 0) -> int:
    """The one process of that name, once it is another."""
    running.wait_for(lambda: running.children(name) not in ([], [other_than]), name)
    return running.children(name)[0]


def test_readers_come_back(running: Running, list_server: ScriptedHop) -> None:
    """Whatever ends one, again and again, the supervisor starts the next; no post waits, and none is lost."""
    posts = 0
    for number in (signal.SIGKILL, signal.SIGPROF, signal.SIGSTOP, signal.SIGKILL):
        for name in READERS:
            pid = pid_of(running, name)
            os.kill(pid, number)
            assert send(running, LARGE if name == "lw:reader-large" else "Tea?\n") == 250
            pid_of(running, name, other_than=pid)
            posts += 1
    assert len(list_server.messages) + len(running.cases()) == posts
    assert running.stop() == 0


def test_a_reader_has_nothing_to_take(running: Running) -> None:
    """No listening socket, no file, no shared counts: its channel, its worker's connection and standard error."""
    assert send(running) == 250
    for name in READERS:
        pid = pid_of(running, name)
        open_files = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
        sockets = [target for target in open_files if target.startswith("socket:")]
        assert len(sockets) <= 2
        assert len(open_files) <= 5
        assert not any("metrics" in target or "spool" in target for target in open_files)
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
        assert "/dev/zero" not in maps
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
        assert [line.split()[4] for line in limits.splitlines() if line.startswith("Max file size")] == ["0"]


def test_a_reload_reaches_the_readers(running: Running, list_server: ScriptedHop) -> None:
    """After SIGHUP messages are read by what the configuration says now, in the same reader processes."""
    assert send(running) == 250
    pid = pid_of(running, "lw:reader-0")
    site = running.folder / "site.toml"
    site.write_text(
        site.read_text(encoding="utf-8").replace(
            'domains = ["party.example"]', 'domains = ["party.example", "members.example"]', 1
        )
    )
    running.hang_up()
    running.wait_for(lambda: running.log().count("config-loaded") > 0, "the reload")
    assert send(running) in {250, 550}
    assert running.children("lw:reader-0") == [pid]
