"""Cases in Redis: what the rest of the product asks of the store (ports.Cases)."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager

from listward.queue.cases.case import Case, CaseDraft, CaseState
from listward.queue.cases.commands import Command
from listward.queue.cases.transitions import Refused, advance, decided_by
from listward.queue.store.codec import Codec
from listward.queue.store.durability import Guard
from listward.queue.store.events import Outbox, event_of
from listward.queue.store.holding import Holding
from listward.queue.store.indexes import moves
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import CasePage, Conflict, Event, UnknownCase
from listward.queue.store.reading import Reading
from listward.queue.store.record import standing_fields
from listward.queue.store.settings import Settings
from listward.queue.store.trail import act_entry
from listward.queue.store.words import Words
from listward.runtime.clock import Clock
from listward.runtime.ids import new_id
from listward.runtime.metrics import Metrics
from listward.wire.payload import Payload


class RedisCases:
    """Durable cases."""

    def __init__(
        self,
        guard: Guard,
        codec: Codec,
        holding: Holding,
        reading: Reading,
        outbox: Outbox,
        clock: Clock,
        settings: Settings,
        metrics: Metrics | None = None,
    ) -> None:
        self._guard = guard
        self._codec = codec
        self._holding = holding
        self._reading = reading
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._metrics = metrics

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Write body and case; returns only when both are safe. Raises StoreUnavailable, HeldLimit."""
        started = time.perf_counter()
        case = await self._holding.hold(draft, body, self._clock.now())
        self._measure(started)
        return case

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """Return the case number of each ledger key that has one. Raises StoreUnavailable."""
        return await self._holding.held_as(list_address, ledger_keys)

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Carry out one transition atomically. Raises Conflict, UnknownCase, StoreUnavailable."""
        keys, stored = await self._reading.stored(number)
        before = stored.case
        if before.version != expected_version:
            raise _conflict(before)
        try:
            after = advance(before, command, self._settings.escalations)
        except Refused as refusal:
            raise _conflict(before, str(refusal)) from None
        started = time.perf_counter()
        reply = (await self._guard.write(keys.outbox, self._transition(keys, before, after, command)))[0][0]
        self._measure(started)
        if reply == b"conflict":
            raise _conflict(await self.get(number))
        if reply != b"done":
            raise UnknownCase(number)
        return after

    async def get(self, number: str) -> Case:
        """Return the case. Raises UnknownCase, StoreUnavailable."""
        return (await self._reading.stored(number))[1].case

    async def body(self, number: str) -> bytes:
        """Return the message as it came. Raises UnknownCase, DamagedBody, StoreUnavailable."""
        return await self._reading.body(number)

    def opened(self, number: str) -> AbstractAsyncContextManager[Payload]:
        """The message as it came, a large one in a file. Raises UnknownCase, DamagedBody, StoreUnavailable."""
        return self._reading.opened(number)

    async def page(
        self,
        states: Sequence[CaseState] = (),
        lists: Sequence[str] = (),
        queue: str = "",
        limit: int = 50,
        cursor: str = "",
        newest_first: bool = False,
    ) -> CasePage:
        """List cases, by the time they came, oldest first unless told otherwise. Raises StoreUnavailable."""
        return await self._reading.page(states, lists, queue, limit, cursor, newest_first)

    def events(self, list_address: str) -> AsyncIterator[Event]:
        """The list's outbox entries not yet acknowledged, oldest first. Raises StoreUnavailable."""
        return self._outbox.events(list_address)

    async def acknowledge(self, list_address: str, event_id: str) -> None:
        """Drop one outbox entry after its effects are done. Raises StoreUnavailable."""
        await self._outbox.acknowledge(list_address, event_id)

    def _transition(self, keys: ListKeys, before: Case, after: Case, command: Command) -> Words:
        changes = moves(keys, before, after, self._settings.remind_s, command.verb)
        entry = act_entry(before, after, command)
        fields = standing_fields(self._codec, after)
        return LIBRARY.call(
            "apply",
            (keys.case(after.number), keys.outbox, keys.audit, keys.clear, *changes.keys),
            after.number,
            before.version,
            before.state.value,
            new_id(),
            event_of(after, command.verb.value, command.at, command.by),
            entry.chained,
            entry.clear,
            len(fields),
            *fields,
            *changes.words,
        )

    def _measure(self, started: float) -> None:
        if self._metrics is not None:
            self._metrics.store_write_seconds.observe(time.perf_counter() - started)


def _conflict(case: Case, reason: str = "") -> Conflict:
    return Conflict(decided_by(case), case.version, case.state.value, reason)
