"""The clocks of undecided cases: reminders in three stages, and the end of strangers' mail."""

from collections.abc import Sequence

from listward.config.site import Site
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import COURIER, OPEN
from listward.queue.store.agenda import Agenda, Due
from listward.queue.store.indexes import STAGES
from listward.queue.store.ports import Cases, Conflict, DamagedBody, UnknownCase
from listward.runtime.clock import Clock

DAY_S = 86_400.0


class Clocks:
    """Turns time into events. Everything raises StoreUnavailable."""

    def __init__(self, cases: Cases, agenda: Agenda, site: Site, clock: Clock) -> None:
        self._cases = cases
        self._agenda = agenda
        self._site = site
        self._clock = clock

    async def announce(self, lists: Sequence[str]) -> int:
        """Write an event for every stage that has run out; return how many."""
        now, count = self._clock.now(), 0
        for stage in STAGES:
            for due in await self._agenda.waiting(lists, stage, now):
                count += await self._announce_one(due, stage)
        return count

    async def expire(self, lists: Sequence[str]) -> int:
        """End undecided strangers' mail that is too old; an authenticated author's never ends this way."""
        before = self._clock.now() - self._site.retention.strangers_days * DAY_S
        return sum([await self._expire_one(due) for due in await self._agenda.strangers(lists, before)])

    async def _announce_one(self, due: Due, stage: str) -> bool:
        hold, place = self._site.clocks.hold, STAGES.index(stage)
        next_in = hold[place + 1] - hold[place] if place + 1 < len(hold) else 0.0
        try:
            case = await self._cases.get(due.number)
        except (UnknownCase, DamagedBody):
            return False
        return case.state in OPEN and await self._agenda.announce(due, case, stage, next_in)

    async def _expire_one(self, due: Due) -> bool:
        try:
            case = await self._cases.get(due.number)
            await self._cases.apply(due.number, case.version, Command(Verb.EXPIRE, COURIER, self._clock.now()))
        except (Conflict, UnknownCase, DamagedBody):
            return False
        return True
