"""Counts of the recent past, shared by all workers (filters' probe Counters)."""

import hashlib

from listward.filters.probes import ProbeUnavailable
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import seen_key
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import Clock

DAY_S = 86_400


class RedisCounters:
    """Remembers for a day which lists got a body; with `record` false it only looks (`check --store`)."""

    def __init__(self, lanes: Lanes, clock: Clock, record: bool = True) -> None:
        self._lanes = lanes
        self._clock = clock
        self._record = record

    async def seen_elsewhere(self, digest: str, list_address: str) -> int:
        """How many other lists got this body within the day, this list noted. Raises ProbeUnavailable."""
        key = seen_key(hashlib.sha256(digest.encode()).hexdigest()[:32])
        try:
            return await self._count(key, list_address.lower())
        except StoreUnavailable as error:
            raise ProbeUnavailable(str(error)) from None

    async def _count(self, key: str, list_address: str) -> int:
        now = self._clock.now()
        if self._record:
            call = LIBRARY.call("seen", (key,), list_address, now, DAY_S)
            (count,) = await self._lanes.spread([(key, call)])
            return int(count)
        lists = await self._lanes.one(key, "ZRANGEBYSCORE", key, now - DAY_S, "+inf")
        return sum(name.decode() != list_address for name in lists)
