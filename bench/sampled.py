"""Listward with a sampler in every process: `python -m bench.sampled FILE run --config SITE`.

Every few ms of a process's CPU time the kernel sends it a signal. The handler counts which of our files is at work;
libraries and the interpreter's own C code are charged to the file that called them. The counts lie in FILE, mapped into
every process, a row each: so a process that may open no file can count as well.
"""

import ctypes
import mmap
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import listward

EVERY_NS = 2_000_000
ROWS = 64
PACKAGE = Path(listward.__file__).parent
OTHER = "(event loop)"
_SIGNAL = signal.SIGRTMIN + 4  # SIGPROF is the product's own
_PROCESS_CPU = 2  # CLOCK_PROCESS_CPUTIME_ID


class _Event(ctypes.Structure):
    """struct sigevent."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_byte * 48),
    )


class _Times(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns"))


def places() -> list[str]:
    """Our files below the package, in order, and what is none of them."""
    return [OTHER, *sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))]


class Counts:
    """The table in the file: a row for each process, its pid first and then a counter for each place."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._width = len(names) + 1
        size = ROWS * self._width * 4
        with path.open("a+b") as file:
            file.truncate(size)
            self._memory = mmap.mmap(file.fileno(), size)
        self.table = memoryview(self._memory).cast("I")
        self._names = names

    def row(self) -> int:
        """Take the next free row for this process and return where its counters begin."""
        for start in range(0, ROWS * self._width, self._width):
            if self.table[start] == 0:
                self.table[start] = os.getpid()
                return start + 1
        raise RuntimeError("more processes than rows")

    def by_process(self) -> dict[int, dict[str, int]]:
        """What is counted so far: samples by place, by pid."""
        found: dict[int, dict[str, int]] = {}
        for start in range(0, ROWS * self._width, self._width):
            if pid := self.table[start]:
                counters = self.table[start + 1 : start + self._width]
                found[pid] = {name: count for name, count in zip(self._names, counters, strict=True) if count}
        return found


class Sampler:
    """Counts in one process and, after a fork, in the child on a row of its own."""

    def __init__(self, counts: Counts, names: Sequence[str]) -> None:
        self._counts = counts
        self._columns = {str(PACKAGE / name): column for column, name in enumerate(names)}
        self._start = 0

    def begin(self) -> None:
        """Begin in this process."""
        self._start = self._counts.row()
        signal.signal(_SIGNAL, self._note)
        libc, event, timer = ctypes.CDLL(None), _Event(signal=_SIGNAL), ctypes.c_void_p()
        libc.timer_create(_PROCESS_CPU, ctypes.byref(event), ctypes.byref(timer))
        libc.timer_settime(timer, 0, ctypes.byref(_Times(0, EVERY_NS, 0, EVERY_NS)), None)

    def _note(self, _number: int, frame: FrameType | None) -> None:
        column = 0
        while frame is not None and not (column := self._columns.get(frame.f_code.co_filename, 0)):
            frame = frame.f_back
        self._counts.table[self._start + column] += 1


if __name__ == "__main__":
    from listward.cli.main import main

    known = places()
    sampler = Sampler(Counts(Path(sys.argv.pop(1)), known), known)
    os.register_at_fork(after_in_child=sampler.begin)
    main()
