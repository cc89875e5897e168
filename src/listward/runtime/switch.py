"""A reload as the supervisor leads it: all children take the new configuration, or all keep the old one.

A process of its own reads and checks the files and writes one copy. Every child prepares from this copy; when all have,
all are told to use it. One that cannot, ends or is late: all are told to drop it. Nothing here ever waits.
"""

import os
import signal
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from listward.runtime.children import ChildSpec, fork_child
from listward.runtime.orders import MOST_OCTETS, Said, Word, said, sealed

_PREPARED_WITHIN = 0.8  # of the whole time: what is left is for taking it up
_CHECKER = "reload"  # the process that reads, as people see it
_ENDED_AFTER = 2.0  # times the whole time: who has not switched by then hangs, and is started anew


class Refused(Exception):
    """The new configuration cannot be used. Each argument is one line for the administrator."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What one process runs: the label of its configuration, since when in Unix seconds."""

    pid: int
    label: str
    since: float


NOBODY = Runs(0, "", 0.0)
"""What a process runs that has ended, and will be started again."""


class Reloads(Protocol):
    """What is particular to the configuration."""

    @property
    def label(self) -> str:
        """What people call the configuration that children are started with."""
        ...

    @property
    def within_s(self) -> float:
        """How long a switch may take."""
        ...

    def read(self) -> bytes:
        """Read and check the files. Called in a process of its own. Raises Refused."""
        ...

    def adopt(self, octets: bytes) -> None:
        """All have prepared: children that are started from now on start with it. Raises Refused."""
        ...

    def refused(self, reasons: tuple[str, ...]) -> None:
        """All keep what they have."""
        ...

    def late(self, names: tuple[str, ...]) -> None:
        """These have not read, prepared or switched in time."""
        ...

    def done(self) -> None:
        """All run it."""
        ...


@dataclass(slots=True)
class Child:
    """One running child that takes part: its end of the channel, and what it runs."""

    pid: int
    line: socket.socket
    runs: Runs
    serving: bool = False
    prepared: bool = False
    asked: bool = False


class Phase(StrEnum):
    """How far a switch is."""

    IDLE = "idle"
    READING = "reading"
    PREPARING = "preparing"
    SWITCHING = "switching"


@dataclass(slots=True)
class _Work:
    """One switch under way."""

    began: float
    checker: int
    file: int
    name: str = ""
    told_late: bool = False
    octets: bytes = field(default=b"", repr=False)


