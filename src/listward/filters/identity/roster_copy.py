"""One list's people, or those of several lists that share a roster: an immutable value that takes little memory.

Whatever the source (a file, a list server), it yields entries and a copy is made of them. A copy holds no Python object
a person, so it costs some eighty octets each, a forked process shares it with its parent, and no look-up walks it.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from struct import Struct

from listward.filters.identity.author import plain_address
from listward.filters.identity.names import NameKey, readings
from listward.filters.identity.origin import Role
from listward.filters.identity.roster_index import Gathering, HashIndex
from listward.filters.probes import RosterEntry

LAPSING = frozenset({Role.BANNED, Role.ON_LEAVE})
PEOPLE_AT_ONCE = 100
"""After so many people whoever makes a copy beside other work may rest."""
_HEAD = Struct("<II")  # which terms; octets of text
_BETWEEN = "\n"
_REST_S = 0.0005


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a roster says of a person besides name and addresses. Most people share theirs with many."""

    role: Role
    first_posts_moderated: bool
    first_posts: int
    language: str
    until: date | None
    reason: str
    lists: tuple[str, ...]

    def serve(self, list_address: str) -> bool:
        """Whether they hold on this list, which is named by its address or short name."""
        lists = self.lists
        return not lists or list_address in lists or list_address.partition("@")[0] in lists


@dataclass(frozen=True, slots=True)
class _Record:
    terms: _Terms
    name: str
    addresses: tuple[str, ...]

    def entry(self, address: str) -> RosterEntry:
        terms = self.terms
        return RosterEntry(
            address,
            self.name,
            terms.role,
            terms.first_posts_moderated,
            terms.language,
            terms.until,
            terms.reason,
            tuple(other for other in self.addresses if other != address),
            terms.first_posts,
            terms.lists,
        )


@dataclass(frozen=True, slots=True)
class RosterCopy:
    """People by address and by name. Made by `copy_of`; equal people in equal order have an equal `digest`."""

    digest: str
    _text: bytes = field(repr=False)
    _terms: tuple[_Terms, ...] = field(repr=False)
    _counts: tuple[int, ...] = field(repr=False)
    _addresses: HashIndex = field(repr=False)
    _names: HashIndex = field(repr=False)
    _several: bool = False
    """Whether some address stands on several lines, each for other lists."""

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Return what stands of an address on a list, None for a stranger. The list's address is in lower case.

        Where several lines name an address, the one that names the list counts before one for all lists, and a line
        of its own before one where it is somebody's other address.
        """
        plain = _plain(address)
        found = [record for record in self._at(plain) if record.terms.serve(list_address)]
        best = max(found, key=lambda record: (bool(record.terms.lists), record.addresses[0] == plain), default=None)
        return best.entry(plain) if best else None

    def names(self, list_address: str) -> Container[NameKey]:
        """The readings of the names of a list's people (`names.readings`)."""
        return _Names(self, list_address)

    def people(self, list_address: str) -> Iterator[RosterEntry]:
        """Each person on a list once, by the first address, in the source's order."""
        for record in self._records():
            if record.terms.serve(list_address):
                entry = record.entry(record.addresses[0])
                if not self._several or self.find(list_address, entry.address) == entry:
                    yield entry

    def roles(self, list_address: str, day: date = date.min) -> Counter[Role]:
        """How many people have each role on a list, as it counts on a day.

        Walks the people only where some address stands on several lines.
        """
        if self._several:
            return Counter(role_on(day, person.role, person.until) for person in self.people(list_address))
        counted = Counter[Role]()
        for terms, count in zip(self._terms, self._counts, strict=True):
            if terms.serve(list_address):
                counted[role_on(day, terms.role, terms.until)] += count
        return counted

    def __len__(self) -> int:
        """How many lines there are, over all lists: one a person, but for roles on one list."""
        return sum(self._counts)

    @property
    def octets(self) -> int:
        """How much memory the copy takes, but for the few terms."""
        return len(self._text) + self._addresses.octets + self._names.octets

    def named(self, key: NameKey) -> Iterator[_Terms]:
        """The terms of the people whose name has this reading."""
        for position in self._names.at(hash(key)):
            record = self._record(position)[0]
            if key in readings(record.name):
                yield record.terms

    def _at(self, address: str) -> Iterator[_Record]:
        for position in self._addresses.at(hash(address)):
            record = self._record(position)[0]
            if address in record.addresses:
                yield record

    def _records(self) -> Iterator[_Record]:
        position = 0
        while position < len(self._text):
            record, position = self._record(position)
            yield record

    def _record(self, position: int) -> tuple[_Record, int]:
        """The record at a position, and where the next one begins."""
        which, length = _HEAD.unpack_from(self._text, position)
        start = position + _HEAD.size
        name, *addresses = str(self._text[start : start + length], "utf-8").split(_BETWEEN)
        return _Record(self._terms[which], name, tuple(addresses)), start + length


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of one list's people, as a container of their readings."""

    copy: RosterCopy
    list_address: str

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and any(terms.serve(self.list_address) for terms in self.copy.named(key))


