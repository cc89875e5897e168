"""The embedded store: a private Valkey or Redis child that flushes every write, on a unix socket only we can open."""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from listward.queue.store.server_binary import find_server
from listward.queue.store.socket_path import choose_socket, make_private, prepare_socket
from listward.queue.store.talk import answers, ask, serves

PR_SET_PDEATHSIG = 1  # prctl(2)
STEADY_S = 0.6  # a server whose parent was killed still answers for a tenth of a second or two
STARTS = 3  # a child that was killed while it started, or met an old server that was still ending, is started again
LOG = "store.log"


class StoreNotStarted(Exception):
    """The embedded store could not be started; the text says why and where its log lies."""


class EmbeddedServer:
    """One server for one folder. Start it from the main thread: the kernel ends it when the starting thread ends."""

    def __init__(self, path: Path, start_timeout_s: float = 10.0) -> None:
        self.directory = path.absolute()
        self.socket = choose_socket(self.directory)
        self.adopted = False
        self._timeout_s = start_timeout_s
        self._child: subprocess.Popen[bytes] | None = None
        self._said = 0

    @property
    def pid(self) -> int | None:
        """The child's process id, None for an adopted server."""
        return self._child.pid if self._child else None

    def alive(self) -> bool:
        """Whether the server runs: our child by its process, an adopted one by its answer."""
        return self._child.poll() is None if self._child else self.adopted and answers(self.socket)

    def start(self) -> None:
        """Start the server, or adopt one that already serves this folder. Raises StoreNotStarted, NoServer."""
        make_private(self.directory)
        self.socket = prepare_socket(self.directory)
        lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if self._lock_or_adopt(lock):
                self._bring_up(lock)
        finally:
            os.close(lock)  # the child keeps its own copy, so the lock lives exactly as long as the server

    def adopt(self) -> bool:
        """Take over a server that runs for this folder; say whether there is one."""
        self.adopted = answers(self.socket) and serves(self.socket, self.directory)
        return self.adopted

    def stop(self, timeout_s: float = 10.0) -> None:
        """End the server in order; its data is on disk already."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        elif self.adopted:
            ask(self.socket, "SHUTDOWN", "NOSAVE", timeout_s=timeout_s)
        self._child, self.adopted = None, False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _lock_or_adopt(self, lock: int) -> bool:
        """Return True when the folder is ours alone, False when a running server was adopted."""
        deadline, steady_since = time.monotonic() + self._timeout_s, 0.0
        while time.monotonic() < deadline:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if not self.adopt():
                steady_since = 0.0
            elif not steady_since:
                steady_since = time.monotonic()
            elif time.monotonic() - steady_since > STEADY_S:
                return False
            time.sleep(0.02)
        raise StoreNotStarted(f"{self.directory} is in use by another process that does not answer")

    def _bring_up(self, lock: int) -> None:
        """Start the server, more than once where what ended it may be over. Raises StoreNotStarted."""
        deadline = time.monotonic() + self._timeout_s
        self._said = self._log_size()
        for left in reversed(range(STARTS)):
            child = self._spawn(lock)
            if self._comes_up(child, deadline):
                return
            self.stop()
            passing = child.returncode < 0 or answers(self.socket)
            if not left or not passing or time.monotonic() > deadline:
                break
            self._await_end_of_old(deadline)
        raise StoreNotStarted(f"the embedded store did not start: {self._last_words()}")

    def _await_end_of_old(self, deadline: float) -> None:
        while answers(self.socket) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        self.socket.unlink(missing_ok=True)  # the lock is ours, so nobody listens there
        self.adopted = False
        command, prepare = _bound_to_us([str(find_server()), *self._options()])
        self._child = subprocess.Popen(  # noqa: S603 - the binary found above, with our own options
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lock,),
            preexec_fn=prepare,  # noqa: PLW1509 - only where setpriv is missing; it calls prctl and nothing else
            start_new_session=True,
        )
        return self._child

    def _comes_up(self, child: subprocess.Popen[bytes], deadline: float) -> bool:
        """Wait for the answer of this very child: False when it ended or is too slow."""
        while child.poll() is None and time.monotonic() < deadline:
            if answers(self.socket):
                return child.poll() is None
            time.sleep(0.01)
        return False

    def _options(self) -> list[str]:
        options = {
            "appendonly": "yes",
            "appendfsync": "always",
            "no-appendfsync-on-rewrite": "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "enable-debug-command": "no",
            "enable-module-command": "no",
            "logfile": str(self.directory / LOG),
            "loglevel": "warning",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _log_size(self) -> int:
        try:
            return (self.directory / LOG).stat().st_size
        except OSError:
            return 0

    def _last_words(self) -> str:
        try:
            text = (self.directory / LOG).read_bytes()[self._said :]  # the words of an earlier server explain nothing
            lines = text.decode(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        lines = [line for line in lines if "WARNING" not in line]  # advice on the system's settings is no reason
        return f"{lines[-1] if lines else 'it said nothing'} (see {self.directory / LOG})"


def _bound_to_us(command: list[str]) -> tuple[list[str], Callable[[], None] | None]:
    """Make the kernel end the server when we die by whatever cause, so that no orphan holds the folder."""
    if setpriv := shutil.which("setpriv"):
        return [setpriv, "--pdeathsig", "TERM", *command], None
    prctl = ctypes.CDLL(None).prctl
    return command, lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
