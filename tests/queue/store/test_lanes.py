"""Commands and replies stay in step, whatever the server answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from listward.queue.store.lanes import DEADLINE_S, Lanes, OneServer
from listward.queue.store.ports import StoreUnavailable


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
async def lanes_to(script: ScriptedServer, deadline_s: float = DEADLINE_S) -> AsyncIterator[Lanes]:
    """Lanes to a scripted server."""
    server = await asyncio.start_server(script.talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    lanes = Lanes(OneServer(Redis(host=host, port=port, protocol=2)), deadline_s)
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


async def test_a_silent_store_is_waited_for_once() -> None:
    """After one command that got no answer the next ones wait a moment only; an answer brings the patience back."""
    script = ScriptedServer(b"", b"", b"$1\r\na\r\n")
    clock = asyncio.get_running_loop().time
    async with lanes_to(script, deadline_s=0.6) as lanes:
        waits = []
        for _ in range(2):
            began = clock()
            with pytest.raises(StoreUnavailable, match="in time"):
                await lanes.one("key", "GET", "a")
            waits.append(clock() - began)
        assert waits[0] >= 0.6 > 0.5 > waits[1]
        assert await lanes.one("key", "GET", "a") == b"a"
        script.answers = [b""]
        began = clock()
        with pytest.raises(StoreUnavailable, match="in time"):
            await lanes.one("key", "GET", "a")
        assert clock() - began >= 0.6


async def test_a_connection_closed_while_it_was_idle_costs_nobody_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next command goes over a fresh one, at once and also where the store was known to be away."""
    script = ScriptedServer(b"$1\r\na\r\n", b"$1\r\nb\r\n")
    writers: list[asyncio.StreamWriter] = []
    talk = script.talk

    async def noted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await talk(reader, writer)

    script.talk = noted  # type: ignore[method-assign]  # the same, and the connections are known
    async with lanes_to(script) as lanes:
        assert await lanes.one("key", "GET", "a") == b"a"
        writers[0].close()
        await writers[0].wait_closed()
        monkeypatch.setattr("listward.queue.store.lanes.PAUSE_S", 60.0)  # beyond every deadline: no pause may come
        assert await lanes.one("key", "GET", "b") == b"b"
        assert script.connections == 2


async def test_connections_are_used_again() -> None:
    """One after another needs one connection; a flood takes more, and none of them waits for what is kept."""
    script = ScriptedServer(*(b"$1\r\na\r\n" for _ in range(130)))
    async with lanes_to(script) as lanes:
        for _ in range(10):
            assert await lanes.one("key", "GET", "a") == b"a"
        assert script.connections == 1
        assert await asyncio.gather(*(lanes.one("key", "GET", "a") for _ in range(120))) == [b"a"] * 120
