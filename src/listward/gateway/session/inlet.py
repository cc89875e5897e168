"""What the client sends, by command line or by block: never content by line."""

from collections.abc import Awaitable, Callable

BLOCK = 262_144


class Disconnected(ConnectionError):
    """The stream ended in the middle of a command or of content."""


class LineTooLong(Exception):
    """A command line beyond the limit; it has been read to its end."""


class Inlet:
    """Octets read ahead. `before_wait` runs before each wait, so that replies to pipelined commands leave together."""

    def __init__(self, read: Callable[[int], Awaitable[bytes]], before_wait: Callable[[], Awaitable[None]]) -> None:
        self._read = read
        self._before_wait = before_wait
        self._ahead = b""

    @property
    def pending(self) -> bool:
        """Octets have come that nobody has taken yet."""
        return bool(self._ahead)

    async def line(self, limit: int) -> bytes:
        """Return the next line with its LF. Raises LineTooLong and Disconnected."""
        searched = 0
        while (end := self._ahead.find(b"\n", searched)) < 0:
            searched = len(self._ahead)
            if searched > limit:
                await self._skip_line()
                raise LineTooLong
            self._ahead += await self._more()
        line, self._ahead = self._ahead[: end + 1], self._ahead[end + 1 :]
        if len(line) > limit:
            raise LineTooLong
        return line

    async def block(self, most: int = BLOCK) -> bytes:
        """Return whatever has come, at least one octet and at most `most`. Raises Disconnected."""
        data = self._ahead or await self._more()
        self._ahead = data[most:]
        return data[:most]

    def unread(self, data: bytes) -> None:
        """Give back octets that belong to the next command."""
        self._ahead = data + self._ahead

    async def _skip_line(self) -> None:
        while (end := self._ahead.find(b"\n")) < 0:
            self._ahead = await self._more()
        self._ahead = self._ahead[end + 1 :]

    async def _more(self) -> bytes:
        await self._before_wait()
        data = await self._read(BLOCK)
        if not data:
            raise Disconnected
        return data
