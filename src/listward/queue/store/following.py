"""Rosters that the courier reads, brought from the store into memory: looked at every few seconds, never for a message.

While the store is away the copy in memory serves on.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.roster_copy import RosterCopy, copy_of, rest
from listward.filters.identity.roster_handed import HandedSource
from listward.queue.store.ports import DamagedBody, StoreUnavailable
from listward.queue.store.rosters import StoredRoster, StoredRosters
from listward.runtime.maillog import MailLog
from listward.runtime.rounds import Rounds, telling

EVERY_S = 3.0
FIRST_S = 2.0  # a process that starts waits so long for the first copies


class Following:
    """Keeps the rosters of one process like the store's. `rosters` gives those in use at the moment.

    `stored` opens the store where it is not open yet, and may raise StoreUnavailable.
    """

    def __init__(
        self, rosters: Callable[[], SiteRosters], stored: Callable[[], StoredRosters], log: MailLog | None = None
    ) -> None:
        self._rosters = rosters
        self._stored = stored
        self._log = log
        self._damaged: dict[str, str] = {}

    async def run(self, stop: asyncio.Event, every_s: float = EVERY_S) -> None:
        """Look again and again, until `stop`."""
        await Rounds(stop, telling(self._log)).every("rosters-followed", every_s, self._look)

    async def _look(self) -> None:
        with suppress(StoreUnavailable):
            await self.look()

    async def first(self, patience_s: float = FIRST_S) -> None:
        """Bring what the store has now; where it has nothing to say in time, `run` brings it later."""
        with suppress(StoreUnavailable, TimeoutError):
            await asyncio.wait_for(self.look(), patience_s)

    async def look(self) -> None:
        """Bring each copy that is not in memory yet. Raises StoreUnavailable."""
        handed = {name: source for name, source in self._rosters() if isinstance(source, HandedSource)}
        if not handed:
            return
        stamps = await self._stored().stamps(tuple(handed))
        for name, source in handed.items():
            stamp = stamps[name]
            if stamp.copy and stamp.copy != source.mark:
                await self._bring(name, source)
            elif stamp.copy:
                source.current_at = stamp.agreed_at

    async def _bring(self, name: str, source: HandedSource) -> None:
        try:
            found = await self._stored().read(name)
            if found is not None:
                stamp, stored = found
                source.hand(await asyncio.to_thread(_opened, stored), stamp.copy)
                source.current_at = stamp.agreed_at
        except DamagedBody as error:
            self._tell(name, str(error))
        else:
            self._damaged.pop(name, None)

    def _tell(self, name: str, reason: str) -> None:
        """Say it once, not every few seconds."""
        if self._log is not None and self._damaged.get(name) != reason:
            self._log.event("damaged", "", list=name, reason=f"the copy of its roster: {reason}")
        self._damaged[name] = reason


def _opened(stored: StoredRoster) -> RosterCopy:
    return copy_of(stored.people(), rest)
