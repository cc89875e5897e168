"""A stream looked at through a window that moves on: places count from its beginning, little is kept in memory."""

from collections.abc import Callable

BLOCK = 1024 * 1024


class Window:
    """What has been read and not yet let go of. `read` gives up to so many octets, b"" at the end."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._kept = bytearray()
        self._base = 0
        self._needed = 0
        self._ended = False

    @property
    def seen(self) -> int:
        """The place up to which has been read."""
        return self._base + len(self._kept)

    def upto(self, place: int) -> bool:
        """Read on until so far has been read; False where the stream ends before."""
        while self.seen < place and not self._ended:
            self._more()
        return self.seen >= place

    def octets(self, start: int, end: int) -> bytes:
        """Return what stands there; less where the stream ends before. What was let go of is gone."""
        self.upto(end)
        return bytes(self._kept[max(start - self._base, 0) : max(end - self._base, 0)])

    def find(self, what: bytes, start: int, end: int) -> int:
        """Return where it first stands whole before `end`, -1 where nowhere; reads no further than needed."""
        at = start
        while True:
            found = self._kept.find(what, max(at - self._base, 0), max(end - self._base, 0))
            if found >= 0:
                return self._base + found
            if self._ended or self.seen >= end:
                return -1
            at = max(start, self.seen - len(what) + 1)
            self._more()

    def let_go(self, place: int) -> None:
        """What stands before will not be asked for again."""
        self._needed = max(self._needed, place)

    def _more(self) -> None:
        unneeded = min(self._needed - self._base, len(self._kept))
        if unneeded > 0:  # only now, so that short messages do not move the rest each time
            del self._kept[:unneeded]
            self._base += unneeded
        block = self._read(BLOCK)
        self._ended = not block
        self._kept += block
