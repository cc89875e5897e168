"""Case numbers from the store: the site leases blocks of 100 to lists, a process takes a few of a list's block."""

import asyncio
from collections import defaultdict, deque

from listward.queue.cases.numbers import BLOCK_SIZE, FIRST_BLOCK, NotANumber, block_of, number_for, parse_number
from listward.queue.store.lanes import DEADLINE_S, Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import BLOCKS, SITE_COUNTER, ListKeys
from listward.queue.store.ports import StoreUnavailable, UnknownCase

MOST_AT_ONCE = 100


class Numbering:
    """Hands out numbers, and knows which list a number belongs to (a block's list never changes)."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._stock: dict[str, deque[int]] = defaultdict(deque)
        self._taking: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wanted: dict[str, int] = defaultdict(int)
        self._lists: dict[int, str] = {}

    async def take(self, list_address: str) -> str:
        """Return an unused number of this list. Raises StoreUnavailable."""
        keys = ListKeys(list_address)
        self._wanted[keys.list] += 1
        try:
            async with asyncio.timeout(DEADLINE_S), self._taking[keys.list]:
                if not self._stock[keys.list]:
                    await self._refill(keys)
                return number_for(self._stock[keys.list].popleft())
        except TimeoutError:
            raise StoreUnavailable("the store does not answer in time") from None
        finally:
            self._wanted[keys.list] -= 1

    def give_back(self, list_address: str, number: str) -> None:
        """Return a number that named no case after all."""
        self._stock[ListKeys(list_address).list].appendleft(int(number[:-1]))

    async def keys_of(self, text: str) -> tuple[ListKeys, str]:
        """Return the keys of the number's list, and the number as it is kept. Raises UnknownCase, StoreUnavailable."""
        try:
            number = parse_number(text)
        except NotANumber:
            raise UnknownCase(text) from None
        block = block_of(number)
        if block not in self._lists:
            found = await self._lanes.one(BLOCKS, "HGET", BLOCKS, str(block))
            if found is None:
                raise UnknownCase(text)
            self._lists[block] = found.decode()
        return ListKeys(self._lists[block]), number

    async def lists(self) -> tuple[str, ...]:
        """Return every list that ever had a case, also those that are no longer configured."""
        found = await self._lanes.one(BLOCKS, "HVALS", BLOCKS)
        return tuple(sorted({value.decode() for value in found}))

    async def _refill(self, keys: ListKeys) -> None:
        """Take as many numbers as are wanted now: one when it is quiet, so that a restart wastes none."""
        while True:
            wanted = min(MOST_AT_ONCE, self._wanted[keys.list])
            call = LIBRARY.call("take_numbers", (keys.numbers,), wanted)
            first, count = await self._lanes.small(keys.numbers, *call)
            if count:
                self._stock[keys.list].extend(range(first, first + count))
                return
            await self._open_block(keys)

    async def _open_block(self, keys: ListKeys) -> None:
        lease = LIBRARY.call("lease_block", (SITE_COUNTER, BLOCKS), keys.list, FIRST_BLOCK)
        block = int(await self._lanes.one(SITE_COUNTER, *lease))
        first = block * BLOCK_SIZE
        await self._lanes.one(keys.numbers, *LIBRARY.call("open_block", (keys.numbers,), first, first + BLOCK_SIZE))
