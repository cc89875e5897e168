"""The desk without the web: what the command line works with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from listward.config.load import Configuration
from listward.filters.identity.roster import SiteRosters
from listward.queue.cases.case import Case
from listward.queue.desk.access.door import Door
from listward.queue.desk.access.person import Person, operator, person_for
from listward.queue.desk.access.records import AccessStore
from listward.queue.desk.access.redis_store import RedisAccess
from listward.queue.desk.freezing import Freezing, freezing_at
from listward.queue.desk.reads import Reads, TrailReads
from listward.queue.desk.rulings import Rulings
from listward.queue.desk.trials import Trials, trials_at
from listward.queue.store.connect import connect
from listward.queue.store.following import Following
from listward.queue.store.ports import Cases
from listward.runtime.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class TerminalDesk:
    """One connection to the store, for one command."""

    configuration: Configuration
    cases: Cases
    rulings: Rulings
    door: Door
    access: AccessStore
    reads: Reads
    clock: Clock
    freezing: Freezing
    trials: Trials

    async def person(self, acting_as: str, unix_user: str) -> Person:
        """Who acts: the user of that address with that user's rights, else the operator. Raises KeyError."""
        if not acting_as:
            return operator(unix_user)
        user = await self.access.user(acting_as.strip().lower())
        if user is None or user.disabled:
            raise KeyError(acting_as)
        return person_for(self.configuration.site, user.address, user.roles, user.zone)

    async def open(self, person: Person, number: str, what: str = "opened") -> Case:
        """Return a case for reading, and write the reading down. Raises as Rulings.see."""
        case = await self.rulings.see(person, number)
        await self.reads.note(case.draft.list, case.number, person.address, what, self.clock.now())
        return case


@asynccontextmanager
async def terminal_desk(configuration: Configuration) -> AsyncIterator[TerminalDesk]:
    """Connect to the site's store for one command. Raises what `connect` raises; StoreUnavailable comes later."""
    clock, site = SystemClock(), configuration.site
    store = connect(site, clock=clock)
    try:
        access = RedisAccess(store.redis)
        rosters = SiteRosters(site)
        await Following(lambda: rosters, lambda: store.rosters).first()
        rulings = Rulings(store.cases, site, configuration.policy, clock, rosters=rosters, accounts=store.accounts)
        door = Door(access, site, clock)
        freezing, reads = freezing_at(store, site, clock, rosters), TrailReads(store.trail)
        trials = trials_at(site, configuration.policy, store.observations, store.cases, reads, clock)
        yield TerminalDesk(configuration, store.cases, rulings, door, access, reads, clock, freezing, trials)
    finally:
        await store.close()
