"""The listeners of one worker on sockets that somebody else has bound, and their orderly end."""

import asyncio
import socket
from collections.abc import Sequence

from listward.gateway.session.bounds import Bounds
from listward.gateway.session.conversation import Conversation, Works
from listward.gateway.session.door import Door

BACKLOG = 512


class Server:
    """Serves doors. `works` are messages after their dot: they are finished whatever becomes of their clients."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._listeners: list[asyncio.Server] = []
        self.works: Works = set()
        self.crowd: set[Conversation] = set()

    async def listen(self, door: Door, sockets: Sequence[socket.socket]) -> None:
        """Accept clients of one door on bound sockets."""
        loop = asyncio.get_running_loop()
        for bound in sockets:
            bound.setblocking(False)
            factory = lambda: Conversation(door, self._bounds, self.works, self.crowd)  # noqa: E731 - one line, one use
            self._listeners.append(await loop.create_server(factory, sock=bound, backlog=BACKLOG))

    async def drain(self, timeout_s: float) -> None:
        """Accept nobody more, tell the idle 421, answer what is under way; at most so many seconds."""
        for listener in self._listeners:
            listener.close()
        for conversation in tuple(self.crowd):
            conversation.retire()
        try:
            async with asyncio.timeout(timeout_s):
                while self.works or self.crowd:
                    await self._some_end()
        except TimeoutError:
            pass
        for conversation in tuple(self.crowd):
            conversation.hang_up()

    async def _some_end(self) -> None:
        """Wait for a message under way, else for a moment: a connection's end is nothing to wait on."""
        if self.works:
            await asyncio.wait(set(self.works), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.01)
