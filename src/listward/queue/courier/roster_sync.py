"""One list's roster, from where it is read to the store: only a whole and believable reading replaces the copy."""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from listward.config.site import MailingList
from listward.filters.identity.origin import Role
from listward.filters.identity.roster_source import LOSS_COUNTS_FROM
from listward.filters.probes import RosterEntry
from listward.queue.courier.asides import aside
from listward.queue.courier.mailman.asking import WHOLE_S, Asker, Whole
from listward.queue.courier.mailman.reading import SHARE, Glance
from listward.queue.courier.mailman.rows import PAGE
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble
from listward.queue.store.agenda import Agenda
from listward.queue.store.names import site_lease
from listward.queue.store.ports import DamagedBody
from listward.queue.store.rosters import SealedRoster, StoredRosters
from listward.runtime.clock import Clock

BELIEVE_LOSS_S = 3600.0
"""A list that lost most of its people is believed once Mailman has said so for an hour."""
LEASE_S = 300.0  # a look that takes longer may meet another: each writes a whole copy, the later one counts
CHANGED_SHARE = SHARE / 6  # a list that is known to have changed may be read as often


class Result(StrEnum):
    """What became of one look at a list."""

    FRESH = "fresh"
    SAME = "same"
    LATER = "later"
    DOUBTED = "doubted"
    FAILED = "failed"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a look at a list ended. `people` are those who are not banned; `trouble` says why it failed."""

    result: Result
    people: int = 0
    joined: int = 0
    left: int = 0
    unread_bans: int = 0
    trouble: Kind | None = None


@dataclass(slots=True)
class _Known:
    """What the latest whole reading told, in this process, and what it cost. Times are monotonic."""

    glance: Glance | None = None
    read_at: float = float("-inf")
    took_s: float = 0.0
    again: bool = False

    def due(self, glance: Glance, now: float) -> bool:
        """Whether everybody is to be read: now and then in any case, and soon after counts have changed."""
        share = CHANGED_SHARE if glance != self.glance else SHARE
        return self.again or now - self.read_at >= share * self.took_s


class RosterSync:
    """Looks at lists, one look at a list at a time over the whole site. Everything raises StoreUnavailable."""

    def __init__(self, asker: Asker, rosters: StoredRosters, agenda: Agenda, clock: Clock, owner: str) -> None:
        self._asker = asker
        self._rosters = rosters
        self._agenda = agenda
        self._clock = clock
        self._owner = f"{owner}-{secrets.token_hex(4)}"
        self._known: dict[str, _Known] = {}

    async def look(self, mailing_list: MailingList, whole: bool = False, accept: bool = False) -> Outcome:
        """Look at one list; `whole` reads everybody at once, `accept` believes whatever is read."""
        lease = site_lease(f"roster:{mailing_list.address}")
        if not (await self._agenda.lease([lease], self._owner, LEASE_S))[0]:
            return Outcome(Result.BUSY)
        try:
            async with asyncio.timeout(WHOLE_S + 60):
                return await self._look(mailing_list, whole, accept)
        except MailmanTrouble as trouble:
            return Outcome(Result.FAILED, trouble=trouble.kind)
        except TimeoutError:
            return Outcome(Result.FAILED, trouble=Kind.SLOW)
        finally:
            await self._agenda.end_lease([lease], self._owner)

    async def _look(self, mailing_list: MailingList, whole: bool, accept: bool) -> Outcome:
        address, at = mailing_list.address, self._clock.now()
        known = self._known.setdefault(address, _Known())
        if not whole and known.took_s and (await self._rosters.stamps([address]))[address].copy:
            glance = await aside(partial(self._asker.glance, mailing_list), "roster-glance")
            if not known.due(glance, self._clock.monotonic()):
                return await self._glanced(address, at, glance == known.glance)
        return await self._whole(mailing_list, known, at, accept)

    async def _glanced(self, address: str, at: float, same: bool) -> Outcome:
        if not same:
            return Outcome(Result.LATER)
        await self._rosters.agree(address, at)
        return Outcome(Result.SAME)

    async def _whole(self, mailing_list: MailingList, known: _Known, at: float, accept: bool) -> Outcome:
        address = mailing_list.address
        before, digest = await self._before(address)
        read = await aside(partial(self._asker.everybody, mailing_list, before), "roster-read")
        sealed = await aside(partial(self._rosters.seal, address, read.people), "roster-seal")
        known.read_at, known.took_s = self._clock.monotonic(), read.took_s
        outcome = _compared(before, read, sealed.digest == digest)
        if not accept and digest and await self._doubted(address, at, before, outcome.people):
            return Outcome(Result.DOUBTED, outcome.people)
        await self._keep(address, sealed, at, digest)
        # The first reading of several pages has no copy to be checked against: the second one comes at once.
        known.again = not digest and len(read.people) > PAGE
        known.glance = read.glance
        return outcome

    async def _before(self, address: str) -> tuple[tuple[RosterEntry, ...], str]:
        """The people and digest of the copy in use; nobody and "" where there is none that can be read."""
        try:
            found = await self._rosters.read(address)
            if found is None:
                return (), ""
            stored = found[1]
            return await aside(lambda: tuple(stored.people()), "roster-open"), stored.digest
        except DamagedBody:
            return (), ""

    async def _doubted(self, address: str, at: float, before: Iterable[RosterEntry], now: int) -> bool:
        """Whether this is hard to believe, and Mailman has not said it for long enough."""
        if not lost_most(sum(entry.role is not Role.BANNED for entry in before), now):
            return False
        return at - await self._rosters.doubt(address, at) < BELIEVE_LOSS_S

    async def _keep(self, address: str, sealed: SealedRoster, at: float, digest: str) -> None:
        if sealed.digest == digest:
            await self._rosters.agree(address, at)
        else:
            await self._rosters.write(address, sealed, at)


def lost_most(before: int, now: int) -> bool:
    """Whether a roster lost so many people at once that a fault is likelier than the truth."""
    return (before > 0 and now == 0) or (before >= LOSS_COUNTS_FROM and 2 * now < before)


def _compared(before: Iterable[RosterEntry], read: Whole, same: bool) -> Outcome:
    old, new = _addresses(before), _addresses(read.people)
    result = Result.SAME if same else Result.FRESH
    return Outcome(result, len(new), len(new - old), len(old - new), read.unread_bans)


def _addresses(people: Iterable[RosterEntry]) -> set[str]:
    return {entry.address for entry in people if entry.role is not Role.BANNED}
