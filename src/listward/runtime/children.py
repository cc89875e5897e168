"""One child process of the supervisor: what it runs, and how its life is told to the parent."""

import contextlib
import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_LONGEST_NAME = 15  # the kernel cuts a process's name there
HANDLED = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})

Ready = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Parent:
    """What a child knows of its supervisor: called, it says that it serves. `orders` is its end of that channel."""

    ready_channel: int
    name: str
    orders: socket.socket | None = None

    def __call__(self) -> None:
        """Say that this child serves."""
        os.write(self.ready_channel, f"{self.name}\n".encode())


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """A child to keep alive. `run` gets a function to call when it serves, and returns the exit code.

    Children of a lower `stop_order` are stopped, and have ended, before those of a higher one get their signal. One
    that has not ended `stop_timeout_s` after its signal is killed.

    An `expendable` child may be ended by the kernel at any time, for what it was given to do: once it has said that it
    serves, it is started again at once, however often. One that is stopped (SIGSTOP) is killed.

    A child that `switches` takes part in reloads, by orders; the others go on as they are.

    A child with `most_silent_s` says again and again that it serves; one that has not for so long hangs, and is killed.
    """

    name: str
    run: Callable[[Parent], int]
    stop_order: int = 0
    stop_timeout_s: float = 20.0
    expendable: bool = False
    most_silent_s: float = 0.0
    switches: bool = False


def fork_child(
    spec: ChildSpec, ready_channel: int, orders: socket.socket | None = None, close: Iterable[socket.socket] = ()
) -> int:
    """Fork and run the child; returns its pid in the parent, never returns in the child.

    `close` are the supervisor's own ends: by one of these a child could give orders to another.
    """
    _flush()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 70  # EX_SOFTWARE: what a child that raised leaves behind
    try:
        follow_parent(parent, spec.name)
        os.setpgid(0, 0)  # Ctrl-C is for the supervisor alone, which stops its children in order
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a reload is the supervisor's to lead
        for end in close:
            end.close()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        code = spec.run(Parent(ready_channel, spec.name, orders))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:  # a child must never run on into the parent's code
        with contextlib.suppress(Exception):
            print(f"listward: {spec.name} ended: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        _flush()
        os._exit(code)


def follow_parent(parent: int, name: str) -> None:
    """End with the parent, however it ends: a worker without one would keep the port. Show the role in `ps`."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    prctl(_PR_SET_NAME, f"lw:{name}".encode()[:_LONGEST_NAME])
    if os.getppid() != parent:
        os._exit(0)


def _flush() -> None:
    """Write what waits. Output that nobody takes (a full disk, a closed pipe) must decide about no process's life."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
