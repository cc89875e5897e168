"""The courier's duty to look at the lists whose roster is a Mailman's: each in its own time, none waits for another."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from listward.config.mailman_url import is_mailman
from listward.config.site import MailingList, Site
from listward.queue.courier.mailman.asking import Asker
from listward.queue.courier.roster_sync import Outcome, Result, RosterSync
from listward.queue.store.connect import Store
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

AT_ONCE = 2  # lists that are being looked at: a Mailman has two workers as it ships
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
LONGEST_REST_S = 5.0
KEEP_EVERY_S = 3600.0
_WELL = frozenset({Result.FRESH, Result.SAME, Result.LATER})


@dataclass(slots=True)
class _Turn:
    """When a list is next looked at, in monotonic seconds, and what was said of it."""

    next_at: float = float("-inf")
    keep_at: float = float("-inf")
    failures: int = 0
    said: str = ""
    unread_bans: int = 0


class RosterRounds:
    """Starts what is due; the courier calls `look` every few seconds with the lists that are its own."""

    def __init__(self, store: Store, site: Site, owner: str, clock: Clock, metrics: Metrics, mail_log: MailLog) -> None:
        self._rosters = store.rosters
        self._sync = RosterSync(Asker(site), store.rosters, store.agenda, clock, owner)
        self._every_s = site.mailman.sync_s
        self._clock = clock
        self._metrics = metrics
        self._log = mail_log
        self._lists = {entry.address: entry for entry in mailman_lists(site)}
        self._turns = {address: _Turn() for address in self._lists}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.under_way: dict[str, asyncio.Task[None]] = {}

    async def look(self, lists: Sequence[str]) -> None:
        """Start a look at each of these lists that is due and not under way."""
        now = self._clock.monotonic()
        for address in lists:
            turn = self._turns.get(address)
            if turn is not None and now >= turn.next_at and address not in self.under_way:
                task = asyncio.create_task(self._one(self._lists[address], turn))
                self.under_way[address] = task
                task.add_done_callback(partial(self._done, address))

    def _done(self, address: str, _: "asyncio.Task[None]") -> None:
        self.under_way.pop(address, None)

    async def drain(self) -> None:
        """Give up what is under way: a copy is replaced whole or not at all."""
        tasks = tuple(self.under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, mailing_list: MailingList, turn: _Turn) -> None:
        async with self._slots:
            began = self._clock.monotonic()
            await self._look(mailing_list, turn)
            # With hundreds of lists somebody is always due: half of the time is left to whoever else asks Mailman.
            await asyncio.sleep(min(LONGEST_REST_S, self._clock.monotonic() - began))

    async def _look(self, mailing_list: MailingList, turn: _Turn) -> None:
        try:
            await self._keep(mailing_list.address, turn)
            outcome = await self._sync.look(mailing_list)
        except StoreUnavailable:
            turn.next_at = self._clock.monotonic() + _about(FIRST_PAUSE_S)
        except Exception as error:  # one list's fault must not end the others'
            self._plan(turn, well=False)
            self._say(mailing_list.address, turn, type(error).__name__)
        else:
            self._ended(mailing_list.address, turn, outcome)

    async def _keep(self, address: str, turn: _Turn) -> None:
        if self._clock.monotonic() >= turn.keep_at:
            await self._rosters.keep(address)
            turn.keep_at = self._clock.monotonic() + KEEP_EVERY_S

    def _ended(self, address: str, turn: _Turn, outcome: Outcome) -> None:
        self._metrics.roster_syncs.labels(outcome.result.value).inc()
        self._plan(turn, outcome.result is not Result.FAILED)
        if outcome.result is Result.DOUBTED:
            self._say(address, turn, "lost-most")
        elif outcome.trouble is not None:
            self._say(address, turn, outcome.trouble.value)
        elif outcome.result in _WELL:
            self._say(address, turn, "")
        if outcome.result is Result.FRESH:
            counts = {"people": outcome.people, "joined": outcome.joined, "left": outcome.left}
            self._log.event("roster-synced", "", list=address, **counts)
        if outcome.unread_bans > turn.unread_bans:
            self._log.event("roster-bans-unread", "", list=address, count=outcome.unread_bans)
        turn.unread_bans = outcome.unread_bans or turn.unread_bans

    def _plan(self, turn: _Turn, well: bool) -> None:
        """When to look again: after trouble soon at first, then more and more rarely; never all at the same moment."""
        turn.failures = 0 if well else turn.failures + 1
        longest = max(LONGEST_PAUSE_S, self._every_s)
        pause = self._every_s if well else min(longest, FIRST_PAUSE_S * 2 ** min(turn.failures - 1, 20))
        turn.next_at = self._clock.monotonic() + _about(pause)

    def _say(self, address: str, turn: _Turn, trouble: str) -> None:
        """Log a trouble once and its end once, not every round."""
        if trouble and trouble != turn.said:
            self._log.event("roster-trouble", "", list=address, reason=trouble)
        elif turn.said and not trouble:
            self._log.event("roster-trouble-over", "", list=address)
        turn.said = trouble


def mailman_lists(site: Site) -> tuple[MailingList, ...]:
    """The lists whose roster is a Mailman's."""
    return tuple(entry for entry in site.lists if is_mailman(entry.roster))


def _about(seconds: float) -> float:
    """The time, a tenth more or less, so that lists and couriers do not all ask at once."""
    return seconds * (0.9 + secrets.randbelow(1000) / 5000)
