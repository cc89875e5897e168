"""What people may do with what is remembered of senders: vouch, revoke, freeze; and what the gateway notes of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from listward.filters.identity.standing import How, Path, Sighting, Standing


class CannotVouch(Exception):
    """This way of sending cannot be vouched for. `reason` is one word, the text one plain sentence for people."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class UnknownVouch(Exception):
    """No vouch has that id: it lapsed, or was revoked before."""


@dataclass(frozen=True, slots=True)
class Vouch:
    """One vouch as people see it. `at` and `used_at` are Unix seconds; `used_at` is exact to the day.

    `lapsed` is "" while it stands, else why it counts no more: "shared" (others send by this path too). What was not
    used for `vouch_days` is gone.
    """

    id: str
    list: str
    author: str
    path: Path
    how: How
    by: str
    at: float
    used_at: float
    lapsed: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """One frozen address: who froze it, why, when (Unix seconds). The act `named` the one that is in doubt."""

    address: str
    by: str
    reason: str
    at: float
    named: bool = False


class FreezeStore(Protocol):
    """Which accounts are frozen. Every method raises StoreUnavailable; what is done is durable before it returns."""

    async def freeze(self, addresses: Iterable[str], by: str, reason: str, at: float, named: str = "") -> None:
        """Freeze these addresses (all of one person); one that is frozen keeps its first record.

        `named` is the one of them that is in doubt; the others are the same person's.

        The audit entry is the caller's: only the caller knows whose lists it concerns.
        """
        ...

    async def thaw(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """End the freeze of these addresses; return those that were frozen. The audit entry is the caller's."""
        ...

    async def frozen(self) -> tuple[Freeze, ...]:
        """All frozen addresses, the newest first."""
        ...


class Accounts(FreezeStore, Protocol):
    """What is remembered of senders. Every method raises StoreUnavailable when the store is away.

    What people do is durable before a method returns; what the gateway notes may be lost in a crash.
    """

    async def of(self, author: str, paths: tuple[Path, ...]) -> Standing:
        """Return what stands for this author on these paths. Raises ProbeUnavailable without the store."""
        ...

    async def vouch(self, list_address: str, author: str, path: Path, by: str, how: How, at: float) -> str:
        """Vouch for this author's mail to one list by one path; return the vouch's id, the same where it stands.

        Writes the audit entry. Whether the roster allows it is the caller's to ask (`filters.identity.vouching`), and
        is asked again at every use. Raises CannotVouch where the path is a shared service, another author was seen
        with it, vouching is switched off, or the author has too many.
        """
        ...

    async def revoke(self, id: str, by: str, at: float) -> Vouch:
        """End a vouch at once and return what it was. Writes the audit entry. Raises UnknownVouch."""
        ...

    async def vouches(self, list_address: str | None = None, author: str | None = None) -> tuple[Vouch, ...]:
        """All vouches, newest first; of one list, of one author, or both."""
        ...

    async def note(self, sightings: Iterable[Sighting]) -> None:
        """Remember what was seen: paths with their authors, habits, days of use."""
        ...
