"""Takes from the process what reading hostile octets does not need. Nothing here can be undone."""

import ctypes
import os
import resource
import signal
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

NICE = 5
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38


def confine(memory_bytes: int) -> None:
    """Leave `memory_bytes` of address space beyond what is used now; no core dumps, files, processes or privileges.

    Signals that end a process end this one; a reload does not concern it.
    """
    for number in (signal.SIGTERM, signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, _address_space() + memory_bytes)


def close_all_but(kept: Collection[int], most_open: int) -> None:
    """Close every descriptor but these and standard error; at most `most_open` may be open from now on."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    before = 3
    for number in sorted(kept):
        os.closerange(before, number)
        before = number + 1
    os.closerange(before, 1 + max(int(entry.name) for entry in Path("/proc/self/fd").iterdir()))
    _limit(resource.RLIMIT_NOFILE, max(most_open, before))


def stand_back() -> None:
    """Leave the processor to others where they want it; where that may not be said, nothing changes."""
    with suppress(OSError):
        os.nice(NICE)


def give_memory_back() -> None:
    """Return freed memory to the system, where the C library keeps it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (bound, bound))


def _address_space() -> int:
    """Octets of address space in use."""
    return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
