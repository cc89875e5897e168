"""One connection to a reader, from the worker's side: one message at a time, and an answer or its end."""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from listward.filters.reading import Reading
from listward.gateway.reader.reads import Unread
from listward.gateway.reader.wire import LENGTH_OCTETS, MOST_ANSWER, Garbled, decode_reading


class Line(asyncio.Protocol):
    """Ask, and wait for the answer. After any failure the line is closed: an answer that comes late is nobody's."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._waiting: asyncio.Future[Reading] | None = None
        self.setup = b""
        """The setup frame that the reader has."""

    @classmethod
    async def open(cls, connected: socket.socket) -> "Line":
        """Speak over a connected socket."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_unix_connection(cls, sock=connected)
        return line

    @property
    def is_open(self) -> bool:
        """Whether the reader is still there, as far as is known."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, setup: bytes, request: bytes, wall_s: float | None) -> Reading:
        """Return the answer to a request that is read by that setup; both are frames. Raises Unread."""
        if self._transport is None or not self.is_open:
            raise Unread
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        overdue = loop.call_later(wall_s, self.close) if wall_s is not None else None
        try:
            if setup != self.setup:
                self._transport.write(setup)
                self.setup = setup
            self._transport.write(request)
            return await self._waiting
        except BaseException:  # cancelled, too: what the reader says next belongs to no other message
            self.close()
            raise
        finally:
            self._waiting = None
            if overdue is not None:
                overdue.cancel()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()
        self._fail()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The reader has ended, or hung up."""
        self._transport = None
        self._fail()

    def data_received(self, data: bytes) -> None:
        """Collect the answer; hang up on what is none."""
        self._received += data
        if len(self._received) < LENGTH_OCTETS:
            return
        length = int.from_bytes(self._received[:LENGTH_OCTETS], "big")
        if length > MOST_ANSWER or len(self._received) > LENGTH_OCTETS + length or self._waiting is None:
            self.close()
        elif len(self._received) == LENGTH_OCTETS + length:
            self._settle(self._received[LENGTH_OCTETS:])

    def _settle(self, content: bytearray) -> None:
        self._received = bytearray()
        try:
            reading = decode_reading(content)
        except Garbled:
            self.close()
            return
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(reading)

    def _fail(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(Unread())


Dial = Callable[[int | None], socket.socket]
"""Connects to a reader; with a descriptor, hands an open file over."""
