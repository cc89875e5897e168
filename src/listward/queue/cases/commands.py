"""The acts on a case: who does what, with which words. Checked and applied by the store in one step."""

from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What may be done to a case. The last five are the courier's; WITHDRAW is the author's."""

    CLAIM = "claim"
    UNCLAIM = "unclaim"
    RELEASE = "release"
    REJECT = "reject"
    DISCARD = "discard"
    UNDO = "undo"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"
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
    queue it escalates to.
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
