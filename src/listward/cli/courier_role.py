"""The courier with the notices it hands events to: the place where the two rooms are joined."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from listward.config.load import Configuration
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_watch import keep_fresh
from listward.queue.courier.outbox import EventHandler
from listward.queue.courier.process import run_courier
from listward.queue.nexthops import make_pool
from listward.queue.notices.ledger import NoticeLedger
from listward.queue.notices.notices import Notices, NotYetTold
from listward.queue.store.connect import Store
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import SystemClock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

SUMMARIES_EVERY_S = 600.0


async def serve_courier(
    configuration: Configuration,
    metrics: Metrics,
    mail_log: MailLog,
    stop: asyncio.Event,
    before: SiteRosters | None = None,
) -> None:
    """Run courier and notices until `stop` is set. Rosters that were read before the fork are not read again."""
    pool = make_pool(configuration.site, metrics, mail_log)
    rosters = SiteRosters(configuration.site, before)
    tasks = {asyncio.create_task(keep_fresh(lambda: rosters, metrics, mail_log, stop))}

    def handlers(store: Store) -> Mapping[str, EventHandler]:
        ledger = NoticeLedger(store.redis)
        notices = Notices(configuration, pool, store.cases, ledger, SystemClock(), metrics, mail_log, rosters)
        tasks.add(asyncio.create_task(_summaries(notices, stop)))
        return notices.handlers()

    try:
        await run_courier(configuration, metrics, mail_log, stop, handlers)
        await asyncio.gather(*tasks)
    finally:
        await pool.close()


async def _summaries(notices: Notices, stop: asyncio.Event) -> None:
    """Send the summaries that have come due, until stopped; what fails waits for the next round."""
    while not stop.is_set():
        with suppress(StoreUnavailable, NotYetTold):
            await notices.send_summaries()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SUMMARIES_EVERY_S)
