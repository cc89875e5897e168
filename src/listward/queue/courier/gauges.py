"""Gauges read from the store: how it is, by every courier; counts by the one that has the duty, 0 by the others."""

from collections.abc import Callable, Sequence
from typing import Any

from listward.config.site import Site
from listward.queue.cases.case import CaseState
from listward.queue.courier.clocks import DAY_S
from listward.queue.courier.retention import kept_days
from listward.queue.store.agenda import Agenda
from listward.queue.store.connect import Store
from listward.queue.store.names import SITE_COUNTER, ListKeys, site_lease
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.words import Words
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

STATES = (
    CaseState.HELD,
    CaseState.CLAIMED,
    CaseState.RELEASED,
    CaseState.DELIVERING,
    CaseState.APPEALED,
    CaseState.ESCALATED,
)
UNDECIDED = (CaseState.HELD, CaseState.CLAIMED)
DUTY_S = 60.0


class Gauges:
    """Reads counts and ages and sets the metrics."""

    def __init__(
        self, store: Store, site: Site, owner: str, clock: Clock, metrics: Metrics, on_restart: Callable[[bool], None]
    ) -> None:
        self._store = store
        self._agenda: Agenda = store.agenda
        self._site = site
        self._owner = owner
        self._clock = clock
        self._metrics = metrics
        self._on_restart = on_restart
        self._run_id = ""
        self._filled = False
        self._queues = tuple(dict.fromkeys((*(queue.name for queue in site.queues), "moderators")))
        self.clear()
        self.away()

    def clear(self) -> None:
        """Set every count to 0: what another courier says counts, and every name is there from the start."""
        for queue in self._queues:
            for state in STATES:
                self._metrics.cases.labels(queue, state.value).set(0)
                self._metrics.oldest_case_seconds.labels(queue, state.value).set(0)
        for clock in ("hold", "retention", "stuck"):
            self._metrics.overdue_cases.labels(clock).set(0)

    def away(self) -> None:
        """Say that the store does not answer."""
        self._metrics.store_up.set(0)
        self._metrics.store_durable.set(0)

    async def read(self, lists: Sequence[str]) -> bool:
        """Say how the store is; read the counts where that duty is ours, say whether it is. Raises StoreUnavailable."""
        await self._health()
        key = site_lease("gauges")
        if not (await self._agenda.lease([key], self._owner, DUTY_S))[0]:
            self.clear()
            return False
        for queue in self._queues:
            for state in STATES:
                await self._one(lists, queue, state)
        await self._overdue(lists)
        return True

    async def _health(self) -> None:
        try:
            found = await self._store.durability()
            filled = bool(await self._store.lanes.one(SITE_COUNTER, "EXISTS", SITE_COUNTER))
        except StoreUnavailable:
            self.away()
            raise
        self._metrics.store_up.set(1)
        self._metrics.store_durable.set(int(found.durable))
        if self._run_id not in {"", found.run_id} or (self._filled and not filled):
            self._on_restart(self._filled and not filled)
        self._run_id, self._filled = found.run_id, filled

    async def _one(self, lists: Sequence[str], queue: str, state: CaseState) -> None:
        indexes = [ListKeys(name).queue(queue, state) for name in lists]
        counts = await self._ask([("ZCARD", index) for index in indexes])
        oldest = await self._ask([("ZRANGE", index, 0, 0, "WITHSCORES") for index in indexes])
        opened = min((float(reply[0][1]) for reply in oldest if reply), default=None)
        age = 0.0 if opened is None else max(0.0, self._clock.now() - opened)
        self._metrics.cases.labels(queue, state.value).set(sum(counts))
        self._metrics.oldest_case_seconds.labels(queue, state.value).set(age)

    async def _overdue(self, lists: Sequence[str]) -> None:
        now = self._clock.now()
        reminded = now - self._site.clocks.hold[0]
        late = [("ZCOUNT", ListKeys(name).state(state), "-inf", reminded) for name in lists for state in UNDECIDED]
        days = kept_days(self._site.retention)
        kept = [
            ("ZCOUNT", ListKeys(name).bodies(kind), "-inf", now - (count + 1) * DAY_S)
            for name in lists
            for kind, count in days.items()
        ]
        self._metrics.overdue_cases.labels("hold").set(sum(await self._ask(late)))
        self._metrics.overdue_cases.labels("retention").set(sum(await self._ask(kept)))
        stuck = await self._ask([("XLEN", ListKeys(name).stuck) for name in lists])
        self._metrics.overdue_cases.labels("stuck").set(sum(stuck))

    async def _ask(self, commands: Sequence[Words]) -> list[Any]:
        return await self._store.lanes.spread([(str(command[1]), command) for command in commands])
