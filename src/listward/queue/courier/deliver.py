"""Delivers released cases: never silently twice, and a crash on the way stays visible.

A case is `delivering` in the store before anything is sent. Which recipients the hop took is put into the ledger first,
then into the case. When the courier dies between the hop's answer and the ledger, nobody knows the outcome: after the
longest time a try can take, the case is tried again once and counted as a possible second copy. The second try of a
release whose outcome nobody knows gives the case back to people: it may have been delivered, or it may kill couriers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from listward.config.site import Site
from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import COURIER
from listward.queue.courier.planning import (
    Tally,
    after_try,
    after_unknown,
    envelope_of,
    failure,
    hop_for,
    tally,
)
from listward.queue.store.ledger import TAKEN, release_key
from listward.queue.store.ports import Cases, Conflict, DamagedBody, Ledger, StoreUnavailable, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.hop import Hop, parse_hop
from listward.wire.payload import Payload
from listward.wire.pool import Pool

TRY_S = 60.0  # the longest a try may take
UNKNOWN_AFTER_S = TRY_S + 30.0
Result = TypeVar("Result")


class Deliverer:
    """Tries released cases. One number is never under way twice in one process."""

    def __init__(
        self, cases: Cases, ledger: Ledger, pool: Pool, site: Site, clock: Clock, metrics: Metrics, mail_log: MailLog
    ) -> None:
        self._cases = cases
        self._ledger = ledger
        self._pool = pool
        self._site = site
        self._clock = clock
        self._metrics = metrics
        self._log = mail_log
        self.under_way: set[str] = set()

    async def deliver(self, number: str) -> None:
        """Try one case that is due. Raises StoreUnavailable only when nothing was sent."""
        if number in self.under_way:
            return
        self.under_way.add(number)
        try:
            await self._try(await self._cases.get(number))
        except (Conflict, UnknownCase):
            return  # somebody undid the release, or another courier is at it
        finally:
            self.under_way.discard(number)

    async def settle_unknown(self, number: str) -> None:
        """Settle a case whose courier died on the way: by the ledger where it knows, else by another try."""
        if number in self.under_way:
            return
        try:
            await self._settle(await self._cases.get(number))
        except (Conflict, UnknownCase):
            return

    async def _settle(self, case: Case) -> None:
        now = self._clock.now()
        if case.state is not CaseState.DELIVERING or now - case.changed_at < UNKNOWN_AFTER_S:
            return
        if not await self._missing(case):
            await self._apply(case, Command(Verb.DELIVERED, COURIER, now))
            return
        self._count(self._hop(case), "unknown")
        command = after_unknown(case, now, 0.0)
        if command.verb is Verb.RETRY:
            self._log.event("possible-duplicate", "", case=case.number)
        await self._apply(case, command)

    async def _try(self, case: Case) -> None:
        now = self._clock.now()
        if case.state is not CaseState.RELEASED or case.deliver_after > now:
            return
        hop = self._hop(case)
        if hop is None:
            await self._apply(case, failure("There is no server to deliver it to. An administrator must look.", now))
            return
        async with AsyncExitStack() as stack:
            try:
                body = await stack.enter_async_context(self._cases.opened(case.number))
            except (DamagedBody, UnknownCase) as error:
                self._log.event("damaged", "", case=case.number, reason=str(error))
                await self._apply(case, failure("The stored message is damaged and was not sent.", now))
                return
            await self._deliver(await self._apply(case, Command(Verb.DELIVERING, COURIER, now)), hop, body)

    async def _deliver(self, case: Case, hop: Hop, body: Payload) -> None:
        result = await self._send(case, hop, body)
        await self._persistently(lambda: self._ledger.settle(dict.fromkeys(_keys(case, result.delivered), TAKEN)))
        await self._finish(case, result)

    async def _send(self, case: Case, hop: Hop, body: Payload) -> Tally:
        envelope = envelope_of(case.draft).only(await self._persistently(lambda: self._missing(case)))
        if not envelope.recipients:
            return Tally((), (), (), (), "")
        started = time.perf_counter()
        result = tally(await self._pool.deliver(hop, envelope, body, TRY_S))
        self._metrics.next_hop_seconds.observe(time.perf_counter() - started)
        for kind, addresses in (("4xx", result.temporary), ("5xx", result.permanent), ("lost", result.lost)):
            if addresses:
                self._count(hop, kind)
        return result

    async def _finish(self, case: Case, result: Tally) -> None:
        command = after_try(case, result, self._clock.now())
        await self._persistently(lambda: self._apply(case, command))
        self._log.event(
            command.verb.value, "", case=case.number, attempts=case.attempts, recipients=len(result.delivered)
        )

    async def _missing(self, case: Case) -> tuple[str, ...]:
        """The recipients the hop has not taken yet, in an earlier try or an earlier release."""
        recipients = case.draft.envelope.recipients
        known = await self._ledger.settled(_keys(case, recipients))
        pairs = zip(recipients, _keys(case, recipients), strict=True)
        return tuple(address for address, key in pairs if known.get(key) != TAKEN)

    async def _persistently(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """An outcome that happened must be noted: wait for the store as long as this process lives."""
        while True:
            try:
                return await act()
            except StoreUnavailable:
                await asyncio.sleep(0.5)

    async def _apply(self, case: Case, command: Command) -> Case:
        return await self._cases.apply(case.number, case.version, command)

    def _hop(self, case: Case) -> Hop | None:
        try:
            return parse_hop(hop_for(case.draft, self._site))
        except ValueError:
            return None

    def _count(self, hop: Hop | None, kind: str) -> None:
        self._metrics.next_hop_errors.labels(hop.name if hop else "none", kind).inc()


def _keys(case: Case, addresses: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(release_key(case.number, address) for address in addresses)
