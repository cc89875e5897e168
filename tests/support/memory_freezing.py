"""Frozen accounts in memory, and what is written down and to be told of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from listward.queue.store.accounts import Freeze
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.switches import Switch


@dataclass
class MemoryFreezes:
    """Freezes and thaws. `away` makes every call fail."""

    kept: dict[str, Freeze] = field(default_factory=dict)
    away: bool = False

    async def freeze(self, addresses: Iterable[str], by: str, reason: str, at: float, named: str = "") -> None:
        """Freeze; what is frozen keeps its first record."""
        self._check()
        for address in addresses:
            self.kept.setdefault(address, Freeze(address, by, reason, at, address == named))

    async def thaw(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """End it, and return those that were frozen."""
        self._check()
        return tuple(address for address in addresses if self.kept.pop(address, None))

    async def frozen(self) -> tuple[Freeze, ...]:
        """All, newest first."""
        self._check()
        return tuple(sorted(self.kept.values(), key=lambda freeze: -freeze.at))

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


@dataclass
class MemoryTrail:
    """Remembers entries: list, verb, facts, personal."""

    entries: list[tuple[str, str, dict[str, str | int | float], dict[str, str]]] = field(default_factory=list)

    async def append(
        self,
        list_address: str,
        verb: str,
        at: float,
        facts: Mapping[str, str | int | float],
        personal: Mapping[str, str],
    ) -> int:
        """Append one."""
        del at
        self.entries.append((list_address, verb, dict(facts), dict(personal)))
        return len(self.entries)


@dataclass
class MemorySwitches:
    """Remembers what is to be told."""

    kept: list[Switch] = field(default_factory=list)

    async def add(self, switch: Switch) -> None:
        """Keep one."""
        self.kept.append(switch)