class Switch:
    """Leads one switch at a time over `children`, by name. `step` is called again and again."""

    def __init__(self, reloads: Reloads, children: Mapping[str, Child]) -> None:
        self._reloads = reloads
        self._children = children
        self._work: _Work | None = None
        self._again = False
        self._count = 0
        self.phase = Phase.IDLE

    def ask(self) -> None:
        """Begin; where a switch is under way, begin again when it has ended."""
        self._again = True

    @property
    def holds_births(self) -> bool:
        """Whether children must wait with being started: what they would start with is being decided."""
        return self.phase is Phase.PREPARING

    def died(self, name: str, child: Child) -> None:
        """A child that ends while it prepares may do so because of it."""
        if self.phase is Phase.PREPARING and child.asked and child.serving:
            self._abort((f"{name} ended while it prepared",))

    def step(self) -> None:
        """Go as far as can be gone at once."""
        if self._again and self.phase is Phase.IDLE:
            self._again = False
            self._begin()
        for name, child in self._children.items():
            self._hear(name, child)
        match self.phase, self._work:
            case Phase.READING, _Work() as work:
                self._await_checker(work)
            case Phase.PREPARING, _Work() as work:
                self._await_prepared(work)
            case Phase.SWITCHING, _Work() as work:
                self._await_switched(work)

    def end(self) -> None:
        """Leave no process behind."""
        if self._work is not None and self.phase is Phase.READING:
            os.kill(self._work.checker, signal.SIGKILL)
            os.waitpid(self._work.checker, 0)

    def _begin(self) -> None:
        file = os.memfd_create("configuration", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        self._work = _Work(time.monotonic(), _fork_checker(self._reloads, file, self._children), file)
        self.phase = Phase.READING

    def _await_checker(self, work: _Work) -> None:
        ended, status = os.waitpid(work.checker, os.WNOHANG)
        if not ended:
            if self._is_over(work, _PREPARED_WITHIN):
                os.kill(work.checker, signal.SIGKILL)
                os.waitpid(work.checker, 0)
                self._reloads.late((_CHECKER,))
                self._refuse((f"the configuration was not read in {_PREPARED_WITHIN * self._reloads.within_s:g} s",))
            return
        octets = sealed(work.file)
        match os.waitstatus_to_exitcode(status):
            case 0:
                self._prepare(work, octets)
            case 1:
                self._refuse(tuple(octets.decode("utf-8", "replace").splitlines()))
            case code:
                self._refuse((f"reading the configuration ended with {code}",))

    def _prepare(self, work: _Work, octets: bytes) -> None:
        self._count += 1  # not a digest: a late answer of the last switch must not count where the octets are the same
        work.name, work.octets = str(self._count), octets
        self.phase = Phase.PREPARING
        order = Said(Word.PREPARE, work.name).encoded()
        for name, child in self._children.items():
            child.asked, child.prepared = True, False
            try:
                socket.send_fds(child.line, [order], [work.file])
            except OSError:
                return self._abort((f"{name} takes no orders",))
        return None

    def _await_prepared(self, work: _Work) -> None:
        missing = tuple(name for name, child in self._children.items() if not child.prepared)
        if missing and self._is_over(work, _PREPARED_WITHIN):
            self._reloads.late(missing)
            self._abort((f"not ready in {self._reloads.within_s:g} s: {', '.join(missing)}",))
        elif not missing:
            self._commit(work)

    def _commit(self, work: _Work) -> None:
        try:
            self._reloads.adopt(work.octets)
        except Refused as refusal:
            self._abort(refusal.args)
            return
        self.phase = Phase.SWITCHING
        for child in self._children.values():
            with suppress(OSError):  # it is late then, and ended
                child.line.send(Said(Word.COMMIT, work.name).encoded())

    def _await_switched(self, work: _Work) -> None:
        waiting = {name: child for name, child in self._children.items() if child.asked}
        if not waiting:
            self._finish()
            self._reloads.done()
        elif self._is_over(work, _ENDED_AFTER):
            for child in waiting.values():
                os.kill(child.pid, signal.SIGKILL)
                child.asked = False
        elif self._is_over(work, 1.0) and not work.told_late:
            work.told_late = True
            self._reloads.late(tuple(waiting))

    def _hear(self, name: str, child: Child) -> None:
        with suppress(BlockingIOError, OSError):
            while octets := child.line.recv(MOST_OCTETS):
                with suppress(ValueError):
                    self._answered(name, child, said(octets))

    def _answered(self, name: str, child: Child, answer: Said) -> None:
        if self._work is None or answer.name != self._work.name:
            return
        match self.phase, answer.word:
            case Phase.PREPARING, Word.PREPARED:
                child.prepared = True
            case Phase.PREPARING, Word.CANNOT:
                self._abort((f"{name} cannot use it: {answer.reason}",))
            case Phase.SWITCHING, Word.RUNS:
                child.asked = False
                child.runs = Runs(child.pid, self._reloads.label, time.time())

    def _abort(self, reasons: tuple[str, ...]) -> None:
        work = self._work
        for child in self._children.values():
            with suppress(OSError):
                child.line.send(Said(Word.ABORT, work.name if work else "").encoded())
        self._refuse(reasons)

    def _refuse(self, reasons: tuple[str, ...]) -> None:
        self._finish()
        self._reloads.refused(reasons)

    def _finish(self) -> None:
        for child in self._children.values():
            child.asked = child.prepared = False
        if self._work is not None:
            os.close(self._work.file)
        self._work, self.phase = None, Phase.IDLE

    def _is_over(self, work: _Work, share: float) -> bool:
        return time.monotonic() - work.began > share * self._reloads.within_s


def _fork_checker(reloads: Reloads, file: int, children: Mapping[str, Child]) -> int:
    """Start a process that writes what all are to prepare from into the file, or why it cannot be used."""

    def run(_: object) -> int:
        try:
            octets, code = reloads.read(), 0
        except Refused as refusal:
            octets, code = "\n".join(refusal.args).encode(), 1
        with open(file, "wb", closefd=False) as writing:
            writing.write(octets)
        return code

    return fork_child(ChildSpec(_CHECKER, run), -1, close=[child.line for child in children.values()])
