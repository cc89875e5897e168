"""The one place where a person's account is frozen or thawed: who may, of what addresses, and how it is written down.

A freeze is one switch for all addresses that the rosters know of a person. All mail of theirs to the lists then waits
for people; complaints, appeals and leaving stay open. It is reversed as easily.
"""

from dataclasses import dataclass
from typing import Protocol

from listward.config.site import Site
from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.cases.case import CaseState
from listward.queue.desk.access.person import AccessRole, Person
from listward.queue.desk.plain import sentence_of
from listward.queue.desk.rulings import NeedsWords, NotYours
from listward.queue.store.accounts import FreezeStore
from listward.queue.store.connect import Store
from listward.queue.store.ports import Cases, Trail
from listward.queue.store.switches import Switch, Switches, Turned
from listward.runtime.clock import Clock
from listward.runtime.ids import new_id
from listward.wire.addresses import is_safe_address

SECRETARY = "secretary"
LONGEST_REASON = 500
MOST_PAGES = 10
UNREADABLE = ""  # the address of a freeze whose record is damaged: it is in force, and can be ended by whoever knows it
LEAVING = (CaseState.RELEASED, CaseState.DELIVERING)


class ToTell(Protocol):
    """What the courier works off (`store.switches.Switches`)."""

    async def add(self, switch: Switch) -> None:
        """Keep one until the person is told. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """One frozen person: all addresses that one act froze, the one in doubt first; by whom, why, since when."""

    addresses: tuple[str, ...]
    by: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Turning:
    """What an act came to. `leaving` are the numbers of released cases of theirs that are on the way to a list.

    `reachable`: another address of the person is known, and is told. `whole` is False where a roster could not be read,
    so that more addresses may be theirs. `on_roster` is False where all could be read, and none knows the address.
    """

    addresses: tuple[str, ...]
    leaving: tuple[str, ...] = ()
    reachable: bool = False
    whole: bool = True
    on_roster: bool = True


@dataclass(frozen=True, slots=True)
class _Known:
    """A person by the rosters: her addresses, the named one first, and the lists she is on."""

    addresses: tuple[str, ...]
    lists: tuple[str, ...]
    whole: bool

    @property
    def on_roster(self) -> bool:
        """Whether a roster knows her, or one that cannot be read may."""
        return bool(self.lists) or not self.whole


class Freezing:
    """Authorises and applies."""

    def __init__(
        self,
        accounts: FreezeStore,
        trail: Trail,
        to_tell: ToTell,
        cases: Cases,
        site: Site,
        clock: Clock,
        rosters: Rosters | None = None,
    ) -> None:
        self._accounts = accounts
        self._trail = trail
        self._to_tell = to_tell
        self._cases = cases
        self._site = site
        self._clock = clock
        self._rosters = rosters

    def may_turn(self, person: Person) -> bool:
        """Whether this person may freeze and thaw: who moderates a list, the secretary's office, the administrators."""
        queues = {queue for entry in self._site.lists for queue in entry.moderators or ("moderators",)}
        return bool(person.served({*queues, SECRETARY})) or AccessRole.ADMIN in person.roles

    def may_look(self, person: Person) -> bool:
        """Whether this person may see who is frozen: auditors too."""
        return self.may_turn(person) or AccessRole.AUDITOR in person.roles

    async def frozen(self, person: Person) -> tuple[Account, ...]:
        """Who is frozen, newest first. Raises NotYours, StoreUnavailable."""
        if not self.may_look(person):
            raise NotYours("Frozen accounts are for moderators, the secretary and administrators.")
        return await self._all()

    async def freeze(self, person: Person, address: str, reason: str) -> Turning:
        """Freeze the person with this address. Raises NotYours (403), NeedsWords (422), StoreUnavailable (503)."""
        address, reason = self._checked(person, address, reason)
        known = self._known(address)
        await self._write(Turned.FROZEN, person, known, address, reason)
        await self._accounts.freeze(known.addresses, person.address, reason, self._clock.now(), address)
        reachable = await self._tell(Turned.FROZEN, known)
        leaving = await self._leaving(known.addresses)
        return Turning(known.addresses, leaving, reachable, known.whole, known.on_roster)

    async def thaw(self, person: Person, address: str, reason: str) -> Turning:
        """End the freeze of the person with this address. Raises as `freeze`."""
        address, reason = self._checked(person, address, reason)
        known, together = self._known(address), await self._together(address)
        addresses = tuple(dict.fromkeys((*together, address, *known.addresses)))  # the one in doubt first
        if person.address in addresses:
            raise NotYours("Nobody ends the freeze of their own account. A colleague does.")
        known = _Known(addresses, known.lists, known.whole)
        frozen = {one for account in await self._all() for one in account.addresses}
        if frozen.isdisjoint({*addresses, UNREADABLE}):
            raise NeedsWords("This account is not frozen.")
        await self._write(Turned.THAWED, person, known, address, reason)
        thawed = await self._accounts.thaw(addresses)
        return Turning(thawed, (), await self._tell(Turned.THAWED, known), known.whole)

    def _checked(self, person: Person, address: str, reason: str) -> tuple[str, str]:
        if not self.may_turn(person):
            raise NotYours("Moderators, the secretary and administrators freeze accounts.")
        address, reason = address.strip().lower(), sentence_of(reason, LONGEST_REASON).strip()
        if not is_safe_address(address):
            raise NeedsWords("This is not a mail address.")
        if self._site.list_for(address) is not None:
            raise NeedsWords("This is a list. Only a person's account can be frozen.")
        if not reason:
            raise NeedsWords("Write one sentence on why. Colleagues read it, the person does not.")
        return address, reason

    async def _all(self) -> tuple[Account, ...]:
        """The frozen addresses, those of one act together."""
        acts: dict[tuple[str, str, float], list[str]] = {}
        for one in sorted(await self._accounts.frozen(), key=lambda freeze: (-freeze.at, not freeze.named)):
            acts.setdefault((one.by, one.reason, one.at), []).append(one.address)
        return tuple(Account(tuple(addresses), *act) for act, addresses in acts.items())

    async def _together(self, address: str) -> tuple[str, ...]:
        """What was frozen with an address, also where the rosters have changed since."""
        found = [account.addresses for account in await self._all() if address in account.addresses]
        return tuple(one for addresses in found for one in addresses)

    def _known(self, address: str) -> _Known:
        """The person with an address by every list's roster; the address alone where none knows it."""
        addresses, lists, whole = {address: True}, [], True
        for entry in self._site.lists if self._rosters is not None else ():
            try:
                found = self._rosters.find(entry.address, address) if self._rosters is not None else None
            except ProbeUnavailable:
                whole = False
                continue
            if found is not None:
                lists.append(entry.address)
                addresses |= {other.lower(): True for other in found.others}
        return _Known(tuple(addresses), tuple(lists), whole)

    async def _write(self, turned: Turned, person: Person, known: _Known, address: str, reason: str) -> None:
        """Write it down before it is done, in the log of each list that it concerns, else of the first."""
        verb = "freeze" if turned is Turned.FROZEN else "thaw"
        personal = {"by": person.address, "author": address, "sentence": reason}
        for name in known.lists or tuple(entry.address for entry in self._site.lists[:1]):
            await self._trail.append(name, verb, self._clock.now(), {"addresses": len(known.addresses)}, personal)

    async def _tell(self, turned: Turned, known: _Known) -> bool:
        """Have the person told by an address that is not the one in doubt; False where none is known."""
        address, *others = known.addresses
        if others:
            await self._to_tell.add(Switch(new_id(), turned, address, tuple(others), self._clock.now()))
        return bool(others)

    async def _leaving(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Cases of these authors that were released and have not arrived: undoing them is another's decision."""
        found: list[str] = []
        cursor = ""
        for _ in range(MOST_PAGES):
            page = await self._cases.page(LEAVING, limit=200, cursor=cursor)
            found += [case.number for case in page.cases if case.draft.author.lower() in addresses]
            cursor = page.cursor
            if not cursor:
                break
        return tuple(found)


def freezing_at(store: Store, site: Site, clock: Clock, rosters: Rosters | None) -> Freezing:
    """The switch for accounts over a connected store."""
    return Freezing(store.accounts, store.trail, Switches(store.redis, store.codec), store.cases, site, clock, rosters)
