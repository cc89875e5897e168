"""Logging in and out."""

import hmac
import re
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from listward.queue.desk.access.door import Entry, NoEntry, TooManyTries
from listward.queue.desk.access.secret import new_secret
from listward.queue.desk.access.web import clear_session, client_of, cookie_name, session_of, set_session
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import desk_of, field, pages_of, posted, see_other
from listward.queue.desk.desk import Desk

LOGIN_COOKIE = "listward_login"
_INSIDE = re.compile(r"/(cases/[0-9]{1,12}|decided|bundle|status)?")


async def login_page(request: Request) -> Response:
    """The log-in form. Its token stands in a cookie too, so that no other site can log somebody in."""
    desk = desk_of(request)
    if await session_of(request, desk.door, desk.secure):
        return see_other("/")
    return _form(request, _inside(request.query_params.get("next", "/")))


async def log_in(request: Request) -> Response:
    """Let a person in, or say the same for a wrong address and a wrong password."""
    desk = desk_of(request)
    form = await request.form(max_files=0, max_fields=10)
    onward = _inside(field(form, "next"))
    expected = request.cookies.get(LOGIN_COOKIE, "")
    if not expected or not hmac.compare_digest(expected.encode(), field(form, "csrf").encode(errors="replace")):
        return _form(request, onward, 403, "This form has lapsed. Please try again.")
    address = field(form, "address")
    try:
        secret = await desk.door.log_in(address, field(form, "password"), client_of(request))
    except NoEntry:
        return _form(request, onward, 401, "Address and password do not fit.", address)
    except TooManyTries:
        return _form(request, onward, 429, "Too many tries. Please wait 15 minutes.", address)
    response = see_other(onward)
    set_session(response, secret, desk.secure)
    response.delete_cookie(LOGIN_COOKIE, path="/login", secure=desk.secure, httponly=True, samesite="strict")
    return response


@posted
async def log_out(request: Request, desk: Desk, _pages: Pages, _entry: Entry, _form_data: FormData) -> Response:
    """End the session."""
    await desk.door.log_out(request.cookies.get(cookie_name(desk.secure), ""))
    response = see_other("/login")
    clear_session(response, desk.secure)
    return response


def _form(request: Request, onward: str, status: int = 200, problem: str = "", address: str = "") -> Response:
    desk, token = desk_of(request), new_secret()
    values = {"token": token, "onward": onward, "problem": problem, "address": address[:320]}
    response = pages_of(request).page("login.html", None, status, **values)
    response.set_cookie(LOGIN_COOKIE, token, path="/login", secure=desk.secure, httponly=True, samesite="strict")
    return response


def _inside(path: str) -> str:
    """A page of ours to go on to; anything else, as another site's address, becomes the queue."""
    return path if _INSIDE.fullmatch(path) and not urlsplit(path).netloc else "/"
