"""A roster that is brought here: whoever has the copy from elsewhere hands it over, and it is served from memory."""

from listward.config.faults import Fault
from listward.filters.identity.roster_copy import RosterCopy
from listward.filters.probes import ProbeUnavailable


class HandedSource:
    """Implements RosterSource for a list whose roster another process reads. `mark` tells the copy in use."""

    def __init__(self) -> None:
        self.faults: tuple[Fault, ...] = ()
        self.current_at = 0.0
        self.mark = ""
        self._copy: RosterCopy | None = None

    def copy(self) -> RosterCopy:
        """The copy handed last. Raises ProbeUnavailable where there never was one."""
        if self._copy is None:
            raise ProbeUnavailable("the roster was never read")
        return self._copy

    def hand(self, copy: RosterCopy, mark: str) -> None:
        """Serve another copy from now on."""
        self._copy, self.mark, self.faults = copy, mark, ()

    def look(self) -> None:
        """Nothing: what changed is brought here."""

    def read(self) -> None:
        """Nothing either."""
