"""What is to be done for one recipient, and what has been done."""

from dataclasses import dataclass, field
from enum import StrEnum

from listward.filters.judgement import Action, RecipientVerdict
from listward.filters.routing.kinds import Target
from listward.queue.cases.case import CopyTo, Reason


@dataclass(frozen=True, slots=True)
class Course:
    """One recipient's part. `key` is its ledger key; `action` is accept, hold or discard.

    `copies` are sent once its list has the message.
    """

    target: Target
    action: Action
    key: str
    queues: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    verdict: RecipientVerdict | None = None
    copies: tuple[CopyTo, ...] = ()

    @property
    def address(self) -> str:
        """The recipient's address as it was given."""
        return self.target.address


class Fate(StrEnum):
    """How one recipient's part ended, for the reply, the log and the metrics."""

    RELAYED = "relayed"
    REPEATED = "repeated"
    HELD = "held"
    DISCARDED = "discarded"
    UNKNOWN = "unknown"
    DEFERRED = "deferred"
    REFUSED = "refused"

    @property
    def settled(self) -> bool:
        """Whether custody of this recipient's copy is with somebody for good."""
        return self in {Fate.RELAYED, Fate.REPEATED, Fate.HELD, Fate.DISCARDED}


@dataclass(frozen=True, slots=True)
class Ending:
    """Fates by recipient address; `cases` are the numbers of holds; `code`, `enhanced` the next hop's refusal."""

    fates: dict[str, Fate] = field(default_factory=dict)
    cases: tuple[str, ...] = ()
    code: int = 0
    enhanced: str = ""

    @property
    def settled(self) -> bool:
        """Whether 250 may be said."""
        return bool(self.fates) and all(fate.settled for fate in self.fates.values())

    @property
    def refused(self) -> bool:
        """Whether a next hop has refused every recipient for good, before it saw the content."""
        refused = all(fate is Fate.REFUSED for fate in self.fates.values())
        return bool(self.fates) and 500 <= self.code < 600 and refused
