"""The desk as one ASGI application: pages for people, the API for programs, the same rulings behind both."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from listward import __version__
from listward.config.load import Configuration
from listward.filters.probes import Rosters
from listward.queue.desk.access.door import Door, Entry
from listward.queue.desk.access.passwords import Passwords
from listward.queue.desk.access.records import AccessStore
from listward.queue.desk.access.web import session_of
from listward.queue.desk.api import accounts as freezes
from listward.queue.desk.api import trials as trial_verbs
from listward.queue.desk.api.errors import KNOWN_ERRORS, refusal_for
from listward.queue.desk.api.routes import health, router
from listward.queue.desk.console import (
    accountpages,
    answerpages,
    casepages,
    entrance,
    queuepages,
    statuspages,
    trialpages,
    vouchpages,
)
from listward.queue.desk.console.render import Pages
from listward.queue.desk.console.shared import desk_of, pages_of
from listward.queue.desk.desk import Desk, Judging, Ready
from listward.queue.desk.freezing import Freezing
from listward.queue.desk.guard import Guard
from listward.queue.desk.reads import Reads
from listward.queue.desk.rulings import Rulings
from listward.queue.desk.trials import trials_at
from listward.queue.notices.confirming import Confirming
from listward.queue.notices.tokens import Tokens
from listward.queue.store.accounts import Accounts
from listward.queue.store.observations import Observations
from listward.queue.store.ports import Cases, StoreUnavailable
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

CHECKED_PATHS = frozenset({"/api/v1/check"})


async def always_ready() -> str:
    """No complaint."""
    return ""


def build_app(
    configuration: Configuration,
    cases: Cases,
    access_store: AccessStore,
    judge: Judging,
    clock: Clock,
    metrics: Metrics,
    reads: Reads,
    freezing: Freezing,
    ready: Ready = always_ready,
    rosters: Rosters | None = None,
    passwords: Passwords | None = None,
    tokens: Tokens | None = None,
    accounts: Accounts | None = None,
    judge_confirmed: Judging | None = None,
    observations: Observations | None = None,
) -> ASGIApp:
    """Build the application. `ready` answers "" or one plain sentence on what is wrong with the store.

    Without `tokens` nobody is asked anything by link; without `accounts` no way of sending is remembered;
    without `observations` no rule on trial is counted.
    `judge_confirmed` judges what its author has confirmed, by what stands for her account; else `judge` does.
    """
    site, policy = configuration.site, configuration.policy
    rulings = Rulings(cases, site, policy, clock, metrics, rosters, accounts)
    door = Door(access_store, site, clock, passwords)
    judging = judge_confirmed or judge
    confirming = Confirming(site, cases, tokens, judging, clock, rosters, accounts) if tokens is not None else None
    trials = trials_at(site, policy, observations, cases, reads, clock)
    doors = (configuration, cases, rulings, door, freezing, judge, reads, ready, clock, metrics)
    desk = Desk(*doors, trials, rosters, confirming)
    app = FastAPI(
        title="Listward",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        exception_handlers=_handlers(),
    )
    app.state.desk, app.state.pages = desk, Pages(desk)
    app.include_router(router)
    app.include_router(freezes.router)
    app.include_router(trial_verbs.router)
    app.include_router(health)
    app.router.routes.extend(_routes())
    # A message in JSON takes up to twice its size.
    return Guard(app, CHECKED_PATHS, 2 * site.gateway.max_message_bytes)


def _routes() -> list[Route]:
    return [
        Route("/", queuepages.queue_page, methods=["GET"]),
        Route("/bundle", queuepages.bundle_page, methods=["GET"]),
        Route("/bundle/discard", casepages.discard_bundle, methods=["POST"]),
        Route("/decided", queuepages.decided_page, methods=["GET"]),
        Route("/find", queuepages.find, methods=["GET"]),
        Route("/cases/{number}", casepages.case_page, methods=["GET"]),
        Route("/cases/{number}/message", casepages.raw_message, methods=["GET"]),
        Route("/cases/{number}/{verb}", casepages.act, methods=["POST"]),
        Route("/accounts", accountpages.accounts_page, methods=["GET"]),
        Route("/accounts/{verb}", accountpages.turn, methods=["POST"]),
        Route("/vouches", vouchpages.vouches_page, methods=["GET"]),
        Route("/vouches/{id}/revoke", vouchpages.revoke, methods=["POST"]),
        Route("/trials", trialpages.trials_page, methods=["GET"]),
        Route("/trials/{list}/{rule}", trialpages.examples_page, methods=["GET"]),
        Route("/trials/{list}/{rule}/mark", trialpages.mark, methods=["POST"]),
        Route("/answer/{token}", answerpages.answer_page, methods=["GET"]),
        Route("/answer/{token}", answerpages.answer, methods=["POST"]),
        Route("/login", entrance.login_page, methods=["GET"]),
        Route("/login", entrance.log_in, methods=["POST"]),
        Route("/logout", entrance.log_out, methods=["POST"]),
        Route("/status", statuspages.status_page, methods=["GET"]),
        Route("/rules", statuspages.rules_page, methods=["GET"]),
        Route("/static/console.css", statuspages.style, methods=["GET"]),
    ]


ErrorHandler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def _handlers() -> dict[int | type[Exception], ErrorHandler]:
    handlers: dict[int | type[Exception], ErrorHandler] = dict.fromkeys(KNOWN_ERRORS, _refused)
    handlers |= {Exception: _refused, StarletteHTTPException: _http, HTTPException: _http}
    handlers[RequestValidationError] = _invalid
    return handlers


async def _refused(request: Request, problem: Exception) -> Response:
    refusal = refusal_for(problem)
    return await _answer(request, refusal.status, refusal.sentence, refusal.facts)


async def _http(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, StarletteHTTPException):
        return await _refused(request, problem)
    sentences = {404: "There is no such page.", 405: "This address does not take that."}
    sentence = str(problem.detail) if problem.status_code not in sentences else sentences[problem.status_code]
    response = await _answer(request, problem.status_code, sentence, {})
    response.headers.update(problem.headers or {})
    return response


async def _invalid(request: Request, problem: Exception) -> Response:
    sentence = "The request is not complete."
    if isinstance(problem, RequestValidationError):
        first = problem.errors()[0]
        sentence = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return await _answer(request, 422, sentence, {})


async def _answer(request: Request, status: int, sentence: str, facts: dict[str, str | int]) -> Response:
    if request.url.path.startswith(("/api/", "/healthz", "/readyz")):
        return JSONResponse({"error": sentence, **facts}, status)
    titles = {403: "Not yours", 404: "Not found", 409: "Somebody was first", 503: "Please try again"}
    title = titles.get(status, "That did not work")
    return pages_of(request).page("error.html", await _reader(request), status, title=title, sentence=sentence)


async def _reader(request: Request) -> Entry | None:
    desk = desk_of(request)
    try:
        return await session_of(request, desk.door, desk.secure)
    except StoreUnavailable:
        return None
