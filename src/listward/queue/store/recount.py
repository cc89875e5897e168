"""Makes the count of held bytes whole again: by the cases, what is not counted is, and what is gone no longer is.

A message is counted after its case was written, in another slot; where that reply is lost, the count is short.
"""

from collections.abc import AsyncIterator
from typing import Any

from listward.queue.cases.case import CaseState
from listward.queue.store.held_bytes import HeldBytes
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import HELD_BYTES, HELD_CASES, ListKeys
from listward.queue.store.numbering import Numbering
from listward.queue.store.ports import DamagedBody, UnknownCase
from listward.queue.store.reading import Reading

AT_ONCE = 500  # cases in one question


class Recount:
    """Compares the count with the cases. Holds may go on meanwhile: every step may be repeated without harm."""

    def __init__(self, lanes: Lanes, numbering: Numbering, reading: Reading, held: HeldBytes) -> None:
        self._lanes = lanes
        self._numbering = numbering
        self._reading = reading
        self._held = held

    async def run(self) -> int:
        """Return how many cases were counted wrongly. Raises StoreUnavailable."""
        wrong = 0
        for name in await self._numbering.lists():
            keys = ListKeys(name)
            async for numbers in self._cases(keys):
                wrong += await self._add_missing(keys, numbers)
        async for numbers in self._counted():
            wrong += await self._drop_gone(numbers)
        return wrong

    async def _add_missing(self, keys: ListKeys, numbers: list[str]) -> int:
        counted = await self._lanes.one(HELD_BYTES, "HMGET", HELD_CASES, *numbers)
        missing = [number for number, entry in zip(numbers, counted, strict=True) if entry is None]
        pieces = await self._lanes.spread([(keys.case(number), ("HGET", keys.case(number), "p")) for number in missing])
        kept = [number for number, count in zip(missing, pieces, strict=True) if int(count or 0)]
        return sum([await self._add(number) for number in kept])

    async def _add(self, number: str) -> bool:
        try:
            _, stored = await self._reading.stored(number)
        except (UnknownCase, DamagedBody):
            return False
        if stored.pieces:
            await self._held.count(number, stored.case.draft, stored.size)
        return stored.pieces > 0

    async def _drop_gone(self, numbers: list[str]) -> int:
        gone = [number for number in numbers if not await self._has_body(number)]
        for number in gone:
            await self._held.uncount(number)
        return len(gone)

    async def _has_body(self, number: str) -> bool:
        try:
            keys, number = await self._numbering.keys_of(number)
        except UnknownCase:
            return False
        return int(await self._lanes.one(keys.case(number), "HGET", keys.case(number), "p") or 0) > 0

    async def _cases(self, keys: ListKeys) -> AsyncIterator[list[str]]:
        for state in CaseState:
            async for page in self._scan("ZSCAN", keys.state(state)):
                yield page

    async def _counted(self) -> AsyncIterator[list[str]]:
        async for page in self._scan("HSCAN", HELD_CASES):
            yield page

    async def _scan(self, verb: str, key: str) -> AsyncIterator[list[str]]:
        """Walk the members of one key; one may come twice."""
        cursor: Any = 0
        while True:
            cursor, found = await self._lanes.one(key, verb, key, cursor, "COUNT", AT_ONCE)
            names = [name for name, _ in (found.items() if isinstance(found, dict) else found)]
            if names:
                yield [name.decode() for name in names]
            if not int(cursor):
                return
