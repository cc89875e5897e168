"""What the client sends, by command line or by block: never content by line."""

from collections.abc import Awaitable, Callable

BLOCK = 262_144


class Disconnected(ConnectionError):
    """The stream ended in the middle of a command or of content."""


class LineTooLong(Exception):
    """A command line beyond the limit; it has been read to its end."""


class Inlet:
    """Octets read ahead. `before_wait` runs before each wait, so that replies to pipelined commands leave together."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], before_wait: Callable[[], Awaitable[None]]) -> None:
        self._read = read
        self._before_wait = before_wait
        self._ahead = b""
        self._at = 0  # what stands before is taken: cutting it off each time would copy the rest again and again

    @property
    def pending(self) -> bool:
        """Octets have come that nobody has taken yet."""
        return self._at < len(self._ahead)

    def ready_line(self, limit: int) -> bytes:
        """Return the next line with its LF, b"" where it has not come whole. Raises LineTooLong."""
        end = self._ahead.find(b"\n", self._at) + 1
        if not end:
            return b""
        line, self._at = self._ahead[self._at : end], end
        if len(line) > limit:
            raise LineTooLong
        return line

    async def line(self, limit: int) -> bytes:
        """Return the next line with its LF. Raises LineTooLong and Disconnected."""
        while not (line := self.ready_line(limit)):
            if len(self._ahead) - self._at > limit:
                await self._skip_line()
                raise LineTooLong
            self._ahead = self._taken() + await self._more()
        return line

    async def block(self, most: int = BLOCK) -> bytes:
        """Return whatever has come, at least one octet and at most `most`. Raises Disconnected."""
        data = self._taken() or await self._more()
        self._ahead = data[most:]
        return data[:most]

    def unread(self, data: bytes) -> None:
        """Give back octets that belong to the next command."""
        self._ahead = data + self._taken()

    def _taken(self) -> bytes:
        """Take everything that is there."""
        data, self._ahead, self._at = self._ahead[self._at :], b"", 0
        return data

    async def _skip_line(self) -> None:
        self._taken()
        while (end := (data := await self._more()).find(b"\n")) < 0:
            pass
        self._ahead = data[end + 1 :]

    async def _more(self) -> bytes:
        await self._before_wait()
        data = await self._read()
        if not data:
            raise Disconnected
        return data
