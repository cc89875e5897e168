"""One gateway worker: the entry that a role calls with bound sockets. Pure asyncio; forks nothing, binds nothing."""

import asyncio
import hashlib
import hmac
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from listward.config.carried import unpacked
from listward.config.faults import ConfigError
from listward.config.load import Configuration
from listward.config.paths import state_directory
from listward.filters.identity.resolver import DnsResolver
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_watch import keep_fresh as keep_rosters_fresh
from listward.filters.judge import Judge
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes
from listward.filters.transaction import Listener
from listward.gateway.certificates import keep_fresh
from listward.gateway.egress import Egress
from listward.gateway.failures import place_of
from listward.gateway.hopsize import HopSizes
from listward.gateway.ingress import Ingress
from listward.gateway.keyfile import load_or_make
from listward.gateway.latestore import LateStore, OpenStore
from listward.gateway.noting import Noting
from listward.gateway.observing import Observing
from listward.gateway.reader.client import ReaderProcesses
from listward.gateway.reader.judging import ReadingJudge, terms_for
from listward.gateway.reader.lane import Lanes
from listward.gateway.reader.reads import ReadingTerms, Reads, ReadsHere
from listward.gateway.records import end_late_writes
from listward.gateway.server import Server
from listward.gateway.services import Services
from listward.gateway.session.bounds import Bounds
from listward.gateway.session.door import Door
from listward.gateway.snapshot import Snapshot, make_snapshot
from listward.gateway.submission import Submission
from listward.queue.nexthops import make_pool
from listward.queue.store.connect import connect, spool_folder
from listward.queue.store.following import Following
from listward.queue.store.presence import keep_present
from listward.runtime.board import Column
from listward.runtime.handover import Handover
from listward.runtime.heartbeat import Heartbeat
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.orders import CannotPrepare, Orders
from listward.runtime.tallies import Tally

_DRAIN_EXTRA_S = 5.0
_FIRST_ANSWERS_S = 1.0  # a next hop that is away must not keep us from taking mail for the others


@dataclass(frozen=True)
class Surroundings:
    """What a worker is given besides configuration and sockets; every part has a default.

    `name` is what it is called among the processes of its machine.
    `column` counts what all workers together take at once; None where this is the only one; `handover` spreads
    connections over them. By `orders` the supervisor has a new configuration prepared and taken up; None keeps the
    first one. `reload_model` reads the spam model anew at the same time.
    `rosters` were read before the fork, so that all workers share their memory; None reads them here.
    `on_ready` is called when mail is taken, and every few seconds while the loop turns. `lanes` lead to the reader
    processes; None reads in this process.
    """

    name: str = "gateway"
    metrics: Metrics = field(default_factory=Metrics)
    log: MailLog | None = None
    model: SpamModel | None = None
    rosters: SiteRosters | None = None
    connect_store: Callable[[Configuration, Metrics], OpenStore] = lambda configuration, metrics: connect(
        configuration.site, metrics
    )
    column: Column | None = None
    handover: Handover | None = None
    orders: socket.socket | None = None
    reload_model: Callable[[Configuration], SpamModel] | None = None
    on_ready: Callable[[], None] = lambda: None
    lanes: Lanes | None = None
    handle_signals: bool = True


