"""The courier's process: connects, waits for the store, runs the courier until the stop."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from listward.config.load import Configuration
from listward.queue.courier.courier import Courier, Duty
from listward.queue.courier.outbox import EventHandler
from listward.queue.nexthops import make_pool
from listward.queue.store.connect import Store, connect
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.succession import Go, at_once

RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class Tasks:
    """What a courier is given to do: handlers of events by verb, and duties besides."""

    handlers: Mapping[str, EventHandler] = field(default_factory=dict)
    duties: tuple[Duty, ...] = ()


async def run_courier(
    configuration: Configuration,
    metrics: Metrics,
    mail_log: MailLog,
    stop: asyncio.Event,
    make_tasks: Callable[[Store], Tasks] = lambda store: Tasks(),
    go: Go = at_once,
) -> None:
    """Run until `stop` is set. `make_tasks` gives what there is to do, for the store it is handed.

    `go` is awaited when all is built that can fail; nothing is done before, nor at all where it says False.
    """
    store = connect(configuration.site, metrics)
    pool = make_pool(configuration.site, metrics, mail_log)
    try:
        tasks = make_tasks(store)
        courier = Courier(store, pool, configuration.site, metrics, mail_log, tasks.handlers, more=tasks.duties)
        if not await go():
            return
        await wait_for_store(store, mail_log, stop)
        await courier.run(stop)
    finally:
        await pool.close()
        await store.close()


async def wait_for_store(store: Store, mail_log: MailLog, stop: asyncio.Event) -> None:
    """Return once the store can keep its promise, or at the stop; say what it waits for when that changes."""
    said = ""
    while not stop.is_set():
        try:
            await store.check_durable()
        except StoreUnavailable as error:
            if str(error) != said:
                said = str(error)
                mail_log.event("waiting", "", reason=said)
        else:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), RETRY_S)
