"""How a worker reaches a reader: it makes a pair of sockets and hands one end over (SCM_RIGHTS).

The channel belongs to the supervisor, so it outlives any reader: an end that was handed over while no reader was alive
waits for the next one. There is no name in the file system that a stranger could connect to.
"""

import array
import socket
from collections.abc import Sequence
from dataclasses import dataclass

MOST_DESCRIPTORS = 2
_ENDED = b"\x01"


class NoRoom(Exception):
    """So many connections wait for a reader already that no more can."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane's channel: workers give at one end, readers take at the other.

    Readers of a `patient` lane leave the processor to others.
    """

    giving: socket.socket
    taking: socket.socket
    patient: bool = False

    @classmethod
    def create(cls, *, patient: bool = False) -> "Lane":
        """Make one. Whole messages, so that each take gets what one give gave."""
        giving, taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        giving.setblocking(False)
        return cls(giving, taking, patient)

    def give(self, file: int | None = None) -> socket.socket:
        """Hand a new connection to the next free reader, with an open file; return our end. Raises NoRoom, OSError."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            descriptors = [theirs.fileno()] if file is None else [theirs.fileno(), file]
            try:
                self.giving.sendmsg([_ENDED], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))])
            except BlockingIOError:
                ours.close()
                raise NoRoom from None
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        return ours

    def take(self) -> "Taken | None":
        """Wait for a connection; None when nobody can give one any more."""
        room = socket.CMSG_SPACE(MOST_DESCRIPTORS * array.array("i").itemsize)
        data, ancillary, _, _ = self.taking.recvmsg(1, room)
        if not data:
            return None
        descriptors = array.array("i")
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
        return Taken.of(descriptors)

    def close(self) -> None:
        """Close both ends of this process."""
        self.giving.close()
        self.taking.close()


@dataclass(frozen=True, slots=True)
class Lanes:
    """The ways to the readers of ordinary mail and of large mail."""

    quick: Lane
    large: Lane

    @classmethod
    def create(cls) -> "Lanes":
        """Make both."""
        return cls(Lane.create(), Lane.create(patient=True))


@dataclass(frozen=True, slots=True)
class Taken:
    """A connection from a worker; `file` is the open spool file, -1 where there is none."""

    connection: socket.socket
    file: int = -1

    @classmethod
    def of(cls, descriptors: Sequence[int]) -> "Taken":
        """Name what was handed over."""
        connection = socket.socket(fileno=descriptors[0])
        connection.setblocking(True)
        return cls(connection, descriptors[1] if len(descriptors) > 1 else -1)