def role_on(day: date, role: Role, until: date | None) -> Role:
    """What a role counts as on a day: a ban or leave whose last day is over is no more."""
    return Role.MEMBER if role in LAPSING and until is not None and until < day else role


def rest() -> None:
    """Let other threads run: while Python code runs, they wait. For `copy_of` in a thread."""
    time.sleep(_REST_S)


def copy_of(people: Iterable[RosterEntry], rest: Callable[[], None] = lambda: None) -> RosterCopy:
    """Make a copy of people, each given once with all addresses: one as `address`, the rest as `others`.

    Addresses are plain (`author.plain_address`); lists in lower case, as addresses or short names, none for all lists.
    `rest` is called between each hundred people, for whoever makes a copy while other threads have work to do.
    """
    making = _Making()
    for count, person in enumerate(people, start=1):
        making.add(person)
        if count % PEOPLE_AT_ONCE == 0:
            rest()
    return making.copy()


class _Making:
    """A copy while it is made."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._terms: dict[_Terms, int] = {}
        self._counts: list[int] = []
        self._addresses, self._names = Gathering(), Gathering()
        self._lines, self._held = set[int](), set[int]()
        self._several = False

    def add(self, person: RosterEntry) -> None:
        """Add a line; a second one of the same address for the same lists says nothing."""
        line = hash((person.address, person.lists))
        if line not in self._lines:
            self._lines.add(line)
            self._add(person)

    def _add(self, person: RosterEntry) -> None:
        which = self._which(person)
        position, addresses = len(self._text), (person.address, *person.others)
        text = _BETWEEN.join((_one_line(person.name), *addresses)).encode()
        self._text += _HEAD.pack(which, len(text)) + text
        self._counts[which] += 1
        for address in dict.fromkeys(addresses):
            self._several = self._several or hash(address) in self._held
            self._held.add(hash(address))
            self._addresses.add(hash(address), position, (which, address == person.address))
        for key in readings.__wrapped__(person.name):
            self._names.add(hash(key), position, person.lists)

    def copy(self) -> RosterCopy:
        text, terms = bytes(self._text), tuple(self._terms)
        digest = hashlib.sha256(text)
        digest.update(repr(terms).encode())
        indexes = (self._addresses.index(), self._names.index())
        return RosterCopy(digest.hexdigest(), text, terms, tuple(self._counts), *indexes, self._several)

    def _which(self, person: RosterEntry) -> int:
        terms = _Terms(
            person.role,
            person.first_posts_moderated,
            person.first_posts,
            person.language,
            person.until,
            _one_line(person.reason),
            person.lists,
        )
        which = self._terms.setdefault(terms, len(self._terms))
        if which == len(self._counts):
            self._counts.append(0)
        return which


def _plain(address: str) -> str:
    """An address as rosters hold it; one that is none is nobody's."""
    return address.lower() if address.isascii() else plain_address(address)


def _one_line(text: str) -> str:
    return " ".join(text.split())
