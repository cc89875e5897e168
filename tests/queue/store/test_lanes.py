"""Commands and replies stay in step, whatever the server answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from listward.queue.store.lanes import Lanes, OneServer


class ScriptedServer:
    """Speaks enough of the protocol: every GET takes the next answer, anything else is OK."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        while line := await reader.readline():
            words = [await self._word(reader) for _ in range(int(line[1:]))]
            writer.write(self.answers.pop(0) if words[0] == b"GET" else b"+OK\r\n")
        writer.close()

    async def _word(self, reader: asyncio.StreamReader) -> bytes:
        size = int((await reader.readline())[1:])
        return (await reader.readexactly(size + 2))[:-2]


@asynccontextmanager
async def lanes_to(script: ScriptedServer) -> AsyncIterator[Lanes]:
    """Lanes to a scripted server."""
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    lanes = Lanes(OneServer(Redis(host=host, port=port, protocol=2)))
    try:
        yield lanes
    finally:
        await lanes.close()
        server.close()


async def test_replies_nobody_read_never_meet_the_next_command() -> None:
    """A store that is still loading is tried again, on a connection without leftovers."""
    script = ScriptedServer(b"-LOADING wait\r\n", b"$5\r\nstale\r\n", b"$1\r\na\r\n", b"$1\r\nb\r\n", b"$1\r\nc\r\n")
    async with lanes_to(script) as lanes:
        assert await lanes.run("key", ("GET", "a"), ("GET", "b")) == [b"a", b"b"]
        assert await lanes.one("key", "GET", "c") == b"c"
        assert script.connections == 2


async def test_an_error_amid_a_pipeline_is_one_reply() -> None:
    """The commands after it keep their own, and the connection stays."""
    script = ScriptedServer(b"-ERR no such thing\r\n", b"$1\r\nb\r\n", b"$1\r\nc\r\n")
    async with lanes_to(script) as lanes:
        bad, good = await asyncio.gather(
            lanes.spread([("a", ("GET", "a"))]), lanes.spread([("b", ("GET", "b"))]), return_exceptions=True
        )
        assert (str(bad), good) == ("the store refused a command", [b"b"])
        assert await lanes.one("key", "GET", "c") == b"c"
        assert script.connections == 1
