"""The supervisor keeps children alive, replaces the dead, stops in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from listward.runtime.children import ChildSpec
from listward.runtime.supervisor import Supervisor

folder = Path(sys.argv[1])

def note(text):
    with open(folder / "log", "a") as log:
        log.write(text + "\\n")

class Full:
    # Standard error that nobody takes, as on a full disk.
    def write(self, text):
        raise OSError(28, "no space left on device")

    flush = lambda self: self.write("")

def child(name):
    def run(ready):
        def stop(number, frame):
            note(f"stopped {name}")
            sys.exit(0)
        if (folder / f"break {name}").exists():
            note(f"broken {name}")
            sys.stderr = Full()
            raise ValueError(name)
        signal.signal(signal.SIGTERM, stop)
        note(f"started {name} {os.getpid()}")
        ready()
        while True:
            signal.pause()
    return run

def beating(name):
    def run(ready):
        note(f"started {name} {os.getpid()}")
        while True:
            if not (folder / f"hang {name}").exists():
                ready()
            time.sleep(0.05)
    return run

specs = [
    ChildSpec("gateway-0", child("gateway-0"), 0),
    ChildSpec("store", child("store"), 1),
    ChildSpec("reader-0", child("reader-0"), 2, expendable=True),
    ChildSpec("worker-0", beating("worker-0"), 2, most_silent_s=2.0),
]
supervisor = Supervisor(
    specs,
    on_death=lambda name: note(f"died {name}"),
    on_ready=lambda: note("ready"),
)
supervisor.run()
note("ended")
"""


class Running:
    """A supervisor in a process of its own, and what its children wrote."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        self.folder = folder
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)])

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def wait_for(self, text: str, count: int = 1) -> None:
        deadline = time.monotonic() + 15
        while sum(line.startswith(text) for line in self.lines()) < count:
            assert time.monotonic() < deadline, f"no {text!r} in {self.lines()}"
            time.sleep(0.02)  # polling a file, with a deadline above

    def pid(self, name: str) -> int:
        return int([line for line in self.lines() if line.startswith(f"started {name} ")][-1].split()[-1])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    supervisor = Running(tmp_path)
    supervisor.wait_for("ready")
    yield supervisor
    supervisor.process.kill()
    supervisor.process.wait()


def test_children_stop_in_order(running: Running) -> None:
    """On SIGTERM the gateway has ended before the store gets its signal, and the exit code is 0."""
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert [line for line in running.lines() if line.startswith(("stopped", "ended"))] == [
        "stopped gateway-0",
        "stopped store",
        "stopped reader-0",
        "ended",
    ]


def test_a_child_that_hangs_is_replaced(running: Running) -> None:
    """A worker that lives and says nothing for too long is killed and started anew; one that beats is left alone."""
    hanging = running.folder / "hang worker-0"
    first = running.pid("worker-0")
    hanging.touch()
    running.wait_for("died worker-0")
    hanging.unlink()
    running.wait_for("started worker-0", 2)
    assert running.pid("worker-0") != first
    assert "died gateway-0" not in running.lines()


def test_a_dead_child_is_replaced(running: Running) -> None:
    """A worker that is killed comes back under the same name; the others live on."""
    store, worker = running.pid("store"), running.pid("gateway-0")
    os.kill(worker, signal.SIGKILL)
    running.wait_for("started gateway-0", 2)
    assert [line.split()[:2] for line in running.lines()[-2:]] == [["died", "gateway-0"], ["started", "gateway-0"]]
    assert running.pid("gateway-0") != worker
    assert running.pid("store") == store


def test_a_hangup_ends_nobody(running: Running) -> None:
    """A SIGHUP that meets children themselves, as by a careless `pkill`, is nothing to them."""
    os.kill(running.pid("gateway-0"), signal.SIGHUP)
    running.process.send_signal(signal.SIGHUP)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert "stopped gateway-0" in running.lines()
    assert "died gateway-0" not in running.lines()


def test_children_end_with_their_supervisor(running: Running) -> None:
    """When the supervisor is killed, no worker lives on to keep the port."""
    running.process.kill()
    running.process.wait()
    running.wait_for("stopped gateway-0")
    running.wait_for("stopped store")


def test_a_child_that_cannot_write_ends_alone(running: Running) -> None:
    """Where its last words fail, too, it never runs on into what its parent does: that would stop all the others."""
    broken = running.folder / "break gateway-0"
    broken.touch()
    os.kill(running.pid("gateway-0"), signal.SIGKILL)
    running.wait_for("broken gateway-0")
    broken.unlink()
    running.wait_for("started gateway-0", 2)
    assert not [line for line in running.lines() if line.startswith(("stopped", "ended"))]


def test_what_is_expendable_comes_back_at_once(running: Running) -> None:
    """However often it is killed; others wait longer each time they die."""
    began = time.monotonic()
    for count in range(2, 9):
        os.kill(running.pid("reader-0"), signal.SIGPROF)
        running.wait_for("started reader-0", count)
    assert time.monotonic() - began < 10  # with growing pauses it would be twice that and more


def test_what_is_expendable_is_killed_when_stopped(running: Running) -> None:
    """SIGSTOP would leave its work undone for ever."""
    os.kill(running.pid("reader-0"), signal.SIGSTOP)
    running.wait_for("started reader-0", 2)
