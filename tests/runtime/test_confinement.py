"""A confined process: what it can no longer do. Each test looks from inside a child of its own."""

import os
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from listward.runtime.confinement import close_all_but, confine, give_memory_back

MEMORY = 96 * 1024 * 1024


def inside(act: Callable[[], int]) -> int:
    """Run this in a child; the wait status' exit code, negative for a signal."""
    pid = os.fork()
    if not pid:
        try:
            os._exit(act())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_memory_is_bounded() -> None:
    """A little more fits, a lot more is a MemoryError."""

    def act() -> int:
        confine(MEMORY)
        fits = bytearray(MEMORY // 4)
        try:
            bytearray(2 * MEMORY)
        except MemoryError:
            return len(fits) // MEMORY
        return 1

    assert inside(act) == 0


def test_no_files_and_no_processes(tmp_path: Path) -> None:
    """Nothing can be written, no core is dumped, and nobody can be looked at by another user's processes."""

    def act() -> int:
        confine(MEMORY)
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
        assert resource.getrlimit(resource.RLIMIT_NPROC) == (0, 0)
        try:
            (tmp_path / "file").write_bytes(b"x")
        except OSError:
            return 0
        return 1

    assert inside(act) == 0
    assert (tmp_path / "file").read_bytes() == b""


def test_descriptors_are_closed() -> None:
    """Only what was named stays, and few more may be opened."""
    kept, other = socket.socketpair()
    with kept, other:

        def act() -> int:
            confine(MEMORY)
            close_all_but({kept.fileno()}, 16)
            names = {int(name) for name in os.listdir("/proc/self/fd")}  # noqa: PTH208  # numbers, not paths
            assert kept.fileno() in names
            assert other.fileno() not in names
            opened = []
            try:
                opened += [os.open(os.devnull, os.O_RDONLY) for _ in range(64)]
            except OSError:
                return 0 if len(names) <= 6 else 2
            return 1

        assert inside(act) == 0


@pytest.mark.parametrize(
    ("number", "ended"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGPROF, -signal.SIGPROF), (signal.SIGHUP, 0)]
)
def test_signals_end_it_or_do_nothing(number: signal.Signals, ended: int) -> None:
    """It ends by the kernel's hand, whatever Python is doing; a reload is not for it."""

    def act() -> int:
        confine(MEMORY)
        os.kill(os.getpid(), number)
        return 0

    assert inside(act) == ended


def test_processor_time_ends_it_inside_c_code() -> None:
    """A long computation in C, during which no Python code runs, ends on time."""

    def act() -> int:
        confine(MEMORY)
        signal.setitimer(signal.ITIMER_PROF, 0.1)
        pow(7, 10**8)
        return 0

    assert inside(act) == -signal.SIGPROF


def test_memory_can_be_given_back() -> None:
    """Where the C library can, and nothing breaks where it cannot."""
    give_memory_back()
