"""What every answer carries and every request keeps to: security header fields, and a bound on its size."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing is loaded, framed or run but our own style sheet; forms post to ourselves alone.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FIELDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
FORM_BYTES = 131_072
TOO_LARGE = "That is more than this address takes."
TWO_LENGTHS = "The request says in two ways where it ends."


class TooLarge(Exception):
    """The request's body is over its bound."""


class Guard:
    """Wraps an application. `large` names paths that may take up to `large_bytes`; all others 128 KiB."""

    def __init__(self, app: ASGIApp, large: frozenset[str], large_bytes: int) -> None:
        self._app = app
        self._large = large
        self._large_bytes = large_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._large_bytes if scope["path"] in self._large else FORM_BYTES
        exchange = _Exchange(receive, send, limit)
        if _has_two_lengths(scope):
            await exchange.refuse(400, TWO_LENGTHS)
            return
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except TooLarge:
            await exchange.refuse()


def _has_two_lengths(scope: Scope) -> bool:
    """Whether a proxy before us could see another end of the request than we do (RFC 9112 section 6.1)."""
    names = [name for name, _ in scope["headers"]]
    return b"transfer-encoding" in names and b"content-length" in names


class _Exchange:
    """One request and its answer. Over the bound the answer is 413, whatever the application makes of the error."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self._started = False

    async def receive(self) -> Message:
        """Pass a message of the client on. Raises TooLarge."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        """Pass a message of the application on, with our fields in the first."""
        if self._left < 0:
            await self.refuse()
            return
        if message["type"] == "http.response.start":
            self._started = True
            MutableHeaders(scope=message).update(FIELDS)
        await self._send(message)

    async def refuse(self, status: int = 413, sentence: str = TOO_LARGE) -> None:
        """Answer with a refusal, once, and close: what the client still sends is nobody's."""
        if self._started:
            return
        self._started = True
        fields = [(name.lower().encode(), value.encode()) for name, value in FIELDS.items()]
        fields += [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await self._send({"type": "http.response.start", "status": status, "headers": fields})
        await self._send({"type": "http.response.body", "body": f"{sentence}\n".encode()})
