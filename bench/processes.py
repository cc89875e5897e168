"""Child processes of a measurement: started in a group of their own, waited for, and always ended."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PORTS = (20_000, 32_000)


class NotStarted(Exception):
    """A system did not begin to listen in time; the message holds the end of its log."""


def free_ports(count: int) -> list[int]:
    """So many different TCP ports of 127.0.0.1 that nobody uses now.

    They lie below those that the kernel gives to clients, so that no client takes one before it is listened on.
    """
    found: list[int] = []
    for port in random.SystemRandom().sample(range(*PORTS), PORTS[1] - PORTS[0]):
        if len(found) == count:
            return found
        with socket.socket() as bound, suppress(OSError):
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", port))
            found.append(port)
    raise NotStarted("no free ports")


@contextmanager
def running(command: Sequence[str], log: Path, port: int | None, seconds: float = 30) -> Iterator[int]:
    """Run the command until the block ends; yields its pid once it listens on the port. Raises NotStarted."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        if port is not None:
            _wait(process, port, log, seconds)
        yield process.pid
    finally:
        _end(process)


def end(pid: int, seconds: float = 10.0) -> None:
    """End a process that is no child of ours, in order or after so long by force."""
    until = time.monotonic() + seconds
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < until:
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


def python(module: str, *arguments: str) -> list[str]:
    """The command line of one of our own modules."""
    return [sys.executable, "-m", module, *arguments]


def _wait(process: subprocess.Popen[bytes], port: int, log: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise NotStarted(f"nothing listens on port {port}:\n" + log.read_text(errors="replace")[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a group that this module made
        process.wait(10)
