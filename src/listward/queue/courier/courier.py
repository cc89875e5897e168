"""The courier: carries out what was decided, tells others of it, keeps the clocks and seals the audit log."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from listward.config.mailman_url import is_mailman
from listward.config.site import Site
from listward.queue.audit.sealing import Sealer
from listward.queue.courier.clocks import Clocks
from listward.queue.courier.daily import Daily
from listward.queue.courier.deliver import Deliverer
from listward.queue.courier.gauges import Gauges
from listward.queue.courier.leases import RENEW_S, Leases
from listward.queue.courier.outbox import EventHandler, OutboxWorker
from listward.queue.courier.retention import Retention
from listward.queue.courier.side_by_side import SideBySide
from listward.queue.store.connect import Store
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import Clock, SystemClock
from listward.runtime.ids import new_id
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.rounds import Rounds
from listward.wire.pool import Pool

if TYPE_CHECKING:
    from listward.queue.courier.rosters import RosterRounds

AT_ONCE = 10  # deliveries under way
LISTS_AT_ONCE = 8  # whose events are handed on
PATIENCE_S = 0.25  # with the slowest list's handlers, before the others get their next round
DRAIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Periods:
    """How often each duty is done, in seconds."""

    leases: float = RENEW_S
    outbox: float = 0.25
    deliveries: float = 0.5
    seals: float = 1.0
    clocks: float = 15.0
    retention: float = 60.0
    gauges: float = 5.0
    rosters: float = 1.0


@dataclass(frozen=True, slots=True)
class Duty:
    """What a courier does besides, again and again: how often, and how long it rests after trouble, in seconds."""

    name: str
    every_s: float
    do: Callable[[], Awaitable[object]]
    after_trouble_s: float = 0.0


class Courier:
    """One courier. Several may run: each list has one at a time. `more` are the duties that others bring."""

    def __init__(
        self,
        store: Store,
        pool: Pool,
        site: Site,
        metrics: Metrics,
        mail_log: MailLog,
        handlers: Mapping[str, EventHandler],
        on_due: EventHandler | None = None,
        clock: Clock | None = None,
        periods: Periods = Periods(),
        owner: str = "",
        more: Iterable[Duty] = (),
    ) -> None:
        clock, owner = clock or SystemClock(), owner or new_id()
        self._store = store
        self._site = site
        self._clock = clock
        self._log = mail_log
        self._periods = periods
        self._more = tuple(more)
        self._leases = Leases(store.agenda, owner, clock)
        self._outbox = OutboxWorker(store.cases, store.outbox, handlers, on_due, clock, mail_log)
        self._hands = SideBySide(self._outbox.work_off, LISTS_AT_ONCE)
        self._deliverer = Deliverer(store.cases, store.ledger, pool, site, clock, metrics, mail_log)
        self._sealer = Sealer(store.lanes, store.guard, clock)
        self._clocks = Clocks(store.cases, store.agenda, site, clock)
        self._retention = Retention(store.agenda, store.forgetting, site.retention, clock, mail_log)
        self._recount = Daily("recount", store.recount.run, store.agenda, owner, clock)
        self._rosters = _roster_rounds(store, site, owner, clock, metrics, mail_log)
        self._gauges = Gauges(store, site, owner, clock, metrics, self._on_restart)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._deliveries: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Do every duty until `stop` is set, then let deliveries under way end."""
        rounds = Rounds(stop, self._trouble, StoreUnavailable, self._gauges.away)
        periods = self._periods
        duties = (
            ("leases", periods.leases, self.take_leases),
            ("outbox", periods.outbox, partial(self.work_off, PATIENCE_S)),
            ("deliveries", periods.deliveries, self.deliver_due),
            ("seals", periods.seals, self.seal),
            ("clocks", periods.clocks, self.turn_clocks),
            ("retention", periods.retention, self.forget),
            ("recount", periods.retention, self._recount.look),
            ("gauges", periods.gauges, self.read_gauges),
            ("rosters", periods.rosters, self.look_at_rosters),
        )
        await self._first_leases()
        more = (rounds.every(duty.name, duty.every_s, duty.do, duty.after_trouble_s) for duty in self._more)
        await asyncio.gather(*(rounds.every(*duty) for duty in duties), *more)
        await self.drain()

    def _trouble(self, duty: str, reason: str) -> None:
        self._log.event("courier-trouble", "", duty=duty, reason=reason)

    async def take_leases(self) -> None:
        """Take or renew the lease of every list, also of those that are no longer configured but have cases."""
        lists = (*(entry.address for entry in self._site.lists), *await self._store.numbering.lists())
        before = set(self._leases.lists)
        await self._leases.renew(tuple(dict.fromkeys(lists)))
        if new := tuple(name for name in self._leases.lists if name not in before):
            await self._sealer.relink(new)

    async def work_off(self, patience_s: float | None = None) -> None:
        """Hand on the events of every list that has any; without patience for slow ones, they go on beside."""
        lists = self._leases.lists
        self._outbox.keep(lists)
        await self._hands.run(await self._store.agenda.with_events(lists), patience_s)

    async def deliver_due(self) -> None:
        """Start the deliveries that are due, and settle those a dead courier left behind."""
        now, lists = self._clock.now(), self._leases.lists
        for due in await self._store.agenda.under_way(lists, now):
            await self._deliverer.settle_unknown(due.number)
        for due in await self._store.agenda.deliveries(lists, now):
            if due.number not in self._deliverer.under_way:
                await self._start(due.number)

    async def seal(self) -> None:
        """Seal what was appended to the audit logs."""
        for name in await self._sealer.unsealed(self._leases.lists):
            if (seal := await self._sealer.seal(name)) is not None:
                self._log.event("sealed", "", list=name, entry=seal.last, head=seal.head)

    async def turn_clocks(self) -> None:
        """Announce what has run out, end strangers' mail."""
        await self._clocks.announce(self._leases.lists)
        await self._clocks.expire(self._leases.lists)

    async def forget(self) -> None:
        """Carry out retention and sweep orphans."""
        await self._retention.forget(self._leases.lists)
        await self._retention.sweep(self._leases.lists)

    async def read_gauges(self) -> None:
        """Export what is read from the store, where this is our duty."""
        await self._gauges.read(await self._store.numbering.lists())

    async def look_at_rosters(self) -> None:
        """Start to look at the rosters that are due, where another server keeps them."""
        if self._rosters is not None:
            await self._rosters.look(self._leases.lists)

    async def drain(self) -> None:
        """Wait for deliveries and handlers under way, then give the leases back."""
        if self._rosters is not None:
            await self._rosters.drain()
        await self._hands.drain(DRAIN_S)
        if self._deliveries:
            _, late = await asyncio.wait(self._deliveries, timeout=DRAIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._leases.end()
        except StoreUnavailable:
            return  # they end by themselves

    def _on_restart(self, emptied: bool) -> None:
        """The store was started anew or replaced; what it lost is not ours to mend, but an administrator must know."""
        self._log.event("store-emptied" if emptied else "store-restarted", "")
        self._recount.doubt()

    async def _first_leases(self) -> None:
        try:
            await self.take_leases()
        except StoreUnavailable:
            return  # the round takes them when the store is there

    async def _start(self, number: str) -> None:
        await self._slots.acquire()
        task = asyncio.create_task(self._deliver(number))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, number: str) -> None:
        try:
            await self._deliverer.deliver(number)
        except StoreUnavailable:
            return  # nothing was sent; the case is still due
        except Exception as error:  # the case stays visible as delivering and is settled later
            self._log.event("courier-trouble", "", duty="delivery", case=number, reason=type(error).__name__)
        finally:
            self._slots.release()


def _roster_rounds(
    store: Store, site: Site, owner: str, clock: Clock, metrics: Metrics, mail_log: MailLog
) -> "RosterRounds | None":
    """Import mailmanclient for a site that needs it: it takes a tenth of a second at every start of every role."""
    if not any(is_mailman(entry.roster) for entry in site.lists):
        return None
    from listward.queue.courier.rosters import RosterRounds  # a local import for the sake of all other sites

    return RosterRounds(store, site, owner, clock, metrics, mail_log)
