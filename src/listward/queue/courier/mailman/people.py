"""From Mailman's rows to a roster: who is a member, a moderator, moderated or banned (a table in docs/identity.md)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import re2

from listward.filters.identity.author import plain_address
from listward.filters.identity.origin import Role
from listward.filters.message.patterns import PatternSet
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman.persons import Several
from listward.queue.courier.mailman.reading import ListReading
from listward.queue.courier.mailman.rows import MemberRow, last_part

NAME_LETTERS = 200
NO_NAMES = ("", "None")  # mailmanclient, and so Postorius, writes the word None where an owner is given no name
_MOST_PATTERNS = 1000
_BARRED = ("reject", "discard")
_MODERATED = ("hold", "reject", "discard")
Languages = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bans:
    """Whom the list's and the site's bans mean. `unread` counts expressions that RE2 does not take."""

    addresses: frozenset[str]
    patterns: PatternSet
    unread: int = 0

    def mean(self, address: str) -> bool:
        """Whether an address is banned, as Mailman would say: expressions match from the start, without case."""
        return address in self.addresses or bool(self.patterns.found(address.encode()))


def read_bans(bans: Iterable[str]) -> Bans:
    """Sort bans into addresses and expressions."""
    bans = tuple(dict.fromkeys(bans))
    written = [ban for ban in bans if ban.startswith("^")]
    usable = [f"(?i){ban}" for ban in written[:_MOST_PATTERNS] if _compiles(ban)]
    addresses = frozenset(plain_address(ban) for ban in bans if not ban.startswith("^")) - {""}
    return Bans(addresses, PatternSet(usable), len(written) - len(usable))


def roster_of(
    reading: ListReading, bans: Bans, several: Several | None = None, languages: Languages | None = None
) -> tuple[RosterEntry, ...]:
    """Return everybody once, each with all addresses, in an order that a new reading repeats.

    `several` are the confirmed addresses by user, `languages` what was learnt of members, by address.
    """
    making = _Making(reading, bans, several or {}, languages or {})
    return tuple(sorted(making.entries(), key=lambda entry: entry.address))


class _Making:
    """A roster while it is made. An address belongs to one entry."""

    def __init__(self, reading: ListReading, bans: Bans, several: Several, languages: Languages) -> None:
        self._reading = reading
        self._bans = bans
        self._several = several
        self._languages = languages
        self._taken = set[str]()
        offices = (*reading.owners, *reading.moderators)
        self._moderators = {_person(row) for row in offices} | {_address(row) for row in offices}

    def entries(self) -> Iterator[RosterEntry]:
        rows = (*self._reading.members, *self._reading.owners, *self._reading.moderators)
        people: dict[tuple[str, Role, bool], list[MemberRow]] = {}
        for row in rows:
            people.setdefault((_person(row), *self._terms(row)), []).append(row)
        own = {address for row in rows if (address := _address(row))}
        for (person, role, moderated), mine in people.items():
            if (entry := self._entry(person, role, moderated, mine, own)) is not None:
                yield entry
        for address in (*map(_address, self._reading.barred), *sorted(self._bans.addresses)):
            if address and self._take(address):
                yield RosterEntry(address, "", Role.BANNED)

    def _terms(self, row: MemberRow) -> tuple[Role, bool]:
        """Role, and whether somebody reads first. A ban goes before an office; the list's default bans nobody."""
        action = row.moderation_action
        if self._bans.mean(_address(row)) or action in _BARRED:
            return Role.BANNED, False
        held = (action or self._reading.glance.default_action) in _MODERATED
        office = not self._moderators.isdisjoint({_person(row), _address(row)})
        return (Role.MODERATOR, action == "hold") if office else (Role.MEMBER, held)

    def _entry(
        self, person: str, role: Role, moderated: bool, rows: list[MemberRow], own: set[str]
    ) -> RosterEntry | None:
        subscribed = [address for row in rows if (address := _address(row))]
        others = [
            address
            for written in self._several.get(person, ())
            if (address := plain_address(written)) and address not in own and not self._bans.mean(address)
        ]
        mine = [address for address in (*subscribed, *others) if self._take(address)]
        if not mine:
            return None
        name = next((row.display_name for row in rows if row.display_name not in NO_NAMES), "")
        language = next((found for address in mine if (found := self._languages.get(address))), "")
        return RosterEntry(mine[0], name[:NAME_LETTERS], role, moderated, language, others=tuple(mine[1:]))

    def _take(self, address: str) -> bool:
        """Whether the address is still free; from now on it is not."""
        if address in self._taken:
            return False
        self._taken.add(address)
        return True


def _person(row: MemberRow) -> str:
    """Who it is: the user's id, else the address."""
    return last_part(row.user) if row.user else _address(row)


def _address(row: MemberRow) -> str:
    return plain_address(row.email)


def _compiles(pattern: str) -> bool:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error:
        return False
    return True
