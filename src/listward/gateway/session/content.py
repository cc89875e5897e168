"""One message's octets while they arrive: bounded, checked in blocks, spooled to a file when large."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from listward.gateway.session import replies
from listward.gateway.session.bounds import Bounds
from listward.wire.reply import Reply

SPOOL_OVER = 1_048_576
_END = b"\r\n.\r\n"
_SLACK = 1024


@dataclass(frozen=True, slots=True)
class Room:
    """How much one message may take: its own limit, that of all messages together, and where large ones are spooled."""

    message_bytes: int
    inflight_bytes: int
    spool: Path | None = None


class Content:
    """Collects octets. After a refusal it only counts them, so that the stream can be read to the real end."""

    def __init__(self, room: Room, bounds: Bounds) -> None:
        self._room = room
        self._bounds = bounds
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._taken = 0
        self._returns = self._feeds = self._pairs = 0
        self._after_return = False
        self._nul = False
        self.received = 0
        self.refusal: Reply | None = None

    @property
    def has_bare_octets(self) -> bool:
        """Whether a bare CR, a bare LF or a NUL came (RFC 5321 section 2.3.8 allows CR and LF only as a pair)."""
        return self._nul or self._returns != self._pairs or self._feeds != self._pairs

    def add(self, block: bytes) -> None:
        """Take one block."""
        self.received += len(block)
        if self.refusal is not None:
            return
        self._count(block)
        # A stuffed dot is no part of the size (RFC 1870 section 3): the exact check follows when the dots are off.
        if self.received > self._room.message_bytes + self.received // 50 + _SLACK:
            self._refuse(replies.TOO_LARGE)
        elif not self._bounds.has_room(len(block), self._room.inflight_bytes):
            self._refuse(replies.NO_ROOM)
        else:
            self._keep(block)

    def finish(self, surplus: int = 0) -> bytes:
        """Return the octets without the last `surplus` ones. Call once; `close` still gives their room back."""
        if self._file is None:
            data = bytes(self._memory[: len(self._memory) - surplus])
        else:
            self._file.write(self._memory)
            size = self._file.tell() - surplus
            self._file.seek(0)
            data = self._file.read(size)
        self._drop()
        return data

    def close(self) -> None:
        """Give the room back and remove the spool file. May be called again."""
        self._drop()
        self._bounds.give_back(self._taken)
        self._taken = 0

    def _count(self, block: bytes) -> None:
        self._nul = self._nul or b"\0" in block
        self._returns += block.count(b"\r")
        self._feeds += block.count(b"\n")
        self._pairs += block.count(b"\r\n") + (self._after_return and block.startswith(b"\n"))
        self._after_return = block.endswith(b"\r")

    def _keep(self, block: bytes) -> None:
        self._bounds.take(len(block))
        self._taken += len(block)
        self._memory += block
        if len(self._memory) > SPOOL_OVER:
            self._spool()

    def _spool(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._room.spool)  # noqa: SIM115 - `_drop` closes it
            self._file.write(self._memory)
            self._memory.clear()
        except OSError:  # the disk is full or away: the client keeps the message
            self._refuse(replies.NO_ROOM)

    def _refuse(self, reply: Reply) -> None:
        self.refusal = reply
        self.close()

    def _drop(self) -> None:
        self._memory = bytearray()
        if self._file is not None:
            self._file.close()
            self._file = None


class DotFinder:
    """Finds the end of DATA (RFC 5321 section 4.1.1.4): CRLF.CRLF and nothing else, however it is cut into blocks."""

    SURPLUS = 3  # the line of the dot, which `split` leaves in what it returns

    def __init__(self) -> None:
        self._before = b"\r\n"  # the line end of the DATA command itself

    def split(self, block: bytes) -> tuple[bytes, bytes | None]:
        """Return what belongs to the content, its dot line included, and what follows; None while there is no end."""
        joined = self._before + block
        at = joined.find(_END)
        if at < 0:
            self._before = joined[-4:]
            return block, None
        end = at + len(_END) - len(self._before)
        return block[:end], block[end:]
