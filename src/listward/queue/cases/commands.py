"""The acts on a case: who does what, with which words. Checked and applied by the store in one step."""

from dataclasses import dataclass
from enum import StrEnum

from listward.queue.cases.case import Answer


class Verb(StrEnum):
    """What may be done to a case. The last five are the courier's; WITHDRAW is the author's.

    CONFIRM and DENY are the answers of the person with the author's address, where nothing proves the author.
    """

    CLAIM = "claim"
    UNCLAIM = "unclaim"
    RELEASE = "release"
    REJECT = "reject"
    DISCARD = "discard"
    UNDO = "undo"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"
    CONFIRM = "confirm"
    DENY = "deny"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETRY = "retry"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True)
class Command:
    """One act. `by` is a person's address or "courier"; `queue` the queue a release approves for; `at` Unix seconds.

    `deliver_after` is set for release (now + undo time) and for RETRY (the next try); `note` is the failure text of
    FAILED and RETRY, `unknown` says that nobody knows the outcome of the try before. ESCALATE hands `queue` up to the
    queue it escalates to. `answer` belongs to CONFIRM and DENY; a CONFIRM with `deliver_after` releases too.
    """

    verb: Verb
    by: str
    at: float
    queue: str = ""
    clause: str = ""
    sentence: str = ""
    deliver_after: float = 0.0
    note: str = ""
    unknown: bool = False
    answer: Answer | None = None
