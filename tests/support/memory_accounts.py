"""What is remembered of senders, in memory: answers what a test has put there, and keeps what was noted."""

from collections.abc import Iterable

from listward.filters.identity.standing import NO_STANDING, Path, Sighting, Standing
from listward.filters.probes import ProbeUnavailable
from listward.queue.store.ports import StoreUnavailable


class MemoryAccounts:
    """A probe Standings, and what takes notes. `away` answers nobody; `asked` are the questions in order."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {}
        self.away = False
        self.asked: list[tuple[str, tuple[Path, ...]]] = []
        self.noted: list[Sighting] = []

    async def of(self, author: str, paths: tuple[Path, ...]) -> Standing:
        """Return what was put there for this author, whatever the paths."""
        self.asked.append((author, paths))
        if self.away:
            raise ProbeUnavailable("away")
        return self.standings.get(author, NO_STANDING)

    async def note(self, sightings: Iterable[Sighting]) -> None:
        """Keep them."""
        if self.away:
            raise StoreUnavailable("away")
        self.noted += sightings


class SilentPresence:
    """Takes what a process says it runs, and keeps nothing."""

    async def say(self, process: object) -> None:
        """Nobody asks."""
