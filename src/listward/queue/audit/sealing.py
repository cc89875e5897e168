"""Sealing: the courier closes what was appended since the last seal, and ties each list's head into the site chain."""

from listward.queue.audit.chain import Link, Seal, encode, head_over, link_head
from listward.queue.audit.log import AuditLog
from listward.queue.store.durability import Guard
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import SITE_CHAIN, SITE_HEADS, ListKeys
from listward.runtime.clock import Clock

MOST = 1000  # entries under one seal
TRIES = 5  # another courier may add to the site chain between our look and our link


class Sealer:
    """Seals lists. Everything raises StoreUnavailable."""

    def __init__(self, lanes: Lanes, guard: Guard, clock: Clock) -> None:
        self._lanes = lanes
        self._guard = guard
        self._clock = clock
        self._log = AuditLog(lanes)

    async def unsealed(self, lists: tuple[str, ...]) -> tuple[str, ...]:
        """Return the lists that have entries without a seal, asked in one round trip a server."""
        keys = [ListKeys(name) for name in lists]
        newest = await self._lanes.spread(
            [(place, ("XREVRANGE", place, "+", "-", "COUNT", 1)) for key in keys for place in (key.audit, key.seals)]
        )
        tips = zip(lists, newest[::2], newest[1::2], strict=True)
        return tuple(name for name, entry, seal in tips if entry and (not seal or entry[0][0] != seal[0][0]))

    async def seal(self, list_address: str) -> Seal | None:
        """Seal up to 1,000 entries of one list and link its head; None when there was nothing, or another was first."""
        keys = ListKeys(list_address)
        before = await self._log.newest_seal(keys)
        first, previous = (before.last + 1, before.head) if before else (1, "")
        entries = [(entry.number, entry.chained) async for entry in self._log.entries(keys, first, first + MOST - 1)]
        # A gap is no reason to stop sealing: the seal says which numbers it covers, and `verify` names what is missing.
        if not entries:
            return None
        last = entries[-1][0]
        seal = Seal(first, last, previous, head_over(previous, entries), self._clock.now())
        call = LIBRARY.call("seal", (keys.seals,), previous, last, seal.head, encode(seal))
        if not (await self._guard.write(keys.seals, call))[0]:
            return None
        await self.link(keys.list, seal)
        return seal

    async def relink(self, lists: tuple[str, ...]) -> int:
        """Link newest seals that a crash kept out of the site chain; return how many there were."""
        count = 0
        linked = await self._lanes.spread([(SITE_HEADS, ("HGET", SITE_HEADS, name)) for name in lists])
        for name, last in zip(lists, linked, strict=True):
            newest = await self._log.newest_seal(ListKeys(name))
            if newest is not None and newest.last > int(last or 0):
                count += await self.link(name, newest)
        return count

    async def link(self, list_address: str, seal: Seal) -> bool:
        """Tie a list's head into the site chain; the next seal does it too where this fails."""
        for _ in range(TRIES):
            newest = await self._log.newest_link()
            previous = newest.head if newest else ""
            head = link_head(previous, list_address, seal.last, seal.head)
            link = Link(list_address, seal.last, seal.head, previous, head, self._clock.now())
            places = (SITE_CHAIN, SITE_HEADS)
            call = LIBRARY.call("chain", places, previous, head, encode(link), list_address, seal.last)
            if (await self._guard.write(SITE_CHAIN, call))[0]:
                return True
        return False
