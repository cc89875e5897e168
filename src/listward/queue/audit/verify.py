"""Recomputes the whole chain of a list and says what is broken, what is missing and what is not sealed yet."""

import json
from dataclasses import dataclass, field

from listward.queue.audit.chain import Link, Seal, head_over, link_head
from listward.queue.audit.log import AuditLog, LogEntry
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import ListKeys
from listward.queue.store.trail import personal_hash


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. `faults` are plain sentences; `unsealed` entries are whole but not under a seal yet."""

    list: str
    entries: int
    sealed: int
    unsealed: int
    erased: int
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Nothing is broken or missing."""
        return not self.faults


@dataclass(slots=True)
class _Findings:
    """Collected while walking."""

    entries: int = 0
    erased: int = 0
    faults: list[str] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)


class Verifier:
    """Verifies logs. Everything raises StoreUnavailable."""

    def __init__(self, lanes: Lanes) -> None:
        self._log = AuditLog(lanes)

    async def verify(self, list_address: str) -> Verification:
        """Recompute one list's chain, its clear text and its place in the site chain.

        The log may grow meanwhile: what must be there is asked first, what is there afterwards.
        """
        keys, found = ListKeys(list_address), _Findings()
        links, counted = await self._links(), await self._log.last_number(keys)
        sealed = await self._walk_seals(keys, found)
        unsealed = [entry async for entry in self._log.entries(keys, sealed + 1)]
        _check_row(found, sealed + 1, counted, unsealed)
        for entry in unsealed:
            _check_clear(found, entry)
        _check_links([link for link in links if link.list == keys.list], sealed, found)
        return Verification(
            keys.list, found.entries, sealed, len(unsealed), found.erased, tuple(dict.fromkeys(found.faults))
        )

    async def site_faults(self) -> tuple[str, ...]:
        """Recompute the site chain itself."""
        faults, previous, count = [], "", 0
        try:
            async for link in self._log.links():
                count += 1
                right = link_head(previous, link.list, link.last, link.seal)
                if link.previous != previous or link.head != right:
                    faults.append(f"link {count} of the site chain ({link.list}) was changed or follows a removed link")
                previous = link.head
        except ValueError:
            faults.append(f"link {count + 1} of the site chain cannot be read")
        return tuple(faults)

    async def lists(self) -> tuple[str, ...]:
        """Return every list the site chain names."""
        return tuple(sorted({link.list for link in await self._links()}))

    async def _walk_seals(self, keys: ListKeys, found: _Findings) -> int:
        """Check every seal in order; return the last entry under one."""
        last, head = 0, ""
        try:
            async for seal in self._log.seals(keys):
                await self._check_seal(keys, seal, last, head, found)
                found.heads[seal.last] = seal.head
                last, head = seal.last, seal.head
        except ValueError:
            found.faults.append(f"the seal after entry {last} cannot be read")
        return last

    async def _check_seal(self, keys: ListKeys, seal: Seal, last: int, head: str, found: _Findings) -> None:
        if seal.first != last + 1 or seal.previous != head:
            found.faults.append(f"a seal between entry {last} and entry {seal.first} is missing or was changed")
        entries = [entry async for entry in self._log.entries(keys, seal.first, seal.last)]
        _check_row(found, seal.first, seal.last, entries)
        if seal.head != head_over(seal.previous, ((entry.number, entry.chained) for entry in entries)):
            found.faults.append(f"entries {seal.first} to {seal.last} do not match their seal")
        for entry in entries:
            _check_clear(found, entry)

    async def _links(self) -> list[Link]:
        links: list[Link] = []
        try:
            async for link in self._log.links():
                links.append(link)
        except ValueError:
            return links  # `site_faults` names it
        return links


def _check_links(links: list[Link], sealed: int, found: _Findings) -> None:
    """A list's heads in the site chain must still be its seals: this shows a tail cut off with its seals."""
    for link in links:
        if link.last > sealed:
            found.faults.append(f"the log was cut: it was sealed up to entry {link.last}, now up to {sealed}")
        elif found.heads.get(link.last) != link.seal:
            found.faults.append(f"the seal of entry {link.last} is not the one in the site chain")


def _check_row(found: _Findings, first: int, last: int, entries: list[LogEntry]) -> None:
    found.entries += len(entries)
    present = {entry.number for entry in entries}
    missing = [number for number in range(first, last + 1) if number not in present]
    if missing:
        span = f"{missing[0]}" if len(missing) == 1 else f"{missing[0]} to {missing[-1]}"
        found.faults.append(f"{len(missing)} missing: {span}")


def _check_clear(found: _Findings, entry: LogEntry) -> None:
    """Clear text may be erased, but what stands there must be what was chained."""
    try:
        hashed = json.loads(entry.chained).get("personal", {})
        clear = json.loads(entry.clear) if entry.clear else None
        if hashed and clear is None:
            found.erased += 1
            return
        right = {name: personal_hash(clear["salt"], name, clear[name]) for name in hashed} if clear else {}
    except (ValueError, KeyError, TypeError, AttributeError):
        right, hashed = {}, {"unreadable": ""}
    if right != hashed:
        found.faults.append(f"the clear text of entry {entry.number} was changed")
