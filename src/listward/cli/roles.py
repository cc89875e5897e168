"""The roles of one machine as children of the supervisor: sockets bound first, code imported once, then forked."""

import asyncio
import gc
import hashlib
import hmac
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from socket import socket

from listward import __version__
from listward.cli.courier_role import serve_courier
from listward.cli.reloads import SiteReloads
from listward.config.carried import unpacked
from listward.config.catalogue import OTHER, known_to
from listward.config.faults import ConfigError
from listward.config.load import Configuration
from listward.config.paths import state_directory
from listward.config.site import Site
from listward.filters.identity.roster import SiteRosters
from listward.filters.learner import SpamModel
from listward.filters.learner.load import load_for
from listward.filters.reading import FILTERS
from listward.filters.transaction import Listener
from listward.gateway import worker
from listward.gateway.keyfile import load_or_make
from listward.gateway.reader.lane import Lane, Lanes
from listward.gateway.reader.process import run_reader
from listward.gateway.session.bounds import CONNECTIONS
from listward.gateway.snapshot import MOST_LISTS_IN_METRICS
from listward.queue.desk.access.person import queue_names
from listward.queue.desk.process import run_console
from listward.runtime import exposition
from listward.runtime.board import Board
from listward.runtime.children import ChildSpec, Parent, Ready
from listward.runtime.handover import Handover, Pairs
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.orders import Orders
from listward.runtime.role import run_role
from listward.runtime.sockets import bind
from listward.runtime.succession import Go, Succession
from listward.wire.hop import parse_hop

GATEWAY_STOPS, OTHERS_STOP, STORE_STOPS, METRICS_STOP = range(4)
READERS_STOP = OTHERS_STOP  # after the workers, which have their last messages read

_DRAIN_EXTRA_S = 20.0  # beyond the deadline of the last reply: clients amid a message, next hops that are asked
_MOST_SILENT_S = 60.0  # longer than any answer may take: a worker whose loop stands that long hangs
_COURIER_STOPS_WITHIN_S = 40.0  # a delivery under way ends within its own time-out

_TOLD = (ConfigError, ValueError, OSError)
"""Errors whose own words say what is wrong with a configuration."""

RoleLoop = Callable[[Configuration, Metrics, MailLog, asyncio.Event, Go], Awaitable[None]]


