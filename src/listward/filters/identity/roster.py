"""Who is on which list: each list's roster from its source, served from memory, the last good copy kept."""

import time
from collections.abc import Callable, Container, Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from listward.config.faults import Fault
from listward.config.mailman_url import is_mailman
from listward.config.site import MailingList, Site
from listward.filters.identity.names import NameKey
from listward.filters.identity.origin import Role
from listward.filters.identity.roster_copy import RosterCopy, role_on
from listward.filters.identity.roster_handed import HandedSource
from listward.filters.identity.roster_source import FileSource, RosterSource
from listward.filters.probes import ProbeUnavailable, RosterEntry

_NOBODY: frozenset[NameKey] = frozenset()
_IN_OFFICE = frozenset({Role.OFFICER, Role.MODERATOR})


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def current(entry: RosterEntry, day: date) -> RosterEntry:
    """The entry as it counts on a day: a ban or leave whose last day is over counts no more."""
    role = role_on(day, entry.role, entry.until)
    return entry if role is entry.role else replace(entry, role=role, until=None, reason="")


def source_for(site: Site, mailing_list: MailingList, clock: Callable[[], float]) -> RosterSource:
    """The source of a list's roster, not read yet. Relative paths count from site.toml's folder."""
    if is_mailman(mailing_list.roster):
        return HandedSource()
    return FileSource(site.directory / mailing_list.roster, clock)


def source_key(site: Site, mailing_list: MailingList) -> Hashable:
    """What tells one source from another: lists that name a file share its copy, a Mailman gives each its own."""
    if is_mailman(mailing_list.roster):
        return mailing_list.roster, mailing_list.address
    return site.directory / mailing_list.roster


@dataclass(frozen=True, slots=True)
class _Officers:
    """The names of those who hold an office, in every copy there is."""

    sources: tuple[RosterSource, ...]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, tuple) and any(self._holds(source, key) for source in self.sources)

    @staticmethod
    def _holds(source: RosterSource, key: NameKey) -> bool:
        try:
            copy = source.copy()
        except ProbeUnavailable:
            return False
        return any(terms.role in _IN_OFFICE for terms in copy.named(key))


class SiteRosters:
    """The rosters of all lists. Implements probes.Rosters. Safe to ask from any thread."""

    def __init__(
        self,
        site: Site,
        previous: "SiteRosters | None" = None,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = today,
    ) -> None:
        """Read every roster; of a source that `previous` has read, only what changed since."""
        self.site, self._today = site, today
        self._sources: dict[Hashable, RosterSource] = dict(previous._sources) if previous else {}
        self._lists: dict[str, RosterSource] = {}
        for entry in site.lists:
            if entry.roster:
                self._lists[entry.address] = self._source(site, entry, clock)
        used = set(map(id, self._lists.values()))
        self._sources = {key: source for key, source in self._sources.items() if id(source) in used}

    def _source(self, site: Site, entry: MailingList, clock: Callable[[], float]) -> RosterSource:
        key = source_key(site, entry)
        source = self._sources.get(key)
        if source is None:
            source = self._sources[key] = source_for(site, entry, clock)
        source.read()
        return source

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Return the entry of exactly this address, None for a stranger or a list without a roster.

        A ban or leave whose last day is over counts no more. Raises ProbeUnavailable where no copy was ever read.
        """
        name = list_address.lower()
        copy = self.copy(name)
        entry = copy.find(name, address) if copy else None
        return current(entry, self._today()) if entry else None

    def names(self, list_address: str) -> Container[NameKey]:
        """The readings of the names of the list's people; empty without a roster, or without a copy of it."""
        name = list_address.lower()
        try:
            copy = self.copy(name)
        except ProbeUnavailable:
            return _NOBODY
        return copy.names(name) if copy else _NOBODY

    def officers(self) -> Container[NameKey]:
        """The readings of the names of officers and moderators of any list."""
        return _Officers(tuple(self._sources.values()))

    def copy(self, list_address: str) -> RosterCopy | None:
        """The copy that serves a list, None for a list without a roster. Raises ProbeUnavailable."""
        source = self._lists.get(list_address)
        return source.copy() if source else None

    def source(self, list_address: str) -> RosterSource | None:
        """The source of a list's roster, None where it has none."""
        return self._lists.get(list_address)

    def look(self) -> None:
        """Take up what changed in any source."""
        for source in self._sources.values():
            source.look()

    def reload(self) -> tuple[Fault, ...]:
        """Take up now what changed, and return what is wrong; where something is, the last good copy stays."""
        for source in self._sources.values():
            source.read()
        return self.faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong at the latest reading, over all lists."""
        return tuple(fault for source in self._sources.values() for fault in source.faults)

    def __iter__(self) -> Iterator[tuple[str, RosterSource]]:
        """Each list that has a roster, by its address, and the source of it."""
        return iter(self._lists.items())
