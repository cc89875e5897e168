"""A duty of the whole site that one courier does: at its start, once a day, and whenever there is doubt."""

from collections.abc import Awaitable, Callable

from listward.queue.courier.clocks import DAY_S
from listward.queue.store.agenda import Agenda
from listward.queue.store.names import site_lease
from listward.runtime.clock import Clock

DUTY_S = 600.0


class Daily:
    """Asked often, it acts when a day is over. What another courier is doing is left to it."""

    def __init__(self, name: str, duty: Callable[[], Awaitable[object]], agenda: Agenda, owner: str, clock: Clock):
        self._lease = site_lease(name)
        self._duty = duty
        self._agenda = agenda
        self._owner = owner
        self._clock = clock
        self._next = float("-inf")

    def doubt(self) -> None:
        """Do it at the next occasion."""
        self._next = float("-inf")

    async def look(self) -> None:
        """Do it where it is time. Raises StoreUnavailable; then it is tried again at the next look."""
        now = self._clock.monotonic()
        if now < self._next:
            return
        if (await self._agenda.lease([self._lease], self._owner, DUTY_S))[0]:
            await self._duty()
        self._next = now + DAY_S
