"""Who is on which list, from files: read at start and when a file changes, served from memory, last good copy kept."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from listward.config.faults import Fault
from listward.config.site import MailingList, Site
from listward.filters.identity.lookalikes import letters
from listward.filters.identity.origin import Role
from listward.filters.identity.roster_file import RosterError, read_roster
from listward.filters.probes import ProbeUnavailable, RosterEntry

__all__ = ["FileRosters", "RosterError", "read_roster", "roster_path"]

CHECK_EVERY_S = 1.0
INLINE_OCTETS = 131_072
"""Larger files are read in a thread when they change, so that mail does not wait."""

_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Copy:
    """One good reading of a file."""

    entries: dict[str, RosterEntry]
    names: frozenset[str]


def roster_path(site: Site, mailing_list: MailingList) -> Path | str | None:
    """Where a list's roster is: relative paths count from site.toml's folder; None where it has none."""
    if not mailing_list.roster or "://" in mailing_list.roster:
        return mailing_list.roster or None
    return site.directory / mailing_list.roster


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


class FileRosters:
    """Implements probes.Rosters. Safe to ask from any thread."""

    def __init__(
        self, site: Site, clock: Callable[[], float] = time.monotonic, today: Callable[[], date] = today
    ) -> None:
        self._rosters = {
            entry.address: _Roster(path, clock) for entry in site.lists if (path := roster_path(site, entry))
        }
        self._today = today
        self.reload()

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Return the entry of exactly this address, None for a stranger or a list without a roster.

        A ban or leave whose last day is over counts no more. Raises ProbeUnavailable where no copy was ever read.
        """
        copy = self._copy(list_address)
        entry = copy.entries.get(address.lower()) if copy else None
        if entry is None or entry.until is None or entry.until >= self._today():
            return entry
        lapsed = entry.role in {Role.BANNED, Role.ON_LEAVE}
        return replace(entry, role=Role.MEMBER, until=None, reason="") if lapsed else entry

    def names(self, list_address: str) -> frozenset[str]:
        """The list's people by lower-case display name; empty where there is no roster or no copy of it."""
        try:
            copy = self._copy(list_address)
        except ProbeUnavailable:
            return frozenset()
        return copy.names if copy else frozenset()

    def reload(self) -> tuple[Fault, ...]:
        """Read every roster now and return what is wrong; where something is, the last good copy stays."""
        for roster in self._rosters.values():
            roster.read()
        return self.faults

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong at the latest reading, over all lists."""
        return tuple(fault for roster in self._rosters.values() for fault in roster.faults)

    def _copy(self, list_address: str) -> _Copy | None:
        roster = self._rosters.get(list_address.lower())
        return roster.current() if roster else None


class _Roster:
    """One file: its latest good copy and the stamp of the file it was tried from."""

    def __init__(self, path: Path | str, clock: Callable[[], float]) -> None:
        self.faults: tuple[Fault, ...] = ()
        self._path = path
        self._clock = clock
        self._copy: _Copy | None = None
        self._stamp: _Stamp | None = None
        self._look_at = 0.0
        self._reading = threading.Lock()

    def current(self) -> _Copy:
        """The latest good copy, after a look at the file at most once a second. Raises ProbeUnavailable."""
        if self._clock() >= self._look_at:
            self._look()
        if self._copy is None:
            raise ProbeUnavailable("the roster was never read")
        return self._copy

    def read(self) -> None:
        """Read the file; a bad one changes nothing but the faults."""
        with self._reading:
            self._look_at = self._clock() + CHECK_EVERY_S
            self._stamp = self._stat()
            try:
                entries = read_roster(self._path)
            except RosterError as error:
                self.faults = error.faults
                return
            self._copy = _Copy({entry.address: entry for entry in entries}, _names(entries))
            self.faults = ()

    def _look(self) -> None:
        self._look_at = self._clock() + CHECK_EVERY_S
        stamp = self._stat()
        if stamp == self._stamp or self._reading.locked():
            return
        if stamp is None or stamp[1] <= INLINE_OCTETS or self._copy is None:
            self.read()
        else:
            threading.Thread(target=self.read, name="roster", daemon=True).start()

    def _stat(self) -> _Stamp | None:
        """Modification time in nanoseconds and size; None where there is no file."""
        try:
            found = Path(self._path).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _names(entries: Iterable[RosterEntry]) -> frozenset[str]:
    """The display names in lower case, and without accents where they have some."""
    names = {" ".join(entry.name.lower().split()) for entry in entries} - {""}
    return frozenset(names | {letters(name) for name in names if not name.isascii()})
