"""Which message is read next, where several wait for one reader: what will be read soonest, then what came first.

In the order of arrival alone, a few senders of mail that takes long to read would make everybody wait for theirs.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

UNKNOWN_PACE = 5e-7  # seconds an octet of a newcomer's mail: more than ordinary mail takes, less than hostile mail
LEAST_OCTETS = 4096  # short mail has costs that its length does not show
MEASURED_OCTETS = 65_536  # a short message that met a reader which was just starting proves little of its site
QUICKEST_S = 0.02  # below this, and in steps of twice as long above it, no message comes before another
NEWEST = 0.25  # how much of a site's average pace the newest message makes
MOST_SOURCES = 4096


@dataclass(frozen=True, slots=True)
class _Wanted:
    site: str
    octets: int
    least_s: float


class Turns:
    """Gives one turn at a time, by how long each will be: its octets at the pace that its site's mail was read at."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[_Wanted, asyncio.Future[None]]] = []
        self._pace: OrderedDict[str, float] = OrderedDict()

    @asynccontextmanager
    async def turn(self, site: str, octets: int, least_s: float = 0) -> AsyncIterator[None]:
        """Wait for a turn; it ends with the block. `least_s`: what it will take at least, by what is known already."""
        await self._wait(_Wanted(site, octets, least_s))
        began = time.monotonic()
        try:
            yield
        finally:
            self._count(site, (time.monotonic() - began) / max(octets, MEASURED_OCTETS))
            self._next()

    async def _wait(self, wanted: _Wanted) -> None:
        if not self._taken:
            self._taken = True
            return
        called = asyncio.get_running_loop().create_future()
        place = (wanted, called)
        self._waiting.append(place)
        try:
            await called
        except asyncio.CancelledError:
            if place in self._waiting:
                self._waiting.remove(place)
            elif not called.cancelled():  # it was called at this very moment
                self._next()
            raise

    def _next(self) -> None:
        """Call whoever is next; the turn is theirs from this moment on."""
        self._waiting = [place for place in self._waiting if not place[1].done()]
        if not self._waiting:
            self._taken = False
            return
        place = min(self._waiting, key=lambda place: self._level(place[0]))  # of equals the first
        self._waiting.remove(place)
        place[1].set_result(None)

    def _level(self, wanted: _Wanted) -> int:
        expected_s = max(wanted.octets, LEAST_OCTETS) * self._pace.get(wanted.site, UNKNOWN_PACE)
        return int(max(expected_s, wanted.least_s) / QUICKEST_S).bit_length()

    def _count(self, site: str, pace: float) -> None:
        known = self._pace.get(site)
        self._pace[site] = pace if known is None else known + NEWEST * (pace - known)
        self._pace.move_to_end(site)
        if len(self._pace) > MOST_SOURCES:
            self._pace.popitem(last=False)
