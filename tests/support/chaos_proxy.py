"""A TCP proxy that breaks things: between the gateway and the store, and between the gateway and a next hop.

async with Proxy(target=6379) as way:
    way.refuse = True          # nobody gets through
    way.delay_s = 0.5          # each block waits
    way.cut_after = 1000       # octets of either direction, then the connection is gone
    way.hold = True            # half-open: connections stay, nothing passes
    way.cut_all()
    way.heal()
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

BLOCK = 1 << 16


class Proxy:
    """Forwards what comes to `port` on 127.0.0.1 to `target` on 127.0.0.1."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.cuts = 0
        self._passing = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.heal()

    def heal(self) -> None:
        """Let everything pass again."""
        self.refuse = False
        self.delay_s = 0.0
        self.cut_after: int | None = None
        self.hold = False

    @property
    def hold(self) -> bool:
        """Whether connections stay open with nothing passing."""
        return not self._passing.is_set()

    @hold.setter
    def hold(self, held: bool) -> None:
        if held:
            self._passing.clear()
        else:
            self._passing.set()

    def cut_all(self) -> None:
        """Reset every connection."""
        for writer in tuple(self._writers):
            self.cuts += 1
            writer.transport.abort()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heal()
        self.cut_all()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.sleep(0)  # aborted transports close in the next round of the loop

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        self._writers.add(writer)
        try:
            if self.refuse:
                return
            there, out = await asyncio.open_connection("127.0.0.1", self.target)
            writers.append(out)
            self._writers.add(out)
            tasks = [asyncio.create_task(self._pass(*pair)) for pair in ((reader, out), (there, writer))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        except OSError:
            pass
        finally:
            for each in writers:
                self._writers.discard(each)
                each.close()  # what was read before the end is still written

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while block := await reader.read(BLOCK):
                await asyncio.sleep(self.delay_s)
                await self._passing.wait()
                if self.cut_after is not None:
                    block, left = block[: self.cut_after], self.cut_after - len(block)
                    self.cut_after = max(0, left)
                writer.write(block)
                await writer.drain()
                if self.cut_after == 0:
                    self.cuts += 1
                    self.cut_after = None
                    return
