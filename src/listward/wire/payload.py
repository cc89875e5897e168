"""One message's octets, in memory or in a file: passed on block by block, so that a large one is never held whole."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 262_144


@dataclass(frozen=True, slots=True)
class Spooled:
    """`size` octets of an open file from `start` on. Whoever opened the file closes it, after its last reader.

    What their writer saw in them (`wire.spool`) is said here, so that nobody reads them only to find out: the hex
    SHA-256 (`digest`, "" where nobody has computed it), whether an octet is beyond ASCII (`eight_bit`), whether a line,
    or the whole, begins with a dot (`dotted`), and what must never go on to another server (`fault`, "" for nothing).
    """

    descriptor: int
    start: int
    size: int
    digest: str = ""
    eight_bit: bool = True
    dotted: bool = True
    fault: str = ""

    def blocks(self, most: int) -> Iterator[bytes]:
        """Yield the octets, at most `most` at once. Raises OSError where the file is shorter than promised."""
        at, end = self.start, self.start + self.size
        while at < end:
            block = os.pread(self.descriptor, min(most, end - at), at)
            if not block:
                raise OSError("the spool file ends too early")
            at += len(block)
            yield block


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: `head` in memory, then `rest`, where it was too large for memory. CRLF line ends, no stuffed dots.

    `head` holds the whole header, and the whole message where `rest` is None. `sound`: whoever took it in has seen that
    `head` is well formed and its last line ended. `smooth`: moreover no line has a dot in front; it goes out as it is.
    """

    head: bytes
    rest: Spooled | None = None
    sound: bool = False
    smooth: bool = False

    def __len__(self) -> int:
        """Return how many octets the message has."""
        return len(self.head) + (self.rest.size if self.rest is not None else 0)

    def blocks(self, most: int = BLOCK) -> Iterator[bytes]:
        """Yield all octets in order, in blocks of at most `most` except the first, which is `head` as it is."""
        yield self.head
        if self.rest is not None:
            yield from self.rest.blocks(most)

    def pieces(self, size: int) -> Iterator[bytes]:
        """Yield all octets in order in pieces of exactly `size`, but for the last, which may be shorter."""
        kept = b""
        for block in self.blocks(size):
            kept = kept + block if kept else block
            whole = len(kept) - len(kept) % size
            yield from (kept[start : start + size] for start in range(0, whole, size))
            kept = kept[whole:]
        if kept:
            yield kept

    def whole(self) -> bytes:
        """Return all octets at once: only for who may hold them."""
        return self.head if self.rest is None else b"".join(self.blocks())

    def behead(self, length: int, head: bytes) -> "Payload":
        """Return this message with its first `length` octets, all of them in `self.head`, replaced by `head`.

        `head` is made of whole header fields that came in with it, or from `wire.headers`: those are smooth.
        """
        return Payload(head + self.head[length:], self.rest, self.sound, self.smooth)

    def digest_behind(self, length: int) -> str:
        """Return the hex SHA-256 of all octets behind the first `length`, which are in `head`."""
        if self.rest is not None and self.rest.digest and length == len(self.head):
            return self.rest.digest
        digest = hashlib.sha256(memoryview(self.head)[length:])
        for block in self.rest.blocks(BLOCK) if self.rest is not None else ():
            digest.update(block)
        return digest.hexdigest()
