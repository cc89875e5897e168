"""What the rest of the product may ask of the store. Errors are few and say whether trying again helps."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from listward.queue.cases.case import Case, CaseDraft, CaseState
from listward.queue.cases.commands import Command
from listward.wire.payload import Payload


class StoreUnavailable(Exception):
    """The store is away, slow, full or cannot keep its promise: answer 451 or "try again"; nothing was promised."""


class HeldLimit(StoreUnavailable):
    """Too many bytes are held, in all or for this sender: answer 452 4.3.1; trying again later helps."""


class DamagedBody(Exception):
    """A stored message or record does not decrypt or does not match its digest: nothing of it may be used."""


class UnknownCase(Exception):
    """No case has that number."""


class Conflict(Exception):
    """Somebody was first. `decided_by` is the person, `version` what stands now, `reason` one plain sentence."""

    def __init__(self, decided_by: str, version: int, state: str, reason: str = "") -> None:
        super().__init__(f"decided by {decided_by}, version {version}, state {state}")
        self.reason = reason
        self.decided_by = decided_by
        self.version = version
        self.state = state


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a listing, in the order asked for; `cursor` is "" on the last page."""

    cases: tuple[Case, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Event:
    """One outbox entry, written in the same step as the transition it tells of. `id` is unique and ordered per list."""

    id: str
    list: str
    number: str
    verb: str
    version: int
    at: float
    by: str


class Cases(Protocol):
    """Durable cases. Every method raises StoreUnavailable when the promise cannot be kept."""

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Write body and case; returns only after the fsync (and the configured replicas). Idempotent by ledger_key.

        Raises HeldLimit, a StoreUnavailable, when too much is held already.
        """
        ...

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """Return the case number of each ledger key that has one, once it is as safe as after `hold`."""
        ...

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Carry out one transition atomically: case, indexes, audit entry and outbox entry, or nothing.

        Raises Conflict when the version differs or the state does not allow it, UnknownCase when there is none.
        """
        ...

    async def get(self, number: str) -> Case:
        """Return the case. Raises UnknownCase."""
        ...

    async def body(self, number: str) -> bytes:
        """Return the message as it came, digest checked. Raises UnknownCase when it is gone, DamagedBody."""
        ...

    def opened(self, number: str) -> AbstractAsyncContextManager[Payload]:
        """The message as it came, digest checked, a large one in a file that is gone afterwards.

        Raises UnknownCase when it is gone, DamagedBody.
        """
        ...

    async def page(
        self,
        states: Sequence[CaseState] = (),
        lists: Sequence[str] = (),
        queue: str = "",
        limit: int = 50,
        cursor: str = "",
        newest_first: bool = False,
    ) -> CasePage:
        """List cases, by the time they came, oldest first unless told otherwise."""
        ...

    def events(self, list_address: str) -> AsyncIterator[Event]:
        """The list's outbox entries not yet acknowledged, oldest first."""
        ...

    async def acknowledge(self, list_address: str, event_id: str) -> None:
        """Drop one outbox entry after its effects are done."""
        ...


class Trail(Protocol):
    """The audit log, for acts that leave no case (`trail.Trail`)."""

    async def append(
        self,
        list_address: str,
        verb: str,
        at: float,
        facts: Mapping[str, str | int | float],
        personal: Mapping[str, str],
    ) -> int:
        """Append one entry durably and return its number. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim found: outcome by key for those known, and whether every copy is the owner's now.

    `lapsed`: somebody else claimed a copy, never ended the claim and wrote no outcome; it may have been delivered.
    """

    known: dict[str, str]
    free: bool = True
    lapsed: bool = False


class Ledger(Protocol):
    """What is settled per message and recipient: a retry does only what is missing.

    A key is `<copy>:<purpose>`; the keys of one copy are claimed as one. Every method ends within some seconds, by
    StoreUnavailable where the store does not answer: nobody has to watch the clock for it.
    """

    async def settled(self, keys: Sequence[str]) -> dict[str, str]:
        """Return outcome by key for those known: "relayed", "discarded", "held:<case number>" or "unknown"."""
        ...

    async def claim(self, keys: Sequence[str], owner: str, lasts_s: float) -> Claimed:
        """Return what is settled, and in the same step claim the copies of these keys: all of them, or none.

        While a claim stands nobody else gets it. It ends by `settle`, or by itself when its owner has died.
        """
        ...

    async def settle(self, outcomes: dict[str, str], owner: str = "", claimed: Sequence[str] = ()) -> None:
        """Record outcomes, which lapse after some days; in the same step end the owner's claims on these keys."""
        ...
