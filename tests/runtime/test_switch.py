"""A reload reaches every child that takes part, or none; whatever happens meanwhile, all end up with the same."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, os, signal, sys, time
from pathlib import Path
from listward.runtime.children import ChildSpec
from listward.runtime.orders import CannotPrepare, Orders
from listward.runtime.supervisor import Supervisor
from listward.runtime.switch import Refused

folder = Path(sys.argv[1])
WITHIN_S = 1.5

def note(text):
    with open(folder / "log", "a") as log:
        log.write(text + "\\n")

def told(name):
    return (folder / name).exists()

class Configuration:
    label = "one"
    within_s = WITHIN_S

    def read(self):
        note("reading")
        while told("slow read"):
            time.sleep(0.02)
        text = (folder / "config").read_text()
        if text.startswith("bad"):
            raise Refused("bad file", "bad line")
        if text.startswith("broken"):
            raise ValueError("broken")
        return text.encode()

    def adopt(self, octets):
        self.label = octets.decode()

    def refused(self, reasons):
        note(f"refused {'; '.join(reasons)}")

    def late(self, names):
        note(f"late {' '.join(names)}")

    def done(self):
        note(f"done {self.label}")

configuration = Configuration()

class Part:
    def __init__(self, name):
        self.name, self.runs, self.next = name, configuration.label, ""
        note(f"started {name} {os.getpid()} {self.runs}")

    async def prepare(self, octets):
        note(f"preparing {self.name}")
        if told(f"cannot {self.name}"):
            raise CannotPrepare("no file could be opened")
        while told(f"slow {self.name}"):
            await asyncio.sleep(0.02)
        while told(f"stuck {self.name}"):
            time.sleep(0.02)
        if told(f"deaf {self.name}"):
            asyncio.get_running_loop().call_soon(time.sleep, 60)
        self.next = octets.decode()

    def commit(self):
        self.runs = self.next
        note(f"switched {self.name} {self.runs}")

    def abort(self):
        note(f"dropped {self.name}")

def part(name):
    def run(parent):
        async def serve():
            orders = Orders(parent.orders, Part(name))
            parent()
            stop = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
            await stop.wait()
        asyncio.run(serve())
        return 0
    return ChildSpec(name, run, switches=True)

def other(parent):
    parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    note(f"started store {os.getpid()}")
    while True:
        signal.pause()

Supervisor(
    [part("a"), part("b"), ChildSpec("store", other)],
    configuration,
    on_ready=lambda: note("ready"),
    on_change=lambda runs, phase: note(
        f"stands {phase} " + " ".join(f"{name}={each.label}" for name, each in sorted(runs.items()))
    ),
).run()
"""


class Running:
    """A supervisor in a process of its own, and what was noted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._log = folder, folder / "log"
        (folder / "config").write_text("one")
        self.process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], stderr=subprocess.DEVNULL)
        self.wait_for("ready")

    def lines(self) -> list[str]:
        """What was noted so far."""
        return self._log.read_text().splitlines() if self._log.exists() else []

    def wait_for(self, text: str, count: int = 1) -> None:
        """Wait until so many lines match."""
        deadline = time.monotonic() + 15
        while sum(bool(re.match(text, line)) for line in self.lines()) < count:
            assert time.monotonic() < deadline, f"no {text!r} in {self.lines()}"
            time.sleep(0.01)  # polling a file, with a deadline above

    def pid(self, name: str) -> int:
        """The latest process of that name."""
        return int([line.split()[2] for line in self.lines() if line.startswith(f"started {name} ")][-1])

    def tell(self, *names: str) -> None:
        """Make trouble."""
        for name in names:
            (self.folder / name).touch()

    def spare(self, *names: str) -> None:
        """Make it no more."""
        for name in names:
            (self.folder / name).unlink()

    def reload(self, text: str) -> None:
        """Write a configuration and ask for it."""
        (self.folder / "config").write_text(text)
        self.process.send_signal(signal.SIGHUP)

    @property
    def stands(self) -> str:
        """What was said last of who runs what."""
        return [line for line in self.lines() if line.startswith("stands")][-1]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    supervisor = Running(tmp_path)
    yield supervisor
    supervisor.process.terminate()
    try:
        assert supervisor.process.wait(20) == 0
    finally:
        supervisor.process.kill()


def test_all_switch_when_all_have_prepared(running: Running) -> None:
    """Nobody before the last one is ready; the supervisor says who runs what."""
    running.tell("slow b")
    running.reload("two")
    running.wait_for("preparing b")
    running.wait_for("preparing a")
    assert not [line for line in running.lines() if line.startswith("switched")]
    running.spare("slow b")
    running.wait_for("done two")
    running.wait_for("stands idle a=two b=two")
    lines = running.lines()
    assert max(lines.index("preparing a"), lines.index("preparing b")) < lines.index("switched a two")
    os.kill(running.pid("a"), signal.SIGKILL)
    running.wait_for(r"started a \d+ two")


@pytest.mark.parametrize(("text", "reason"), [("bad", "bad file; bad line"), ("broken", ".* ended with 70")])
def test_a_file_that_cannot_be_used_changes_nothing(running: Running, text: str, reason: str) -> None:
    """Nobody even hears of it, and the next good one is taken up."""
    running.reload(text)
    running.wait_for(f"refused {reason}$")
    assert not [line for line in running.lines() if line.startswith("preparing")]
    running.reload("three")
    running.wait_for("stands idle a=three b=three")


def test_one_that_cannot_leaves_all_as_they_were(running: Running) -> None:
    """Its reason is told, and the other drops what it has prepared."""
    running.tell("cannot b")
    running.reload("two")
    running.wait_for("refused b cannot use it: no file could be opened")
    running.wait_for("dropped a")
    running.wait_for("stands idle a=one b=one")
    running.spare("cannot b")
    running.reload("two")
    running.wait_for("stands idle a=two b=two")


def test_one_that_is_late_leaves_all_as_they_were(running: Running) -> None:
    """It is named; what it prepares later is nobody's."""
    running.tell("slow b")
    running.reload("two")
    running.wait_for("refused not ready in 1.5 s: b")
    running.spare("slow b")
    running.reload("three")
    running.wait_for("stands idle a=three b=three")
    assert not [line for line in running.lines() if re.match("switched . two", line)]


