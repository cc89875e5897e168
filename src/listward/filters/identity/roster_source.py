"""Where a roster comes from: one source serves its latest good copy from memory, whatever happens to the source."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from listward.config.faults import Fault
from listward.filters.identity.roster_copy import RosterCopy, rest
from listward.filters.identity.roster_file import read_roster
from listward.filters.identity.roster_values import RosterError
from listward.filters.probes import ProbeUnavailable

CHECK_EVERY_S = 1.0
SETTLE_S = 1.0
"""A file that changed so lately may still be written."""
BELIEVE_LOSS_S = 60.0
"""A file that lost most of its people is believed once it has stood unchanged for so long."""
LOSS_COUNTS_FROM = 20
"""Smaller rosters change by a half in a day's honest work."""
INLINE_OCTETS = 8_192
"""Larger files are read in a thread when they change: a loop may ask, and mail must not wait for more than some ms."""

_Stamp = tuple[int, int, int, int]
_NEVER: _Stamp = (-1, -1, -1, -1)


class RosterSource(Protocol):
    """One roster, of one list or of several. Every method may be called from any thread."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong at the latest try; () where the copy is what the source says."""
        ...

    @property
    def current_at(self) -> float:
        """When the copy was last known to be what the source says, in Unix seconds; 0 for never."""
        ...

    def copy(self) -> RosterCopy:
        """The latest good copy. Raises ProbeUnavailable where there never was one."""
        ...

    def look(self) -> None:
        """Take up what changed, at most once a second. Quick: what takes long is done in a thread."""
        ...

    def read(self) -> None:
        """Take up what changed, now and in this thread; trouble changes nothing but the faults."""
        ...


class FileSource:
    """A roster file. Implements RosterSource."""

    def __init__(
        self, path: Path, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        self.faults: tuple[Fault, ...] = ()
        self.current_at = 0.0
        self._path, self._clock, self._wall = path, clock, wall
        self._copy: RosterCopy | None = None
        self._tried: _Stamp | None = _NEVER
        self._doubted: _Stamp | None = None
        self._seen: tuple[_Stamp | None, float] = (None, 0.0)
        self._look_at = 0.0
        self._reading = threading.Lock()

    def copy(self) -> RosterCopy:
        """The latest good copy, after a look at the file. Raises ProbeUnavailable."""
        self.look()
        if self._copy is None:
            raise ProbeUnavailable("the roster was never read")
        return self._copy

    def read(self) -> None:
        """Read the file where it changed; a bad one, or one that is being written, changes nothing but the faults."""
        stamp = self._stat()
        if stamp == self._tried:
            self._still_current()
        elif self._copy is None or self._is_settled(stamp):
            self._read(lambda: None)

    def look(self) -> None:
        """Read the file again where it changed and has settled."""
        if self._clock() < self._look_at:
            return
        self._look_at = self._clock() + CHECK_EVERY_S
        stamp = self._stat()
        if stamp == self._tried:
            self._still_current()
        elif self._is_settled(stamp) and not self._reading.locked():
            self._take_up(stamp)

    def _still_current(self) -> None:
        if not self.faults:
            self.current_at = self._wall()

    def _take_up(self, stamp: _Stamp | None) -> None:
        if stamp is None or stamp[1] <= INLINE_OCTETS:
            self._read(lambda: None)
        else:
            threading.Thread(target=self._read, args=(rest,), name="roster", daemon=True).start()

    def _read(self, rest: Callable[[], None]) -> None:
        with self._reading:
            now, self._tried, self._look_at = self._wall(), self._stat(), self._clock() + CHECK_EVERY_S
            try:
                copy = read_roster(self._path, rest)
            except RosterError as error:
                self.faults = error.faults
                return
            if self._stat() != self._tried:
                self._tried = _NEVER  # half of one and half of another: once more when it has settled
                self._refuse("was written to while it was read; it is read again in a second")
            elif self._lost_most(copy):
                self._doubted, self._tried = self._tried, _NEVER
                self._refuse(
                    f"has lost most of its people: {len(copy)} instead of {len(self._copy or ())}; "
                    f"the copy in use stays until the file has stood unchanged for {BELIEVE_LOSS_S:.0f} seconds"
                )
            else:
                self._copy, self.faults, self.current_at = copy, (), now

    def _refuse(self, message: str) -> None:
        self.faults = (Fault(self._path, 0, "", message),)

    def _lost_most(self, copy: RosterCopy) -> bool:
        """Whether this may be a file cut short: a disk ran full, or a program writes it with long pauses."""
        before = len(self._copy) if self._copy else 0
        return before >= LOSS_COUNTS_FROM and 2 * len(copy) < before and self._stands_for(self._tried) < BELIEVE_LOSS_S

    def _is_settled(self, stamp: _Stamp | None) -> bool:
        return self._stands_for(stamp) >= (BELIEVE_LOSS_S if stamp and stamp == self._doubted else SETTLE_S)

    def _stands_for(self, stamp: _Stamp | None) -> float:
        """For how many seconds the file has been as it is, by its own time or since it was first seen so."""
        seen, since = self._seen
        if seen != stamp:
            since = self._clock()
            self._seen = stamp, since
        written = stamp[0] / 1e9 if stamp else 0.0
        return max(self._wall() - written, self._clock() - since)

    def _stat(self) -> _Stamp | None:
        """What changes when the file does: time of writing, size, place on the disk, rights; None without a file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns
