"""Reading a list's audit log and its seals, in pages."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from listward.queue.audit.chain import Link, Seal, read_link, read_seal
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import SITE_CHAIN, ListKeys

PAGE = 500


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry: its number, the chained text, and the clear text beside it (b"" where there is none)."""

    number: int
    chained: bytes
    clear: bytes


class AuditLog:
    """Reads logs. Everything raises StoreUnavailable."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def entries(self, keys: ListKeys, first: int, last: int | None = None) -> AsyncIterator[LogEntry]:
        """Yield entries from `first` to `last` (the end when None) in order."""
        async for page in self._pages(keys.audit, first, last):
            numbers = [_number(identity) for identity, _ in page]
            clear = await self._lanes.one(keys.clear, "HMGET", keys.clear, *map(str, numbers))
            for number, (_, values), text in zip(numbers, page, clear, strict=True):
                yield LogEntry(number, values.get(b"e", b""), text or b"")

    async def seals(self, keys: ListKeys) -> AsyncIterator[Seal]:
        """Yield all seals of a list in order. Raises ValueError for one that cannot be read."""
        async for page in self._pages(keys.seals, 0, None):
            for _, values in page:
                yield read_seal(values.get(b"s", b""))

    async def links(self) -> AsyncIterator[Link]:
        """Yield the site chain in order. Raises ValueError for a link that cannot be read."""
        async for page in self._pages(SITE_CHAIN, 0, None):
            for _, values in page:
                yield read_link(values.get(b"s", b""))

    async def newest_seal(self, keys: ListKeys) -> Seal | None:
        """Return the newest seal of a list."""
        found = await self._lanes.one(keys.seals, "XREVRANGE", keys.seals, "+", "-", "COUNT", 1)
        return read_seal(found[0][1].get(b"s", b"")) if found else None

    async def newest_link(self) -> Link | None:
        """Return the newest link of the site chain."""
        found = await self._lanes.one(SITE_CHAIN, "XREVRANGE", SITE_CHAIN, "+", "-", "COUNT", 1)
        return read_link(found[0][1].get(b"s", b"")) if found else None

    async def last_number(self, keys: ListKeys) -> int:
        """Return the number the log counts to, also when its last entries were removed."""
        exists, *_ = await self._lanes.run(keys.audit, ("EXISTS", keys.audit))
        if not exists:
            return 0
        facts = await self._lanes.one(keys.audit, "XINFO", "STREAM", keys.audit)
        return _number(facts[b"last-generated-id"] if b"last-generated-id" in facts else facts["last-generated-id"])

    async def _pages(self, key: str, first: int, last: int | None) -> AsyncIterator[list[Any]]:
        low, high = f"{first}-0", "+" if last is None else f"{last}-0"
        while True:
            page = await self._lanes.one(key, "XRANGE", key, low, high, "COUNT", PAGE)
            if page:
                yield page
            if len(page) < PAGE:
                return
            low = f"({page[-1][0].decode()}"


def _number(identity: bytes) -> int:
    return int(identity.partition(b"-")[0])
