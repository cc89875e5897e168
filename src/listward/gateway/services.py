"""What a gateway worker works with. All of it outlives a reload."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from listward.gateway.noting import Noting
from listward.gateway.observing import Observing
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.commands import Command
from listward.queue.store.ports import Ledger, Trail
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery
from listward.wire.payload import Payload


class Holds(Protocol):
    """The acts on cases that the gateway needs (`queue.store.ports.Cases`)."""

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Write body and case; returns only when both are safe. Raises StoreUnavailable."""
        ...

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """Return the case number of each ledger key that has one. Raises StoreUnavailable."""
        ...

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Carry out one transition. Raises Conflict and StoreUnavailable."""
        ...


class Deliverer(Protocol):
    """The way to next hops (`wire.pool.Pool`)."""

    async def deliver(self, hop: Hop, envelope: Envelope, data: Payload, timeout_s: float) -> dict[str, Delivery]:
        """Deliver, and return an outcome for every recipient; never raise for trouble with the network."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all messages of one worker.

    `under_way` are the ledger keys of messages that are being acted on; `late` writes what the ledger could not take.
    `noting` takes what is remembered of senders, `observing` what rules on trial would do; None where nothing is.
    """

    pool: Deliverer
    cases: Holds
    ledger: Ledger
    trail: Trail
    metrics: Metrics
    log: MailLog
    under_way: set[str] = field(default_factory=set)
    late: set[asyncio.Task[None]] = field(default_factory=set)
    noting: Noting | None = None
    observing: Observing | None = None
