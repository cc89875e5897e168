"""A next hop for tests that answers with octets and pauses of its own choosing, however wrong they are.

    async with raw_hop(answer) as hop: ...

`answer(event, text)` returns what to do at each event: CONNECT, each verb, DOT. It is a sequence of octets to write, of
numbers to wait so many seconds for, of CLOSE and of SILENCE. The server itself is honest about what it read: it is in
content from the moment it wrote a reply beginning with "3" to DATA, until the dot. `dots` holds the recipients of every
whole content that came, `said` what was written at each DOT.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from listward.wire.hop import Hop

CLOSE = "close"
SILENCE = "silence"
Act = bytes | float | str
Answer = Callable[[str, str], Sequence[Act]]
USUAL = {
    "CONNECT": b"220 raw.test\r\n",
    "EHLO": b"250-raw.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    "LHLO": b"250-raw.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    "DATA": b"354 go\r\n",
    "DOT": b"250 2.0.0 taken\r\n",
}


def usual(event: str, text: str = "") -> Sequence[Act]:
    """What a good server says."""
    return (USUAL.get(event, b"250 2.0.0 ok\r\n"),)


class RawHop:
    """One server; see the module's docstring."""

    def __init__(self, answer: Answer, protocol: str) -> None:
        self._answer = answer
        self._protocol = protocol
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0
        self.dots: list[tuple[str, ...]] = []
        self.said: list[bytes] = []
        self.verbs: list[str] = []

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        self.hop = Hop(self._protocol, "127.0.0.1", port)

    async def stop(self) -> None:
        """End everything."""
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        for _ in range(3):  # the loop closes the sockets
            await asyncio.sleep(0)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, EOFError):
                await self._dialogue(reader, writer)
        finally:
            writer.transport.abort()

    async def _dialogue(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._act(reader, writer, "CONNECT", "")
        rcpts: list[str] = []
        while True:
            text = (await reader.readuntil(b"\r\n")).decode("utf-8", "replace").rstrip("\r\n")
            verb = text.split(" ")[0].upper()
            self.verbs.append(verb)
            said = await self._act(reader, writer, verb, text)
            if verb in {"MAIL", "RSET"}:
                rcpts = []
            if verb == "RCPT" and said.startswith(b"2"):
                rcpts.append(text.partition("<")[2].partition(">")[0])
            if verb == "DATA" and said.startswith(b"3"):
                await self._content(reader)
                self.dots.append(tuple(rcpts))
                self.said.append(b"")
                self.said[-1] = await self._act(reader, writer, "DOT", " ".join(rcpts))
                rcpts = []

    async def _content(self, reader: asyncio.StreamReader) -> None:
        while await reader.readuntil(b"\r\n") != b".\r\n":
            pass

    async def _act(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, event: str, text: str) -> bytes:
        said = b""
        for act in self._answer(event, text):
            if act == CLOSE:
                raise EOFError
            if act == SILENCE:
                await reader.read()
                raise EOFError
            if isinstance(act, bytes):
                writer.write(act)
                await writer.drain()
                said += act
            elif isinstance(act, float):
                await asyncio.sleep(act)
        return said


@asynccontextmanager
async def raw_hop(answer: Answer, protocol: str = "smtp") -> AsyncIterator[RawHop]:
    """Run such a server."""
    hop = RawHop(answer, protocol)
    await hop.start()
    try:
        yield hop
    finally:
        await hop.stop()
