"""Taking in a message block by block: a small one stays in memory, of a large one all but the header goes to a file.

What others need to know of the octets is found while they pass, so that nobody reads the file only to find out.
"""

import hashlib
import tempfile
from pathlib import Path

from listward.wire.dots import CRLF, malformed, normalise, seam, terminated, unstuff_lines
from listward.wire.payload import Payload, Spooled

SPOOL_OVER = 1_048_576
AT_ONCE = 262_144  # octets written to the file together
_HELD_BACK = 8  # the last octets wait: they may be the line of the final dot


class HeaderTooLong(Exception):
    """The header of a large message does not end within what is held in memory."""


class Spool:
    """An unlinked file that is written once, block by block. It is gone when it is closed, whatever happens."""

    def __init__(self, folder: Path | None) -> None:
        """Open it. Raises OSError."""
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - `close` closes it
        self._digest = hashlib.sha256()
        self._eight_bit = False
        self._end = b""
        self._size = 0

    def write(self, block: bytes) -> None:
        """Write all of a block. Raises OSError where the disk is full."""
        left = memoryview(block)
        while left:
            left = left[self._file.write(left) or 0 :]
        self._digest.update(block)
        self._eight_bit = self._eight_bit or not block.isascii()
        self._end = (self._end + block[-2:])[-2:]
        self._size += len(block)

    def ended(self, dotted: bool, fault: str) -> Spooled:
        """End the last line (RFC 5321 section 4.1.1.4) and return what can be read. Raises OSError."""
        if self._end != CRLF:
            self.write(CRLF)
        return Spooled(self._file.fileno(), 0, self._size, self._digest.hexdigest(), self._eight_bit, dotted, fault)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


class Intake:
    """Takes in the octets of one message and gives its payload, as if the whole had been looked at at once.

    `stuffed`: dots are taken off as after DATA. `mend`: what is not well formed is normalised, else it is named by
    `fault`. `folder` is where large messages are spooled, None for the system's own.
    """

    def __init__(self, folder: Path | None = None, stuffed: bool = False, mend: bool = False) -> None:
        self._folder = folder
        self._stuffed = stuffed
        self._mend = mend
        self._waiting = [CRLF]  # as if a line end stood in front: a dot at the beginning is the first of its line
        self._size = 0
        self._head = b""
        self._spool: Spool | None = None
        self._dotted = False
        self.fault = ""

    def add(self, block: bytes) -> None:
        """Take octets. Raises OSError and HeaderTooLong; then only `close` may follow."""
        self._waiting.append(block)
        self._size += len(block)
        if self._size >= (SPOOL_OVER if self._spool is None else AT_ONCE):
            text = b"".join(self._waiting)
            cut = seam(text, len(text) - _HELD_BACK)
            self._waiting = [text[cut:]]
            self._size = len(text) - cut
            self._pass_on(text[:cut])

    def ended(self, surplus: int = 0) -> Payload:
        """Return the message without the last `surplus` octets, at most three. Raises OSError."""
        text = b"".join(self._waiting)
        text = text[: len(text) - surplus]
        self._waiting.clear()
        if self._spool is None:
            return self._whole(text)
        self._pass_on(text)
        return Payload(self._head, self._spool.ended(self._dotted, self.fault))

    def close(self) -> None:
        """Forget everything and remove the file. May be called again."""
        self._waiting.clear()
        if self._spool is not None:
            self._spool.close()

    def _whole(self, text: bytes) -> Payload:
        """Return a small message. Nothing of it has to be looked at again where nothing was found in it."""
        plain = self._plain(text)[len(CRLF) :]
        smooth = not (self._dotted or self.fault) and plain.endswith(CRLF)
        return Payload(terminated(plain), sound=not self.fault, smooth=smooth)

    def _pass_on(self, text: bytes) -> None:
        plain = self._plain(text)
        if self._spool is None:
            plain = self._take_header(plain[len(CRLF) :])
            self._spool = Spool(self._folder)
        self._spool.write(plain)

    def _take_header(self, plain: bytes) -> bytes:
        """Keep the header in memory; return what follows it, the empty line in front."""
        end = 0 if plain.startswith(CRLF) else plain.find(b"\r\n\r\n") + 2
        if end == 1:
            raise HeaderTooLong
        self._head = plain[:end]
        return plain[end:]

    def _plain(self, text: bytes) -> bytes:
        """Return what becomes of octets that are cut where no line end is torn."""
        plain = unstuff_lines(text) if self._stuffed else text
        # A stuffed line that is plain again may begin with a dot; where nothing was taken off none does.
        self._dotted = self._dotted or (len(plain) != len(text) if self._stuffed else b"\r\n." in text)
        fault = malformed(plain)
        if fault is None:
            return plain
        if not self._mend:
            self.fault = self.fault or fault
            return plain
        self._dotted = True  # a bare LF in front of a dot is a line end now
        return normalise(plain)
