"""Frozen accounts: one switch for all that comes in a person's name. Durable, and in force until somebody ends it."""

from collections.abc import Iterable

from listward.queue.store.accounts import Freeze
from listward.queue.store.names import FROZEN, AuthorKeys
from listward.queue.store.ports import DamagedBody
from listward.queue.store.standings import Remembering, Standings
from listward.queue.store.vouches import PAGE, Vouches
from listward.queue.store.words import Words


class Freezes(Remembering):
    """Implements the switch that freezes accounts (`accounts.Accounts`)."""

    async def freeze(self, addresses: Iterable[str], by: str, reason: str, at: float, named: str = "") -> None:
        """Freeze addresses; one that is frozen keeps its first record. Raises StoreUnavailable."""
        for address in sorted({address.lower() for address in addresses}):
            name = self.author_name(address)
            key = AuthorKeys(name).frozen
            record = {"address": address, "by": by, "reason": reason, "at": at, "named": address == named.lower()}
            sealed = self._seal(key, record)
            await self._guard.write(FROZEN, ("ZADD", FROZEN, "NX", at, name))
            await self._guard.write(key, ("SET", key, sealed, "NX"))

    async def thaw(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """End the freeze of these addresses; return those that were frozen. Raises StoreUnavailable."""
        thawed = []
        for address in sorted({address.lower() for address in addresses}):
            name = self.author_name(address)
            key = AuthorKeys(name).frozen
            if not await self._lanes.one(key, "EXISTS", key):
                continue
            await self._guard.write(key, ("DEL", key))
            await self._lanes.one(FROZEN, "ZREM", FROZEN, name)
            thawed.append(address)
        return tuple(thawed)

    async def frozen(self) -> tuple[Freeze, ...]:
        """All frozen addresses, the newest first. Raises StoreUnavailable."""
        names = [name.decode() for name in await self._lanes.one(FROZEN, "ZRANGE", FROZEN, 0, -1)]
        found: list[Freeze] = []
        for start in range(0, len(names), PAGE):
            keys = [AuthorKeys(name).frozen for name in names[start : start + PAGE]]
            reads: list[tuple[str, Words]] = [(key, ("GET", key)) for key in keys]
            found += filter(None, map(self._freeze, keys, await self._lanes.spread(reads)))
        return tuple(sorted(found, key=lambda freeze: freeze.at, reverse=True))

    def _freeze(self, key: str, sealed: bytes | None) -> Freeze | None:
        """None where it is not there. One that cannot be read is shown as such: it is in force."""
        if sealed is None:
            return None
        try:
            values = self._unseal(key, sealed)
            named = bool(values.get("named", False))
            return Freeze(values["address"], values["by"], values["reason"], float(values["at"]), named)
        except (ValueError, KeyError, TypeError, DamagedBody):
            return Freeze("", "", "The record cannot be read.", 0.0)


class RedisAccounts(Standings, Vouches, Freezes):
    """accounts.Accounts in Redis."""
