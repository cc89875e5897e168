"""Which lists this courier works on: a lease a list, renewed in time, so that several couriers share the work."""

from collections.abc import Sequence

from listward.queue.store.agenda import Agenda
from listward.queue.store.names import ListKeys
from listward.runtime.clock import Clock

LIFE_S = 15.0
RENEW_S = 5.0


class Leases:
    """This courier's leases. Fencing is in the cases: a transition names the version it expects."""

    def __init__(self, agenda: Agenda, owner: str, clock: Clock) -> None:
        self._agenda = agenda
        self._owner = owner
        self._clock = clock
        self._held: tuple[str, ...] = ()
        self._until = 0.0

    @property
    def lists(self) -> tuple[str, ...]:
        """The lists that are ours now; none once the store has not heard of us for the life of a lease."""
        return self._held if self._clock.monotonic() < self._until else ()

    async def renew(self, lists: Sequence[str]) -> None:
        """Take what is free and keep what is ours. Raises StoreUnavailable."""
        asked = self._clock.monotonic()
        granted = await self._agenda.lease([ListKeys(name).lease for name in lists], self._owner, LIFE_S)
        self._held = tuple(name for name, ours in zip(lists, granted, strict=True) if ours)
        self._until = asked + LIFE_S

    async def end(self) -> None:
        """Give all leases back. Raises StoreUnavailable."""
        held, self._held = self._held, ()
        await self._agenda.end_lease([ListKeys(name).lease for name in held], self._owner)
