"""One connection to a next hop: bytes out, replies in, and nothing read before it was asked for."""

import asyncio
import math
import ssl
from collections.abc import Iterable
from typing import cast

from listward.wire.capabilities import Capabilities
from listward.wire.hop import Hop
from listward.wire.refusals import CANNOT_CONNECT, CONNECTION_LOST, NO_TLS, NOT_VERIFIED, OUT_OF_STEP, TOO_SLOW
from listward.wire.replies import BadReply, ReplyReader
from listward.wire.reply import Reply


class Broken(Exception):
    """The connection is of no more use; `reply` is what the sender of the message is told."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Connection(asyncio.Protocol):
    """A connection and what is known of it. Made by `connect`; every method raises Broken when it is of no more use.

    Replies are counted: one more than commands were sent ends the connection, at whatever moment it comes.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._replies = ReplyReader()
        self._owed = 1  # the greeting
        self._wanted = 1
        self._failed: Reply | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = math.inf
        self._writable = True
        self.transport: asyncio.Transport | None = None
        self.capabilities = Capabilities()
        self.opened = self.used = self._loop.time()
        self.transactions = 0

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; after STARTTLS it is a new one."""
        self.transport = cast(asyncio.Transport, transport)  # uvloop's transports derive from nothing of asyncio's

    def data_received(self, data: bytes) -> None:
        """Read replies; anything else ends the connection, and so does a reply that nobody asked for."""
        try:
            self._replies.feed(data)
        except BadReply:
            self._fail(OUT_OF_STEP)
        ready = len(self._replies.ready)
        if ready > self._owed:
            self._fail(OUT_OF_STEP)
        elif ready >= self._wanted:
            self._wake()

    def eof_received(self) -> None:
        """Treat a half-closed connection as closed."""
        self._fail(CONNECTION_LOST)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let whoever waits know."""
        self._fail(CONNECTION_LOST)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def pause_writing(self) -> None:
        """Stop `write` from handing over more."""
        self._writable = False

    def resume_writing(self) -> None:
        """Go on writing."""
        self._writable = True
        self._wake()

    # What the client calls.

    @property
    def usable(self) -> bool:
        """Still open, and nothing has come that was not asked for."""
        return self._failed is None and self._replies.idle

    @property
    def failure(self) -> Reply:
        """Why the connection is of no more use."""
        return self._failed or OUT_OF_STEP

    def until(self, deadline: float | None) -> None:
        """End the connection at this time of the loop, unless told otherwise before; None is told otherwise."""
        self._due = math.inf if deadline is None else deadline
        if self._due == math.inf or (self._timer is not None and self._timer.when() <= self._due):
            return  # the timer is only moved when it has gone off: most deadlines are called off long before
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._due, self._on_timer)

    def send(self, *lines: bytes, replies: int) -> None:
        """Send commands, each ending in CRLF, or content, together; so many replies are owed for them."""
        if self._failed is not None or self.transport is None:
            raise Broken(self.failure)
        self._owed += replies
        self.transport.write(b"".join(lines))

    def expect(self) -> None:
        """One more reply is owed, as from the moment content is sent."""
        self._owed += 1

    async def reply(self) -> Reply:
        """Return the next reply; those that came before a break are still given."""
        if answers := await self.replies(1):
            return answers[0]
        raise Broken(self.failure)

    async def replies(self, count: int) -> list[Reply]:
        """Return the next replies; fewer only where the connection broke before all had come."""
        ready = self._replies.ready
        self._wanted = count
        while len(ready) < count and self._failed is None:
            await self._wait()
        self._wanted = 1
        answers = [ready.popleft() for _ in range(min(count, len(ready)))]
        self._owed -= len(answers)
        return answers

    async def ask(self, line: bytes) -> Reply:
        """Send one command to a connection that owes nothing, and return its reply."""
        if not self.usable:
            raise Broken(self.failure)
        self.send(line, replies=1)
        return await self.reply()

    async def write(self, blocks: Iterable[bytes]) -> bool:
        """Send large content without piling it up in memory; False when the hop answered or closed meanwhile.

        Raises what `blocks` raises: the content is not whole then, and no dot may follow.
        """
        for block in blocks:
            await asyncio.sleep(0)  # others go on between two blocks, also where the hop reads as fast as we write
            while not self._writable and self._undisturbed:
                await self._wait()
            if not self._undisturbed or self.transport is None:
                return False
            self.transport.write(block)
        return self._undisturbed

    @property
    def _undisturbed(self) -> bool:
        return self._failed is None and not self._replies.ready

    async def upgrade(self, context: ssl.SSLContext, server_name: str) -> None:
        """Go over to TLS. What came in the clear after the reply to STARTTLS was injected: it ends the connection."""
        if self.transport is None or not self.usable:
            raise Broken(OUT_OF_STEP)
        transport = await self._loop.start_tls(self.transport, self, context, server_hostname=server_name)
        if transport is None:
            raise Broken(CONNECTION_LOST)
        self.transport = transport
        self._replies.drop()

    def quit(self) -> None:
        """Say QUIT without waiting for the answer, and close."""
        if self._failed is None and self.transport is not None:
            self.transport.write(b"QUIT\r\n")
            self._failed = CONNECTION_LOST
            self.transport.close()

    def abort(self) -> None:
        """Close at once; for a connection that is out of step."""
        self._fail(CONNECTION_LOST)

    def _fail(self, reply: Reply) -> None:
        if self._failed is None:
            self._failed = reply
            if self.transport is not None:
                self.transport.abort()
        self._wake()

    def _on_timer(self) -> None:
        self._timer = None
        if self._loop.time() + 0.001 >= self._due:  # a timer may go off a little early
            self._fail(TOO_SLOW)
        elif self._failed is None:
            self.until(self._due)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _wait(self) -> None:
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None


async def connect(hop: Hop, tls: ssl.SSLContext | None = None) -> Connection:
    """Open a connection without reading the greeting; `tls` from the first octet, verified. Raises Broken."""
    loop = asyncio.get_running_loop()
    try:
        if hop.path:
            _, connection = await loop.create_unix_connection(Connection, hop.path)
        else:
            name = hop.host if tls is not None else None
            _, connection = await loop.create_connection(Connection, hop.host, hop.port, ssl=tls, server_hostname=name)
    except ssl.SSLCertVerificationError as error:
        raise Broken(NOT_VERIFIED) from error
    except ssl.SSLError as error:
        raise Broken(NO_TLS) from error
    except OSError as error:
        raise Broken(CANNOT_CONNECT) from error
    return connection
