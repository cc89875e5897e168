"""A courier's surroundings in one value: real store, scripted next hop, and a clock that is turned by hand."""

import asyncio
import io
import json
from dataclasses import dataclass, field
from typing import Any

from case_samples import body, draft
from scripted_hop import ScriptedHop
from store_world import LIST, HandClock, act

from listward.config.site import Site
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.commands import Verb
from listward.queue.courier.courier import Courier
from listward.queue.store.connect import Store
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.payload import Payload
from listward.wire.pool import Pool


class Log(MailLog):
    """A mail log that can be read."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        super().__init__(b"key", self.text)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [line for line in map(json.loads, self.text.getvalue().splitlines()) if line["event"] == event]


@dataclass
class World:
    """Everything around a courier; `courier()` makes one, `once()` is one whole round of its deliveries."""

    store: Store
    clock: HandClock
    hop: ScriptedHop
    pool: Pool
    site: Site
    metrics: Metrics = field(default_factory=Metrics)
    log: Log = field(default_factory=Log)

    def courier(self, **given: Any) -> Courier:
        """A courier; handlers and the like may be given. Without an owner, all are one to the leases."""
        given.setdefault("owner", "one")
        handlers = given.pop("handlers", {})
        site = given.pop("site", self.site)
        return Courier(self.store, self.pool, site, self.metrics, self.log, handlers, clock=self.clock, **given)

    def draft(self, **changes: Any) -> CaseDraft:
        """A draft bound for the scripted hop."""
        return draft(**{"next_hop": self.hop.url, "list": LIST, **changes})

    async def held(self, text: bytes = b"", **changes: Any) -> Case:
        """A case that waits for people."""
        return await self.store.cases.hold(self.draft(**changes), Payload(text or body()))

    async def released(self, text: bytes = b"", **changes: Any) -> Case:
        """A case whose time to undo ends in 60 s."""
        now = self.clock.now()
        return await act(self.store, await self.held(text, **changes), Verb.RELEASE, at=now, deliver_after=now + 60)

    async def now(self, case: Case) -> Case:
        """The case as it stands."""
        return await self.store.cases.get(case.number)

    async def once(self, courier: Courier) -> None:
        """One round of deliveries, to its end."""
        await courier.take_leases()
        await courier.deliver_due()
        await asyncio.gather(*courier._deliveries)

    def counted(self, name: str, **labels: str) -> float:
        """The sum of a metric's series that have these labels."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == f"listward_{name}" and labels.items() <= sample.labels.items()
        )
