"""The store, opened when it is first needed: the gateway starts and serves while it is away."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from listward.config.site import Site
from listward.filters.identity.standing import Path, Sighting, Standing
from listward.filters.probes import Counters, ProbeUnavailable
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.commands import Command
from listward.queue.store.accounts import Accounts
from listward.queue.store.keys import BadKey
from listward.queue.store.observations import Observation, Observations
from listward.queue.store.ports import Cases, Claimed, Ledger, StoreUnavailable, Trail
from listward.queue.store.presence import Presence
from listward.queue.store.rosters import StoredRosters
from listward.wire.payload import Payload

RETRY_S = 1.0


class OpenStore(Protocol):
    """What opening returns (`queue.store.connect.Store`)."""

    @property
    def cases(self) -> Cases:
        """Durable cases."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What is settled."""
        ...

    @property
    def trail(self) -> Trail:
        """The audit log."""
        ...

    @property
    def counters(self) -> Counters:
        """Counts of the recent past."""
        ...

    @property
    def rosters(self) -> StoredRosters:
        """Rosters that are read elsewhere."""
        ...

    @property
    def presence(self) -> Presence:
        """Which process runs which policy."""
        ...

    @property
    def accounts(self) -> Accounts:
        """What is remembered of senders."""
        ...

    @property
    def observations(self) -> Observations:
        """What rules on trial would have done."""
        ...

    def adopt(self, site: Site) -> None:
        """Go by a new configuration."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class LateStore:
    """Holds, ledger and counters over a store that may not be there yet. Raises StoreUnavailable while it is not."""

    def __init__(self, connect: Callable[[], OpenStore], retry_s: float = RETRY_S) -> None:
        self._connect = connect
        self._retry_s = retry_s
        self._store: OpenStore | None = None
        self._not_before = 0.0

    def open(self) -> OpenStore:
        """Return the store. A failure is remembered for a moment."""
        if self._store is None:
            if time.monotonic() < self._not_before:
                raise StoreUnavailable("the store was not there a moment ago")
            try:
                self._store = self._connect()
            except (StoreUnavailable, BadKey, OSError, ValueError) as error:
                self._not_before = time.monotonic() + self._retry_s
                raise StoreUnavailable("the store cannot be opened") from error
        return self._store

    def rosters(self) -> StoredRosters:
        """Return the rosters that are read elsewhere."""
        return self.open().rosters

    def presence(self) -> Presence:
        """Return where processes say what they run."""
        return self.open().presence

    def adopt(self, site: Site) -> None:
        """Go by a new configuration, where the store is open already."""
        if self._store is not None:
            self._store.adopt(site)

    async def close(self) -> None:
        """Close what is open."""
        store, self._store = self._store, None
        if store is not None:
            await store.close()

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Write body and case."""
        return await self.open().cases.hold(draft, body)

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """Return case numbers by ledger key."""
        return await self.open().cases.held_as(list_address, ledger_keys)

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Carry out one transition."""
        return await self.open().cases.apply(number, expected_version, command)

    async def settled(self, keys: Sequence[str]) -> dict[str, str]:
        """Return outcome by key."""
        return await self.open().ledger.settled(keys)

    async def claim(self, keys: Sequence[str], owner: str, lasts_s: float) -> Claimed:
        """Claim copies and return what is settled of them."""
        return await self.open().ledger.claim(keys, owner, lasts_s)

    async def settle(self, outcomes: dict[str, str], owner: str = "", claimed: Sequence[str] = ()) -> None:
        """Record outcomes and end claims."""
        await self.open().ledger.settle(outcomes, owner, claimed)

    async def seen_elsewhere(self, digest: str, list_address: str) -> int:
        """How many other lists got this body within the day."""
        try:
            return await self.open().counters.seen_elsewhere(digest, list_address)
        except StoreUnavailable as error:
            raise ProbeUnavailable(str(error)) from None

    async def of(self, author: str, paths: tuple[Path, ...]) -> Standing:
        """Return what stands for an author."""
        try:
            accounts = self.open().accounts
        except StoreUnavailable as error:
            raise ProbeUnavailable(str(error)) from None
        return await accounts.of(author, paths)

    async def note(self, sightings: Iterable[Sighting]) -> None:
        """Remember what was seen of senders."""
        await self.open().accounts.note(sightings)

    async def observed(self, observations: Iterable[Observation]) -> None:
        """Count what rules on trial would have done."""
        await self.open().observations.observed(observations)

    async def append(
        self,
        list_address: str,
        verb: str,
        at: float,
        facts: Mapping[str, str | int | float],
        personal: Mapping[str, str],
    ) -> int:
        """Append one audit entry durably and return its number."""
        return await self.open().trail.append(list_address, verb, at, facts, personal)
