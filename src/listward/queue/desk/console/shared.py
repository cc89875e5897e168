"""What every page's handler starts from: the desk, the session, and the form's own token."""

from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from listward.queue.desk.access.door import Entry
from listward.queue.desk.access.web import session_of
from listward.queue.desk.console.render import Pages
from listward.queue.desk.desk import Desk

Handler = Callable[[Request], Awaitable[Response]]
Shown = Callable[[Request, Desk, Pages, Entry], Awaitable[Response]]
Posted = Callable[[Request, Desk, Pages, Entry, FormData], Awaitable[Response]]


def desk_of(request: Request) -> Desk:
    """The desk of this application."""
    desk: Desk = request.app.state.desk
    return desk


def pages_of(request: Request) -> Pages:
    """The pages of this application."""
    pages: Pages = request.app.state.pages
    return pages


def see_other(path: str) -> Response:
    """Send the browser on by GET, so that going back or reloading repeats no act."""
    return RedirectResponse(path, 303)


def shown(handler: Shown) -> Handler:
    """A page for people who are logged in; others are sent to the log-in. Changes nothing."""

    @wraps(handler)
    async def wrapped(request: Request) -> Response:
        desk, pages = desk_of(request), pages_of(request)
        entry = await session_of(request, desk.door, desk.secure)
        if entry is None:
            return see_other(f"/login?{urlencode({'next': request.url.path})}")
        return await handler(request, desk, pages, entry)

    return wrapped


def posted(handler: Posted) -> Handler:
    """A form's target: for people who are logged in, and only with their own session's token."""

    @wraps(handler)
    async def wrapped(request: Request) -> Response:
        desk, pages = desk_of(request), pages_of(request)
        entry = await session_of(request, desk.door, desk.secure)
        form = await request.form(max_files=0, max_fields=1200)
        if entry is None or not entry.proves(field(form, "csrf")):
            sentence = "This page is too old, or you were logged out. Nothing was changed. Please log in again."
            return pages.page("error.html", entry, 403, title="Please load the page again", sentence=sentence)
        return await handler(request, desk, pages, entry, form)

    return wrapped


def field(form: FormData, name: str) -> str:
    """One text field of a form, "" where it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def version_in(form: FormData) -> int:
    """The case's version that the form was made for, -1 where there is none."""
    text = field(form, "version")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