class Roles:
    """Builds child specifications for one configuration. Everything a child needs is made before it is forked."""

    def __init__(
        self,
        configuration: Configuration,
        role: str,
        log_file: Path | None = None,
        rosters: SiteRosters | None = None,
    ) -> None:
        self._site = configuration.site
        self._log_file = log_file
        self._state = state_directory(self._site)
        self.metrics_folder = self._state / f"metrics-{role}"
        self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
        exposition.prepare(self.metrics_folder)
        self._rosters = SiteRosters(self._site, rosters)
        secret = load_or_make(self._state / "gateway.key")
        self._columns: dict[str, Callable[[], None]] = {}
        self._log_key = hmac.new(secret, b"mail log", hashlib.sha256).digest()
        metrics = _process_metrics("supervisor", configuration)
        self.reloads = SiteReloads(role, configuration, self._rosters, metrics, self._mail_log, os.getpid())

    def gateway(self) -> list[ChildSpec]:
        """One child a worker, with listening sockets of its own, and one that reads for it; one reads large mail.

        Model and code are shared by forking.
        """
        count = self._site.gateway.workers
        model = self._shared_model()
        ingress = [bind(listen, count) for listen in self._site.gateway.listen]
        egress = [bind(listen, count) for listen in (self._site.egress.listen if self._site.egress else ())]
        submission = [bind(listen, count) for listen in self._site.submission.listen]
        board, pairs, lanes = Board(count), Pairs(count), Lanes.create()
        self._columns = {f"gateway-{index}": partial(board.clear, index) for index in range(count)}
        gc.freeze()  # objects made so far stay in pages that the workers share
        workers = [
            ChildSpec(
                f"gateway-{index}",
                self._gateway_worker(
                    index,
                    model,
                    {
                        Listener.INGRESS: [copies[index] for copies in ingress],
                        Listener.EGRESS: [copies[index] for copies in egress],
                        Listener.SUBMISSION: [copies[index] for copies in submission],
                    },
                    board,
                    pairs,
                    lanes,
                ),
                GATEWAY_STOPS,
                stop_timeout_s=self._site.gateway.reply_deadline_s + _DRAIN_EXTRA_S,
                most_silent_s=_MOST_SILENT_S,
                switches=True,
            )
            for index in range(count)
        ]
        readers = [self._reader(f"reader-{index}", lanes.quick, board) for index in range(count)]
        return [*readers, self._reader("reader-large", lanes.large, board), *workers]

    def _reader(self, name: str, lane: Lane, board: Board) -> ChildSpec:
        """A child that reads mail and may be killed for it at any time."""

        def run(ready: Ready) -> int:
            board.forget()
            return run_reader(lane, self._site.gateway.read_memory_bytes, ready)

        return ChildSpec(name, run, READERS_STOP, stop_timeout_s=2.0, expendable=True)

    def courier(self) -> list[ChildSpec]:
        """The courier."""

        async def serve(
            configuration: Configuration, metrics: Metrics, mail_log: MailLog, stop: asyncio.Event, go: Go
        ) -> None:
            await serve_courier(configuration, metrics, mail_log, stop, self._rosters, go)

        run = self._loop("courier", serve)
        return [ChildSpec("courier", run, OTHERS_STOP, _COURIER_STOPS_WITHIN_S, switches=True)]

    def console(self) -> list[ChildSpec]:
        """The console and API, on a socket that stays open while one configuration follows another."""
        listening = bind(self._site.console.listen)[0]

        async def serve(
            configuration: Configuration, metrics: Metrics, mail_log: MailLog, stop: asyncio.Event, go: Go
        ) -> None:
            model = self._model(configuration)
            await run_console(configuration, metrics, mail_log, listening.dup(), stop, model, self._rosters, go)

        return [ChildSpec("console", self._loop("console", serve), OTHERS_STOP, switches=True)]

    def metrics(self, listen: str) -> list[ChildSpec]:
        """The scrape endpoint of this machine's processes."""
        listening = bind(listen)[0]

        def run(ready: Ready) -> int:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            return exposition.serve(listening, self.metrics_folder, ready)

        return [ChildSpec("metrics", run, METRICS_STOP)]

    def forget(self, name: str) -> None:
        """Forget what a dead child said of the present: the others must not count its clients while it is away."""
        exposition.forget_gauges(self.metrics_folder, name)
        if (clear := self._columns.get(name)) is not None:
            clear()

    def _mail_log(self) -> MailLog:
        """Each process opens the file for itself: appended lines do not mix."""
        stream = self._log_file.open("a", encoding="utf-8") if self._log_file else None
        return MailLog(self._log_key, stream)

    def _gateway_worker(
        self,
        index: int,
        model: Callable[[Configuration], SpamModel],
        sockets: dict[Listener, list[socket]],
        board: Board,
        pairs: Pairs,
        lanes: Lanes,
    ) -> Callable[[Parent], int]:
        def run(parent: Parent) -> int:
            configuration = self.reloads.configuration
            metrics = _process_metrics(f"gateway-{index}", configuration)
            column = board.column(index)
            surroundings = worker.Surroundings(
                name=f"gateway-{index}",
                metrics=metrics,
                log=self._mail_log(),
                model=model(configuration),
                rosters=self._rosters,
                column=column,
                handover=Handover(pairs, index, column, CONNECTIONS),
                lanes=lanes,
                orders=parent.orders,
                reload_model=self._model,
                on_ready=parent,
                handle_signals=True,
            )
            return run_role(lambda stop: worker.serve(configuration, sockets, stop, surroundings), handle_signals=False)

        return run

    def _loop(self, name: str, serve: RoleLoop) -> Callable[[Parent], int]:
        """A role whose configurations follow one another."""

        def run(parent: Parent) -> int:
            first = self.reloads.configuration
            metrics, log = _process_metrics(name, first), self._mail_log()

            async def serve_all(stop: asyncio.Event) -> None:
                reigns = Succession[Configuration](
                    lambda configuration, ended, go: serve(configuration, metrics, log, ended, go), unpacked, _TOLD
                )
                orders = Orders(parent.orders, reigns) if parent.orders is not None else None
                await reigns.run(first, stop)
                if orders is not None:
                    orders.close()

            parent()
            return run_role(serve_all)

        return run

    def _shared_model(self) -> Callable[[Configuration], SpamModel]:
        """Read the model once for all children. One started after a reload reads it again, as the others have done."""
        first = self.reloads.configuration
        shared = self._model(first)
        return lambda configuration: shared if configuration is first else self._model(configuration)

    def _model(self, configuration: Configuration) -> SpamModel:
        """The site's own model where it was trained, else the shipped one; a damaged file is told, not fatal."""
        return load_for(configuration.site, lambda fault: self._mail_log().event("model-damaged", reason=str(fault)))


def _process_metrics(identity: str, configuration: Configuration) -> Metrics:
    metrics = exposition.process_metrics(identity)
    site = configuration.site
    metrics.preset(
        [entry.short_name for entry in site.lists] if len(site.lists) <= MOST_LISTS_IN_METRICS else [],
        (*known_to(configuration.policy), OTHER),
        FILTERS,
        {hop.name for urls in next_hops(site) for hop in parse_hop(urls).servers},
        queue_names(site),
        __version__,
    )
    metrics.config_valid.set(1)  # the least of all processes is told, and this one runs on a valid one
    return metrics


def next_hops(site: Site) -> tuple[str, ...]:
    """Every next hop the configuration names."""
    hops = [entry.next_hop for entry in site.lists]
    if site.egress is not None:
        hops += [hop for hop in (site.egress.next_hop, site.egress.internal_next_hop) if hop]
    return tuple(dict.fromkeys(hops))