def test_a_late_answer_is_none_to_the_next_switch(running: Running) -> None:
    """Also where both are about the same octets: who says that it has prepared for the first has not for the next."""
    running.tell("stuck b")
    running.reload("two")
    running.wait_for("refused not ready in 1.5 s: b")
    running.tell("slow b")
    running.reload("two")
    running.wait_for("preparing a", 2)
    running.spare("stuck b")
    running.wait_for("preparing b", 2)
    running.wait_for("refused not ready in 1.5 s: b", 2)
    assert running.stands == "stands idle a=one b=one"
    running.spare("slow b")


def test_reading_may_not_take_for_ever(running: Running) -> None:
    """A file on a disk that hangs: the old one stays, and dead children come back meanwhile."""
    running.tell("slow read")
    running.reload("two")
    running.wait_for("reading")
    os.kill(running.pid("store"), signal.SIGKILL)
    running.wait_for("started store", 2)
    running.wait_for(r"refused the configuration was not read in 1\.2 s")
    assert "late reload" in running.lines()
    running.spare("slow read")


def test_one_that_ends_while_it_prepares_leaves_all_as_they_were(running: Running) -> None:
    """What it prepared may have been its end; it comes back with the old one."""
    running.tell("slow b")
    running.reload("two")
    running.wait_for("preparing b")
    os.kill(running.pid("b"), signal.SIGKILL)
    running.wait_for("refused b ended while it prepared")
    running.wait_for(r"started b \d+ one", 2)
    running.wait_for("stands idle a=one b=one", 2)
    running.spare("slow b")


def test_one_that_hangs_when_all_switch_is_started_anew(running: Running) -> None:
    """It is shown as running the old one until then."""
    running.tell("deaf b")
    running.reload("two")
    running.wait_for("late b")
    assert running.stands == "stands switching a=two b=one"
    running.spare("deaf b")
    running.wait_for(r"started b \d+ two")
    running.wait_for("stands idle a=two b=two")


def test_asked_twice_it_switches_twice(running: Running) -> None:
    """What is asked for during a switch is done after it: nobody's last change is forgotten."""
    running.tell("slow a")
    running.reload("two")
    running.wait_for("preparing a")
    running.reload("three")
    running.wait_for("preparing b")
    running.spare("slow a")
    running.wait_for("done three")
    assert running.lines().index("done two") < running.lines().index("done three")


def test_no_child_holds_the_ends_of_others(running: Running) -> None:
    """Whoever is taken over by a message it reads must give no orders to others."""

    def held(name: str) -> int:
        descriptors = Path(f"/proc/{running.pid(name)}/fd").iterdir()
        return sum(str(each.readlink()).startswith("socket:") for each in descriptors)

    os.kill(running.pid("store"), signal.SIGKILL)
    running.wait_for("started store", 2)
    assert held("store") == 0
