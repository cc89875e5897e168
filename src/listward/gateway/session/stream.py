"""One connection's octets on asyncio's public ground: reading, bounded writing, one timer, and the change to TLS.

Nothing here knows SMTP. Both directions are bounded: a client that sends faster than we take is no longer read, and
one that does not read what we answer stops us from answering more.
"""

import asyncio
import select
import ssl
from abc import ABC, abstractmethod
from typing import cast

READ_AHEAD = 524_288  # octets that may wait for us before the socket is no longer read
_LINGER_S = 5.0  # how long a client may take to read our last words
_TLS_END_S = 5.0


class Stream(asyncio.Protocol, ABC):
    """One connection. Subclasses give `converse`, `timed_out`, `failed` and `gone`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None
        self._incoming: list[bytes] = []
        self._ahead = 0
        self._ended = self._halted = self._lost = self._shaking_hands = False
        self._reader: asyncio.Future[None] | None = None
        self._slow: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = self._timer_at = 0.0
        self._task: asyncio.Task[None] | None = None

    # -- what a subclass gives

    @abstractmethod
    async def converse(self) -> None:
        """Hold the whole conversation; the connection is closed when it returns."""

    def timed_out(self) -> None:
        """The timer set by `arm` went off."""
        self.hang_up()

    def failed(self, error: Exception) -> None:
        """The conversation raised what nobody expected."""

    def gone(self) -> None:
        """The connection is closed."""

    # -- what a subclass uses

    def arm(self, seconds: float) -> None:
        """Start the one timer of this connection anew. It is only moved when it has gone off: this is called often."""
        self._due = self._loop.time() + seconds
        if self._timer is not None and self._timer_at > self._due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None and not self._lost:
            self._set_timer()

    async def read(self) -> bytes:
        """Return what has come, at least one octet; b"" at the end of the stream."""
        if not self._incoming:
            await self.wait_for_octets()
        data = self._incoming[0] if len(self._incoming) == 1 else b"".join(self._incoming)
        self._incoming.clear()
        self._ahead = 0
        if self._halted and self.transport is not None:
            self._halted = False
            self.transport.resume_reading()
        return data

    async def send(self, data: bytes) -> None:
        """Write, and wait while the client is slow to read."""
        if self.transport is None or self.transport.is_closing():
            raise ConnectionResetError
        self.transport.write(data)
        if self._slow is not None:
            await self._slow

    def send_last(self, data: bytes) -> None:
        """Write without waiting, then close once it is written."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)
        self.hang_up()

    def hang_up(self) -> None:
        """Close once everything is written; a client that does not read it is cut off."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        transport.close()
        if transport.get_write_buffer_size():
            self._loop.call_later(_LINGER_S, transport.abort)

    async def wait_for_octets(self) -> None:
        """Wait until something has come, or the end of the stream."""
        while not self._incoming and not self._ended:
            self._reader = self._loop.create_future()
            await self._reader

    def cut_off(self) -> None:
        """Close at once, where a client does not even read."""
        if self.transport is not None and self._slow is not None:
            self.transport.abort()

    @property
    def has_unread(self) -> bool:
        """Whether octets have come that nobody has read."""
        return bool(self._incoming)

    def has_early_octets(self) -> bool:
        """Whether the client has sent octets that nobody has read yet, also such as the kernel still keeps."""
        return bool(self._incoming) or self._waits_in_kernel()

    async def start_tls(self, context: ssl.SSLContext, timeout_s: float) -> str:
        """Change to TLS as the server. Returns "" when it is on, else why not, and then no connection is left.

        Nothing read before may be left over: the caller has looked. What came in the clear after that look is taken
        for a part of the handshake, which it ends (RFC 3207 section 6).
        """
        if self.transport is None or self.transport.is_closing():
            return "lost"
        self._shaking_hands = True
        if self._incoming:  # implicit TLS: the client's first octets may be here before we are
            hello = b"".join(self._incoming)
            self._incoming.clear()
            # After what `start_tls` itself puts into the queue, and before anything more is read.
            self._loop.call_soon(self._loop.call_soon, _feed, self.transport, hello)
        try:
            changed = await self._loop.start_tls(
                self.transport,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=timeout_s,
                ssl_shutdown_timeout=_TLS_END_S,
            )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            self.hang_up()
            self.connection_lost(error)
            return "stalled" if isinstance(error, TimeoutError) or "taking longer" in str(error) else "failed"
        finally:
            self._shaking_hands = False
        if changed is None:
            self.connection_lost(None)
            return "lost"
        self.transport = changed
        return ""

    def client_certificate(self) -> bytes | None:
        """Return the client's certificate (DER) that TLS has verified, None where it showed none."""
        found = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        return cast("ssl.SSLObject", found).getpeercert(binary_form=True) if found is not None else None

    # -- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the conversation."""
        self.transport = cast("asyncio.Transport", transport)
        self._task = self._loop.create_task(self._run())

    def data_received(self, data: bytes) -> None:
        """Keep octets until they are read, and read no more of them than that."""
        self._incoming.append(data)
        self._ahead += len(data)
        if self._ahead > READ_AHEAD and not self._halted and self.transport is not None:
            self._halted = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Let what came before the end of the stream be answered."""
        self._ended = True
        self._wake()
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is None

    def pause_writing(self) -> None:
        """The client does not read: write no more."""
        if self._slow is None:
            self._slow = self._loop.create_future()

    def resume_writing(self) -> None:
        """The client has read."""
        if self._slow is not None and not self._slow.done():
            self._slow.set_result(None)
        self._slow = None

    def connection_lost(self, error: Exception | None) -> None:
        """End the conversation, once: a failed handshake may report the loss twice."""
        if self._lost:
            return
        self._lost = self._ended = True
        self.transport = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # A handshake that fails raises in the conversation, which counts why; uvloop reports the loss before that.
        if self._task is not None and not self._shaking_hands and self._task is not asyncio.current_task():
            self._task.cancel()
        self.gone()

    # -- inside

    async def _run(self) -> None:
        try:
            await self.converse()
        except ConnectionError:
            pass
        except Exception as error:  # nothing of it may leave; the connection ends
            self.failed(error)
        finally:
            self.hang_up()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
        self._reader = None

    def _set_timer(self) -> None:
        self._timer_at = self._due
        self._timer = self._loop.call_at(self._due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._lost:
            return
        if self._loop.time() + 0.001 < self._due:
            self._set_timer()
        else:
            self.timed_out()

    def _waits_in_kernel(self) -> bool:
        bound = self.transport.get_extra_info("socket") if self.transport is not None else None
        if bound is None or bound.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(bound.fileno(), select.POLLIN | select.POLLRDHUP)
        seen = poll.poll(0)
        return bool(seen) and bool(seen[0][1] & select.POLLIN) and not seen[0][1] & select.POLLRDHUP


def _feed(transport: asyncio.Transport, octets: bytes) -> None:
    """Hand octets that were read too soon to the protocol that the transport has now."""
    protocol = cast("asyncio.BufferedProtocol", transport.get_protocol())
    while octets and not transport.is_closing():
        buffer = protocol.get_buffer(len(octets))
        taken = min(len(buffer), len(octets))  # type: ignore[arg-type]  # a memoryview
        buffer[:taken] = octets[:taken]  # type: ignore[index]  # a memoryview
        protocol.buffer_updated(taken)
        octets = octets[taken:]
