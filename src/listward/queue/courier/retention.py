"""Retention: texts go when their days are over, persons a year later, bodies without a case after an hour."""

from collections.abc import Awaitable, Callable, Sequence

from listward.config.site import Retention as Days
from listward.queue.courier.clocks import DAY_S
from listward.queue.store.agenda import Agenda, Due
from listward.queue.store.forgetting import Forgetting
from listward.queue.store.ports import DamagedBody, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog

ORPHAN_S = 3600.0


class Retention:
    """Carries out [retention]. Everything raises StoreUnavailable."""

    def __init__(self, agenda: Agenda, forgetting: Forgetting, days: Days, clock: Clock, mail_log: MailLog) -> None:
        self._agenda = agenda
        self._forgetting = forgetting
        self._days = days
        self._clock = clock
        self._log = mail_log

    async def forget(self, lists: Sequence[str]) -> int:
        """Forget texts, then persons, that are due; return how many cases changed."""
        now, count = self._clock.now(), 0
        for kind, days in kept_days(self._days).items():
            due = await self._agenda.texts(lists, kind, now - days * DAY_S)
            count += await self._each(due, self._forgetting.forget_text)
        due = await self._agenda.facts(lists, now - self._days.facts_days * DAY_S)
        return count + await self._each(due, self._forgetting.forget_person)

    async def sweep(self, lists: Sequence[str]) -> int:
        """Drop pieces of holds that were never finished; return how many messages."""
        due = await self._agenda.pending(lists, self._clock.now() - ORPHAN_S)
        return sum([await self._agenda.sweep(entry) for entry in due])

    async def _each(self, due: Sequence[Due], act: Callable[[str], Awaitable[bool]]) -> int:
        count = 0
        for entry in due:
            try:
                count += await act(entry.number)
            except (UnknownCase, DamagedBody):
                self._log.event("damaged", "", case=entry.number, reason="its text cannot be forgotten")
        return count


def kept_days(days: Days) -> dict[str, int]:
    """Return the days for each kind of text, by the name of its index."""
    return {
        "released": days.released_days,
        "rejected": days.rejected_days,
        "withdrawn": days.withdrawn_days,
        "strangers": days.strangers_days,
    }
