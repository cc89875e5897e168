"""Who calls the API, and whether the call may be made: a bearer token, or a session with its CSRF token."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from listward.queue.desk.access.door import Entry
from listward.queue.desk.access.person import Person
from listward.queue.desk.access.web import entry_of
from listward.queue.desk.desk import Desk

CSRF_FIELD = "x-csrf-token"


def desk_of(request: Request) -> Desk:
    """The desk of this application."""
    desk: Desk = request.app.state.desk
    return desk


async def entry_for(request: Request, desk: Annotated[Desk, Depends(desk_of)]) -> Entry:
    """Whoever calls; 401 for a stranger, 403 for a session's POST without its token."""
    entry = await entry_of(request, desk.door, desk.secure)
    if entry is None:
        raise HTTPException(401, "Log in or send a bearer token.", {"WWW-Authenticate": "Bearer"})
    if request.method not in {"GET", "HEAD"} and not entry.proves(request.headers.get(CSRF_FIELD, "")):
        raise HTTPException(403, "This form has lapsed. Load the page again.")
    return entry


async def case_worker(entry: Annotated[Entry, Depends(entry_for)]) -> Person:
    """Whoever may work on cases; 403 for a token made for checking only."""
    if "cases" not in entry.scopes:
        raise HTTPException(403, "This token may not read or decide cases.")
    return entry.person


async def checker(entry: Annotated[Entry, Depends(entry_for)]) -> Person:
    """Whoever may check messages; 403 for a token made for cases only."""
    if "check" not in entry.scopes:
        raise HTTPException(403, "This token may not check messages.")
    return entry.person


TheDesk = Annotated[Desk, Depends(desk_of)]
CaseWorker = Annotated[Person, Depends(case_worker)]
Checker = Annotated[Person, Depends(checker)]
