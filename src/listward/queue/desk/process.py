"""The console's process: connects what the desk needs, and serves it on an inherited socket until it is stopped."""

import asyncio
import contextlib
import socket as sockets
from collections.abc import Generator
from dataclasses import replace

import uvicorn

from listward.config.load import Configuration
from listward.filters.identity.resolver import DnsResolver
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_watch import keep_fresh
from listward.filters.judge import Judge
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes
from listward.queue.desk.access.redis_store import RedisAccess
from listward.queue.desk.console.app import build_app
from listward.queue.desk.desk import Ready
from listward.queue.desk.freezing import freezing_at
from listward.queue.desk.reads import TrailReads
from listward.queue.desk.serving import server_settings
from listward.queue.notices.tokens import Tokens
from listward.queue.store.connect import Store, connect
from listward.queue.store.following import Following
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.presence import keep_present
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.succession import Go, at_once

LAST_REQUESTS_S = 0.5
"""Whoever has just connected gets so long to say what for: nobody's request meets a closed door when rules change."""


async def run_console(
    configuration: Configuration,
    metrics: Metrics,
    mail_log: MailLog,
    socket: sockets.socket,
    stop: asyncio.Event,
    model: SpamModel | None = None,
    before: SiteRosters | None = None,
    go: Go = at_once,
) -> None:
    """Serve console and API on a listening socket until `stop` is set.

    `model` is for /check; without one the shipped model is read. Rosters that were read `before` are not read again.
    All is built, then `go` awaited: where it says False, nothing is served. The socket is closed at the end.
    A store that is away is no reason to end: pages say so, and serve again when it is back. Raises what `connect`
    raises for a wrong url or key, and ModelError where the shipped model cannot be read.
    """
    site, clock = configuration.site, SystemClock()
    store = connect(site, metrics, clock)
    rosters = SiteRosters(site, before)
    probes = Probes(DnsResolver(site.dns.servers, site.dns.timeout_s, cache_bytes=site.dns.cache_bytes), rosters)
    spam_model = model or SpamModel.load_default()

    def judging(probes: Probes) -> Judge:
        return Judge(
            site,
            configuration.policy,
            spam_model,
            probes,
            on_failure=lambda name: metrics.filter_failures.labels(name).inc(),
        )

    app = build_app(
        configuration,
        store.cases,
        RedisAccess(store.redis),
        judging(probes),
        clock,
        metrics,
        TrailReads(store.trail),
        freezing_at(store, site, clock, rosters),
        ready=readiness(store),
        rosters=rosters,
        tokens=Tokens(store.redis),
        accounts=store.accounts,
        observations=store.observations,
        # Only here: /check must not tell a program whose account is frozen.
        judge_confirmed=judging(replace(probes, standings=store.accounts)),
    )
    server = _Server(server_settings(app, site))
    if not await go():
        socket.close()
        await store.close()
        return
    mail_log.event("serving", role="console")
    following = Following(lambda: rosters, lambda: store.rosters, mail_log)
    fresh = asyncio.create_task(keep_fresh(lambda: rosters, metrics, mail_log, stop))
    brought = asyncio.create_task(following.run(stop))
    present = asyncio.create_task(
        keep_present(lambda: store.presence, "console", lambda: configuration.policy.digest, stop)
    )
    try:
        await _until(stop, server, socket)
    finally:
        for task in (fresh, brought, present):
            task.cancel()
        await asyncio.wait({fresh, brought, present})
        await store.close()


def readiness(store: Store) -> Ready:
    """A check that answers "" when the store can keep the promise of a hold, else one plain sentence."""

    async def ready() -> str:
        try:
            await store.check_durable()
        except StoreUnavailable as problem:
            return f"{str(problem)[:1].upper()}{str(problem)[1:].rstrip('.')}."
        return ""

    return ready


class _Server(uvicorn.Server):
    """Leaves the signals to the process: the supervisor's protocol is not uvicorn's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


async def _until(stop: asyncio.Event, server: uvicorn.Server, socket: sockets.socket) -> None:
    serving = asyncio.create_task(server.serve([socket]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if server.started and not serving.done():
        for listening in server.servers:
            listening.close()
        await asyncio.sleep(LAST_REQUESTS_S)
    server.should_exit = True
    stopping.cancel()
    await serving
