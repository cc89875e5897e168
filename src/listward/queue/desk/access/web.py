"""Who a request comes from: a bearer token, else the session cookie."""

from starlette.requests import Request
from starlette.responses import Response

from listward.queue.desk.access.door import LIFE_S, Door, Entry


def cookie_name(secure: bool) -> str:
    """The session cookie's name; the prefix binds it to this host and to https (RFC 6265bis section 4.1.3)."""
    return "__Host-listward" if secure else "listward"


async def entry_of(request: Request, door: Door, secure: bool) -> Entry | None:
    """Who sent this request, None for a stranger. Raises StoreUnavailable."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await door.by_token(bearer.strip())
    return await session_of(request, door, secure)


async def session_of(request: Request, door: Door, secure: bool) -> Entry | None:
    """Whose session cookie this is, None for a stranger. Raises StoreUnavailable."""
    secret = request.cookies.get(cookie_name(secure), "")
    return await door.by_session(secret) if secret else None


def set_session(response: Response, secret: str, secure: bool) -> None:
    """Hand out the session cookie: not readable by scripts, never sent along from other sites."""
    response.set_cookie(
        cookie_name(secure), secret, max_age=LIFE_S, path="/", secure=secure, httponly=True, samesite="strict"
    )


def clear_session(response: Response, secure: bool) -> None:
    """Take the session cookie back."""
    response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="strict")


def client_of(request: Request) -> str:
    """The client's address, for counting tries."""
    return request.client.host if request.client else ""
