"""What every answer carries and every request keeps to: security header fields, and a bound on its size."""

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
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
        sender = _Sender(send)
        try:
            await self._app(scope, _bounded(receive, limit), sender)
        except TooLarge:
            if not sender.started:
                answer = PlainTextResponse("That is more than this address takes.", 413)
                await answer(scope, receive, sender)


class _Sender:
    """Passes messages on, with our fields in the first."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            MutableHeaders(scope=message).update(FIELDS)
        await self._send(message)


def _bounded(receive: Receive, limit: int) -> Receive:
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLarge
        return message

    return bounded
