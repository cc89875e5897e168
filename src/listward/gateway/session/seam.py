"""The seam to aiosmtpd 1.4.6: the only file that knows its private names. A test checks that those names exist.

aiosmtpd gives the connection's life: protocol, timer, PROXY header, STARTTLS. The command loop and every verb are ours,
because its own loop takes commands ended by a bare LF, reads content line by line and answers errors with their text.
"""

import asyncio
import ssl
from asyncio import StreamReaderProtocol
from typing import AnyStr

from aiosmtpd.proxy_protocol import ProxyData, get_proxy
from aiosmtpd.smtp import SMTP, TLSSetupException

# What this file uses of aiosmtpd's inside, and of asyncio's through it.
PRIVATE_NAMES = (
    "_reader",
    "_writer",
    "_tls_protocol",
    "_handle_client",
    "_reset_timeout",
    "_timeout_cb",
    "_handler_coroutine",
)
_READY = "220 Ready to start TLS"
_NO_HOOKS = object()  # every hook of aiosmtpd's is a verb of ours


class Seam(SMTP):
    """One connection. Subclasses give `converse`, `timed_out` and `gone`."""

    line_length_limit = 65_536  # the stream pauses the socket at twice this; nothing of ours depends on lines

    def __init__(self, hostname: str, tls: ssl.SSLContext | None, idle_s: float) -> None:
        super().__init__(
            _NO_HOOKS,
            hostname=hostname,
            tls_context=tls,
            timeout=idle_s,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._lost = False

    async def converse(self) -> None:
        """Hold the whole conversation; the connection is closed when it returns."""
        raise NotImplementedError  # pragma: no cover - abstract

    def timed_out(self) -> None:
        """The timer set by `arm` went off."""
        self.hang_up()

    def gone(self) -> None:
        """The connection is closed."""

    def arm(self, seconds: float) -> None:
        """Start the one timer of this connection anew."""
        self._reset_timeout(seconds)

    async def read(self, size: int) -> bytes:
        """Return what has come, at most `size` octets; b"" at the end of the stream."""
        return await self._reader.read(size)

    async def send(self, data: bytes) -> None:
        """Write, and wait while the client is slow to read."""
        self._writer.write(data)
        await self._writer.drain()

    def send_last(self, data: bytes) -> None:
        """Write without waiting, then close once it is written."""
        if self.transport is not None and not self.transport.is_closing():
            self._writer.write(data)
        self.hang_up()

    def hang_up(self) -> None:
        """Close once everything is written."""
        if self.transport is not None:
            self.transport.close()

    def has_early_octets(self) -> bool:
        """Whether the client has sent octets that nobody has read yet."""
        return bool(self._reader._buffer)  # type: ignore[attr-defined]  # asyncio's own buffer has no public view

    async def proxy_header(self) -> ProxyData:
        """Read the PROXY header (versions 1 and 2) that must come first; falsy where none came or it is malformed."""
        try:
            return await get_proxy(self._reader)
        except EOFError:  # the connection was closed before a header came
            return ProxyData(version=None)

    async def start_tls(self) -> bool:
        """Answer 220 and change to TLS (RFC 3207). False when the handshake failed and no connection is left."""
        try:
            await self.smtp_STARTTLS("")
        except TLSSetupException as error:
            self.hang_up()
            self.connection_lost(error)
            return False
        return True

    async def push(self, status: AnyStr) -> None:
        """Write aiosmtpd's own replies, the one before TLS with the enhanced code RFC 2034 asks for."""
        if status == _READY:
            await super().push("220 2.0.0 Ready to start TLS")
        else:
            await super().push(status)

    async def handle_exception(self, error: Exception) -> str:
        """Answer an error of ours without a word of it."""
        return "451 4.3.0 Not delivered yet. Nothing is lost; your mail service tries again by itself."

    async def _handle_client(self) -> None:
        try:
            await self.converse()
        except ConnectionError:
            pass
        finally:
            self.hang_up()

    def _timeout_cb(self) -> None:
        self.timed_out()

    def eof_received(self) -> bool:
        """Let what came before the end of the stream be answered; aiosmtpd would stop in the middle of it."""
        StreamReaderProtocol.eof_received(self)
        return self._tls_protocol is None

    def connection_lost(self, error: Exception | None) -> None:
        """Pass on, once: a failed handshake reports the loss twice."""
        if self._lost:
            return
        self._lost = True
        super().connection_lost(error)
        self.gone()
