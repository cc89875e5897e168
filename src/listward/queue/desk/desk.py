"""What the doors share: one desk, handed to the pages and to the API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from listward.config.load import Configuration
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case
from listward.queue.desk.access.door import Door
from listward.queue.desk.access.person import Person
from listward.queue.desk.freezing import Freezing
from listward.queue.desk.reads import Reads
from listward.queue.desk.rulings import Rulings
from listward.queue.desk.trials import Trials
from listward.queue.notices.confirming import Confirming, Judging
from listward.queue.store.ports import Cases
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

__all__ = ["Desk", "Judging", "Ready"]

Ready = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Desk:
    """The desk of one process. `ready` answers "" when a hold can be kept, else one plain sentence.

    Without `confirming` nobody is asked anything by link.
    """

    configuration: Configuration
    cases: Cases
    rulings: Rulings
    door: Door
    freezing: Freezing
    judge: Judging
    reads: Reads
    ready: Ready
    clock: Clock
    metrics: Metrics
    trials: Trials
    rosters: Rosters | None = None
    confirming: Confirming | None = None

    @property
    def secure(self) -> bool:
        """Whether people reach us by https, so that cookies are for https alone."""
        return self.configuration.site.console.public_url.startswith("https://")

    async def open(self, person: Person, number: str, what: str = "opened") -> Case:
        """Return a case for reading, and write the reading down. Raises as Rulings.see."""
        case = await self.rulings.see(person, number)
        await self.reads.note(case.draft.list, number, person.address, what, self.clock.now())
        return case