async def serve(
    configuration: Configuration,
    sockets: Mapping[Listener, Sequence[socket.socket]],
    stop: asyncio.Event,
    surroundings: Surroundings | None = None,
) -> None:
    """Serve until `stop` is set (SIGTERM and SIGINT set it), then drain.

    Raises OSError or ValueError where certificate, key files or model cannot be used. While the store is away mail that
    needs it gets 451, and everything else flows.
    """
    worker = Worker(configuration, surroundings or Surroundings())
    await worker.run(sockets, stop)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A configuration that can be taken up at once."""

    configuration: Configuration
    model: SpamModel
    rosters: SiteRosters
    snapshot: Snapshot


class Worker:
    """The parts of one worker, put together. Takes orders as a `runtime.orders.Subject`."""

    def __init__(self, configuration: Configuration, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._configuration = configuration
        site = configuration.site
        state = state_directory(site)
        self._key = load_or_make(state / "gateway.key")
        self._spool = spool_folder(site)
        self._model = surroundings.model or SpamModel.load_default()
        self._metrics = surroundings.metrics
        self._took = Tally(self._metrics.filter_seconds)
        self._log = surroundings.log or MailLog(hmac.new(self._key, b"mail log", hashlib.sha256).digest())
        self._store = LateStore(lambda: surroundings.connect_store(self._configuration, self._metrics))
        self._sizes = HopSizes()
        self._pool = make_pool(site, self._metrics, self._log, self._sizes.learn)
        self._reads = self._readers(surroundings)
        self._rosters = SiteRosters(site, surroundings.rosters)
        self._following = Following(lambda: self._rosters, self._store.rosters, self._log)
        self._snapshot, terms = self._build(configuration, self._rosters, self._model)
        if surroundings.lanes is not None:
            terms.prepare()
        self._services = Services(
            self._pool,
            self._store,
            self._store,
            self._store,
            self._metrics,
            self._log,
            noting=Noting(self._store.note, self._metrics),
            observing=Observing(self._store.observed, self._metrics),
        )
        self._prepared: _Prepared | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def run(self, sockets: Mapping[Listener, Sequence[socket.socket]], stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        loop = asyncio.get_running_loop()
        if self._around.handle_signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop.set)
        server = Server(Bounds(self._metrics, self._around.column), self._around.handover)
        asking = asyncio.create_task(self._sizes.keep_asking(self._pool, self._urls, stop))
        await asyncio.gather(self._sizes.first_answers(_FIRST_ANSWERS_S), self._following.first())
        doors: dict[Listener, Door] = {
            Listener.INGRESS: Ingress(self._services, lambda: self._snapshot, self._sizes),
            Listener.EGRESS: Egress(self._services, lambda: self._snapshot, self._sizes),
            Listener.SUBMISSION: Submission(self._services, lambda: self._snapshot, self._sizes),
        }
        for listener, bound in sockets.items():
            await server.listen(doors[listener], bound)
        server.share()
        fresh = asyncio.create_task(keep_fresh(lambda: self._snapshot.credentials, self._metrics, self._log, stop))
        people = asyncio.create_task(keep_rosters_fresh(lambda: self._rosters, self._metrics, self._log, stop))
        brought = asyncio.create_task(self._following.run(stop))
        present = asyncio.create_task(
            keep_present(self._store.presence, self._around.name, lambda: self._snapshot.policy.digest, stop)
        )
        self._good()
        orders = Orders(self._around.orders, self) if self._around.orders is not None else None
        beat = Heartbeat(self._around.on_ready)
        await stop.wait()
        if orders is not None:
            orders.close()
        await server.drain(self._snapshot.site.gateway.reply_deadline_s + _DRAIN_EXTRA_S)
        asking.cancel()  # a next hop that does not answer must not keep a worker that has nothing else to do
        await asyncio.wait({asking, fresh, people, brought, present})
        self._reads.close()
        await self._pool.close()
        await end_late_writes(self._services)
        if self._services.noting is not None:
            await self._services.noting.end()
        if self._services.observing is not None:
            await self._services.observing.end()
        await self._store.close()
        self._took.pass_on()
        self._metrics.pass_on()
        beat.end()

    async def prepare(self, octets: bytes) -> None:
        """Build everything that a configuration needs. Raises CannotPrepare."""
        try:
            self._prepared = await self._made(await asyncio.to_thread(unpacked, octets))
        except Exception as error:  # whatever it was, the old configuration stays
            raise CannotPrepare(_reason(error)) from None

    def commit(self) -> None:
        """Switch to what was prepared, for each transaction that begins later."""
        made = self._prepared
        if made is None:
            return
        self._prepared, self._configuration = None, made.configuration
        self._model, self._rosters, self._snapshot = made.model, made.rosters, made.snapshot
        self._store.adopt(made.configuration.site)
        self._good()
        self._log.event("config-loaded", policy=made.snapshot.policy.digest)
        asking = asyncio.get_running_loop().create_task(self._sizes.ask(self._pool, self._urls()))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    def abort(self) -> None:
        """Drop what was prepared."""
        self._prepared = None

    async def _made(self, configuration: Configuration) -> _Prepared:
        model = self._model
        if self._around.reload_model is not None:
            model = await asyncio.to_thread(self._around.reload_model, configuration)
        rosters = await asyncio.to_thread(SiteRosters, configuration.site, self._rosters)
        snapshot, terms = self._build(configuration, rosters, model)
        await asyncio.to_thread(terms.prepare)
        return _Prepared(configuration, model, rosters, snapshot)

    def _readers(self, surroundings: Surroundings) -> Reads:
        lanes = surroundings.lanes
        return ReadsHere() if lanes is None else ReaderProcesses(lanes.quick.give, lanes.large.give, self._reader_lost)

    def _reader_lost(self, id: str, lane: str) -> None:
        self._metrics.filter_failures.labels("reader").inc()
        self._metrics.limits_hit.labels("reading").inc()
        self._log.event("reader-lost", id, lane=lane)

    def _build(
        self, configuration: Configuration, rosters: SiteRosters, model: SpamModel
    ) -> tuple[Snapshot, ReadingTerms]:
        site, policy = configuration.site, configuration.policy
        spent = self._metrics.limits_hit.labels("dns_questions").inc
        resolver = DnsResolver(site.dns.servers, site.dns.timeout_s, cache_bytes=site.dns.cache_bytes, on_spent=spent)
        probes = Probes(resolver, rosters, self._store, self._store)
        judge = Judge(site, policy, model, probes, self._filter_failed, self._took.observe)
        terms = terms_for(site, judge, model)
        reading = ReadingJudge(judge, self._reads, terms)
        return make_snapshot(site, policy, reading, self._key, self._spool), terms

    def _filter_failed(self, name: str) -> None:
        self._metrics.filter_failures.labels(name).inc()

    def _good(self) -> None:
        self._metrics.config_valid.set(1)
        self._metrics.config_reload.set(time.time())
        for label, count in self._model.model_examples.items():
            self._metrics.model_examples.labels(label).set(count)

    def _urls(self) -> tuple[str, ...]:
        egress = self._snapshot.site.egress
        out = (egress.next_hop, egress.internal_next_hop) if egress is not None else ()
        return (*self._snapshot.list_hops, *out)


def _reason(error: Exception) -> str:
    """Why a configuration was refused: what was foreseen in its own words, anything else by its place alone."""
    if isinstance(error, (ConfigError, ValueError, OSError)):
        return str(error).partition("\n")[0]
    return f"{type(error).__name__} at {place_of(error)}"
