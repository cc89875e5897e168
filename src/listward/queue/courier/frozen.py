"""Keeps a freeze whole: an address that a roster comes to know of a frozen person is frozen with the others.

Whoever has somebody's mailbox may also have her account at the list server, and add an address there.
"""

from collections.abc import Iterable

from listward.config.site import Site
from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.store.accounts import Freeze, FreezeStore
from listward.queue.store.ports import Trail
from listward.runtime.clock import Clock


class FrozenPeople:
    """Looks at those who are frozen.

    An address is frozen where two looks running find it missing: a freeze and its end turn one address after the other,
    and who looks in between must not freeze again what somebody is thawing.
    """

    def __init__(self, accounts: FreezeStore, trail: Trail, site: Site, clock: Clock, rosters: Rosters) -> None:
        self._accounts = accounts
        self._trail = trail
        self._site = site
        self._clock = clock
        self._rosters = rosters
        self._missing: frozenset[str] = frozenset()

    async def complete(self) -> int:
        """Freeze what rosters know besides, by the same act; return how many addresses. Raises StoreUnavailable."""
        missing = self._found_missing(await self._accounts.frozen())
        before, self._missing = self._missing, frozenset(missing)
        again = [address for address in missing if address in before]
        for address in again:
            one, list_address = missing[address]
            await self._freeze(one, address, list_address)
        return len(again)

    def _found_missing(self, found: Iterable[Freeze]) -> dict[str, tuple[Freeze, str]]:
        """Addresses of frozen people that are not frozen, each with the act and a list whose roster knows it."""
        known = tuple(found)
        frozen = {one.address for one in known}
        missing: dict[str, tuple[Freeze, str]] = {}
        for one in known:
            for address, list_address in self._others(one.address).items() if one.address else ():
                if address not in frozen:
                    missing.setdefault(address, (one, list_address))
        return missing

    async def _freeze(self, one: Freeze, address: str, list_address: str) -> None:
        """Write it down, then do it, in the name of whoever froze the person."""
        personal = {"by": one.by, "author": address, "sentence": one.reason}
        facts: dict[str, str | int | float] = {"addresses": 1, "cause": "roster"}
        await self._trail.append(list_address, "freeze", self._clock.now(), facts, personal)
        await self._accounts.freeze((address,), one.by, one.reason, one.at)

    def _others(self, address: str) -> dict[str, str]:
        """The person's other addresses, each with a list whose roster knows it."""
        others: dict[str, str] = {}
        for entry in self._site.lists:
            try:
                person = self._rosters.find(entry.address, address)
            except ProbeUnavailable:
                continue
            others |= {other.lower(): entry.address for other in person.others} if person is not None else {}
        return others
