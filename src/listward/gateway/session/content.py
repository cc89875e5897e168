"""One message's octets while they arrive: bounded, checked and unstuffed in blocks, spooled to a file when large."""

import re
from dataclasses import dataclass
from pathlib import Path

from listward.gateway.session import replies
from listward.gateway.session.bounds import Bounds
from listward.wire.payload import Payload
from listward.wire.reply import Reply
from listward.wire.spool import HeaderTooLong, Intake

_END = b"\r\n.\r\n"
_FIND_END = re.compile(re.escape(_END)).search  # sooner than `find`
_SLACK = 1024


@dataclass(frozen=True, slots=True)
class Room:
    """How much one message may take: its own limit, that of all messages together, and where large ones are spooled."""

    message_bytes: int
    inflight_bytes: int
    spool: Path | None = None


class Content:
    """Collects octets. After a refusal it only counts them, so that the stream can be read to the real end.

    `stuffed`: they come by DATA. `mend`: a bare CR, bare LF or NUL is normalised; else it is refused in the end.
    """

    def __init__(self, room: Room, bounds: Bounds, *, stuffed: bool = False, mend: bool = False) -> None:
        self._room = room
        self._bounds = bounds
        self._stuffed = stuffed
        self._intake = Intake(room.spool, stuffed, mend)
        self._taken = 0
        self.received = 0
        self.refusal: Reply | None = None

    def add(self, block: bytes) -> None:
        """Take one block."""
        self.received += len(block)
        if self.refusal is not None:
            return
        # A stuffed dot is no part of the size (RFC 1870 section 3): the exact check follows when the dots are off.
        if self.received > self._room.message_bytes + self.received // 50 + _SLACK:
            self._refuse(replies.too_large(self._room.message_bytes), "message_bytes")
        elif not self._bounds.has_room(len(block), self._room.inflight_bytes):
            self._refuse(replies.NO_ROOM)
        else:
            self._keep(block)

    def finish(self) -> Payload | None:
        """Return the message without stuffed dots and dot line, None where it is refused; call once.

        `close` still gives its room and its file back, after whoever reads the payload.
        """
        payload = self._ended() if self.refusal is None else None
        if payload is None:
            return None
        if self._intake.fault:
            self._refuse(replies.BARE_OCTETS)
        elif len(payload) > self._room.message_bytes:
            self._refuse(replies.too_large(self._room.message_bytes), "message_bytes")
        return payload if self.refusal is None else None

    def close(self) -> None:
        """Give the room back and remove the spool file. May be called again."""
        self._intake.close()
        self._bounds.give_back(self._taken)
        self._taken = 0

    def _keep(self, block: bytes) -> None:
        self._bounds.take(len(block))
        self._taken += len(block)
        try:
            self._intake.add(block)
        except HeaderTooLong:
            self._refuse(replies.HEADER_TOO_LARGE, "header_bytes")
        except OSError:  # the disk is full or away: the client keeps the message
            self._refuse(replies.NO_ROOM, "spool")

    def _ended(self) -> Payload | None:
        try:
            return self._intake.ended(DotFinder.SURPLUS if self._stuffed else 0)
        except OSError:
            self._refuse(replies.NO_ROOM, "spool")
            return None

    def _refuse(self, reply: Reply, limit: str = "") -> None:
        """Refuse; `limit` is the bound to count, "" where it is counted already or none was hit."""
        self.refusal = reply
        if limit:
            self._bounds.hit(limit)
        self.close()


class DotFinder:
    """Finds the end of DATA (RFC 5321 section 4.1.1.4): CRLF.CRLF and nothing else, however it is cut into blocks."""

    SURPLUS = 3  # the line of the dot, which `split` leaves in what it returns

    def __init__(self) -> None:
        self._before = b"\r\n"  # the line end of the DATA command itself

    def split(self, block: bytes) -> tuple[bytes, bytes | None]:
        """Return what belongs to the content, its dot line included, and what follows; None while there is no end."""
        end = self._end_in(block)
        if end is not None:
            return block[:end], block[end:]
        self._before = (self._before + block[-4:])[-4:]
        return block, None

    def _end_in(self, block: bytes) -> int | None:
        """Return where in the block the message ends. The border is looked at by itself: nothing large is copied."""
        before = self._before
        at = (before + block[:4]).find(_END)
        if at >= 0:
            return at + len(_END) - len(before)
        found = _FIND_END(block)
        return found.end() if found is not None else None
