"""A lock that tells who runs: the kernel names the process that holds it, so that no signal ever meets a stranger."""

import fcntl
import os
import signal
import struct
from contextlib import suppress
from pathlib import Path

_FLOCK = "hhqqi4x"  # struct flock on 64-bit Linux: type, whence, start, length, pid


class AlreadyHeld(Exception):
    """Another process holds the lock. `pid` is 0 where it cannot be seen from here."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"process {pid}" if pid else "another process")
        self.pid = pid


def hold(path: Path) -> int:
    """Lock the file for as long as this very process lives; children do not inherit it. Returns the descriptor.

    Raises AlreadyHeld and OSError.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX allows EAGAIN and EACCES
        os.close(file)
        raise AlreadyHeld(holder(path)) from None
    except OSError:
        os.close(file)
        raise
    os.ftruncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode())
    return file


def holder(path: Path) -> int:
    """Return the pid of the process that holds the lock, 0 where nobody does. Raises OSError.

    Not for the holder itself: it would lose its lock by closing the file.
    """
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, *_, pid = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
        return 0 if kind == fcntl.F_UNLCK else int(pid)
    finally:
        os.close(file)


def signal_holder(path: Path, number: signal.Signals) -> int:
    """Send a signal to whoever holds the lock, and return its pid, 0 where nobody does.

    Raises OSError, PermissionError where it is not ours to signal.
    """
    pid = holder(path)
    if pid <= 0:
        return 0
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)  # from here on the number cannot pass to another process
        try:
            if holder(path) == pid:
                signal.pidfd_send_signal(handle, number)
                return pid
        finally:
            os.close(handle)
    return 0
