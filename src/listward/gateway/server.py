"""The listeners of one worker on sockets that somebody else has bound, and their orderly end."""

import asyncio
import socket
from collections.abc import Callable, Sequence

from listward.gateway.session.bounds import Bounds
from listward.gateway.session.conversation import Conversation, Works
from listward.gateway.session.door import Door
from listward.runtime.handover import Handover

BACKLOG = 512


class Server:
    """Serves doors. `works` are messages after their dot: they are finished whatever becomes of their clients.

    With a `handover` connections go to the worker that has the fewest; all workers then listen on the same doors in
    the same order.
    """

    def __init__(self, bounds: Bounds, handover: Handover | None = None) -> None:
        self._bounds, self._handover = bounds, handover
        self._listeners: list[asyncio.Server] = []
        self._doors: list[Door] = []
        self._taking: set[asyncio.Task[None]] = set()
        self._draining = False
        self.works: Works = set()
        self.crowd: set[Conversation] = set()

    async def listen(self, door: Door, sockets: Sequence[socket.socket]) -> None:
        """Accept clients of one door on bound sockets."""
        loop = asyncio.get_running_loop()
        number = len(self._doors)
        self._doors.append(door)
        for bound in sockets:
            bound.setblocking(False)
            factory = self._factory(door, number)
            self._listeners.append(await loop.create_server(factory, sock=bound, backlog=BACKLOG))

    def share(self) -> None:
        """Take connections from other workers too, once all doors are open."""
        if self._handover is not None:
            self._handover.receive(self._take)

    async def drain(self, timeout_s: float) -> None:
        """Accept nobody more, tell the idle 421, answer what is under way; at most so many seconds."""
        self._draining = True
        if self._handover is not None:
            self._handover.refuse()
        for listener in self._listeners:
            listener.close()
        self._retire_all()
        try:
            async with asyncio.timeout(timeout_s):
                while self.works or self.crowd or self._taking:
                    self._retire_all()  # also who was accepted in the moment before, and begins to speak only now
                    await self._some_end()
        except TimeoutError:
            pass
        for conversation in tuple(self.crowd):
            conversation.hang_up()
        if self._handover is not None:
            self._handover.stop()

    def _retire_all(self) -> None:
        for conversation in tuple(self.crowd):
            if not conversation.closing:
                conversation.retire()

    async def _some_end(self) -> None:
        """Wait for a message under way, else for a moment: a connection's end is nothing to wait on."""
        if self.works:
            await asyncio.wait(set(self.works), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(0.01)

    def _factory(self, door: Door, number: int) -> Callable[[], Conversation]:
        """Return what makes conversations of clients that connect here; some of them go on elsewhere."""

        def elsewhere(connection: socket.socket) -> bool:
            return self._handover is not None and not self._draining and self._handover.gives(connection, number)

        given = elsewhere if self._handover is not None else None
        return lambda: Conversation(door, self._bounds, self.works, self.crowd, given)

    def _take(self, connection: socket.socket, number: int) -> None:
        """Go on with a client that connected to another worker."""
        task = asyncio.get_running_loop().create_task(self._begin(connection, number))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)

    async def _begin(self, connection: socket.socket, number: int) -> None:
        door = self._doors[number]
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Conversation(door, self._bounds, self.works, self.crowd, self._arrives), connection
            )
        except OSError:  # the client has gone meanwhile
            connection.close()
            self._arrives(connection)

    def _arrives(self, connection: socket.socket) -> bool:
        """Note that a connection from another worker is here, and stays."""
        if self._handover is not None:
            self._handover.taken()
        return False
