"""Who read what: every opening of a case, download and search is written down before anything is shown."""

from collections.abc import Iterable
from typing import Protocol

from listward.queue.cases.case import Case
from listward.queue.store.accounts import Vouch
from listward.queue.store.trail import Trail


class Reads(Protocol):
    """The log of reads. Raises StoreUnavailable: what cannot be written down is not shown."""

    async def note(self, list_address: str, number: str, by: str, what: str, at: float) -> None:
        """Write one read: `what` is one word such as "opened" or "downloaded"; `number` may be ""."""
        ...


class TrailReads:
    """Reads as entries of each list's audit trail; the reader is personal there and can be erased."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    async def note(self, list_address: str, number: str, by: str, what: str, at: float) -> None:
        """Append one entry."""
        facts = {"case": number} if number else {}
        await self._trail.append(list_address, what, at, facts, {"by": by})


async def note_search(reads: Reads, cases: Iterable[Case], by: str, at: float) -> None:
    """Write a search down in every list whose cases it shows."""
    for list_address in sorted({case.draft.list for case in cases}):
        await reads.note(list_address, "", by, "searched", at)


async def note_vouches(reads: Reads, vouches: Iterable[Vouch], by: str, at: float) -> None:
    """Write down who looked at the ways of sending, in every list whose people they name."""
    for list_address in sorted({vouch.list for vouch in vouches}):
        await reads.note(list_address, "", by, "read-vouches", at)
