"""Reminds the secretary, else the moderators, of accounts that have been frozen for more than a week.

It names nobody: it may go to any mailbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from listward.config.load import Configuration
from listward.queue.notices.letters import write
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.store.accounts import FreezeStore
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import Clock
from listward.wire.addresses import is_safe_address

KIND = "frozen-long"
WEEK_S = 7 * 86_400
QUEUES = ("secretary", "moderators")
People = Callable[[Iterable[str]], Awaitable[tuple[str, ...]]]


class OncePer(Protocol):
    """Remembers, for all couriers, that something was done lately (`store.switches.Switches`)."""

    async def first(self, name: str, seconds: int) -> bool:
        """Whether nobody has said so within these seconds. Raises StoreUnavailable."""
        ...

    async def undo(self, name: str) -> None:
        """Forget that it was done. Raises StoreUnavailable."""
        ...


class Lasting:
    """Writes once a week. `people` finds who decides for queues."""

    def __init__(
        self,
        configuration: Configuration,
        posting: Posting,
        accounts: FreezeStore,
        once: OncePer,
        people: People,
        clock: Clock,
    ) -> None:
        self._configuration = configuration
        self._posting = posting
        self._accounts = accounts
        self._once = once
        self._people = people
        self._clock = clock

    async def remind(self) -> int:
        """Remind where it is due, and return how many were written to. Raises NotYetTold, StoreUnavailable."""
        before = self._clock.now() - WEEK_S
        acts = {(one.by, one.reason, one.at) for one in await self._accounts.frozen() if one.at <= before}
        if not acts or not self._posting.possible or not await self._once.first(KIND, WEEK_S):
            return 0
        try:
            return await self._write(len(acts))
        except (NotYetTold, StoreUnavailable):
            await self._once.undo(KIND)
            raise

    async def _write(self, count: int) -> int:
        site = self._configuration.site
        url = site.console.public_url.rstrip("/")
        values = {
            "organisation": site.organisation.name,
            "count": str(count),
            "page": f"{url}/accounts" if url else "",
        }
        versions = [(language, values) for language in site.organisation.languages]
        letter = await asyncio.to_thread(write, self._configuration.templates, KIND, versions)
        people = [one for one in await self._first_people() if is_safe_address(one)]
        week = int(self._clock.now() // WEEK_S)
        for address in people:
            await self._posting.send(KIND, address, letter, f"{KIND} {week} {address}", self._clock.now())
        return len(people)

    async def _first_people(self) -> tuple[str, ...]:
        """Who decides for the first of the queues that has people."""
        for queue in QUEUES:
            if found := await self._people((queue,)):
                return found
        return ()
