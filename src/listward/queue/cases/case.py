"""A case: one held message for one list, from hold to final ruling. Pure values."""

from dataclasses import dataclass
from enum import StrEnum

from listward.filters.identity.standing import Path, Post


class CaseState(StrEnum):
    """Where a case stands."""

    HELD = "held"
    CLAIMED = "claimed"
    RELEASED = "released"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    DISCARDED = "discarded"
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    ESCALATED = "escalated"
    FINAL = "final"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a hold, as people read it. `view`, `start`, `end` mark `quote` in the message's view."""

    rule: str
    category: str
    clause: str
    sentence: str
    view: str = ""
    start: int = 0
    end: int = 0
    quote: str = ""


@dataclass(frozen=True, slots=True)
class StoredEnvelope:
    """The whole envelope with its parameters; release replays it. `recipient_parameters` pairs with `recipients`."""

    sender: str
    recipients: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    recipient_parameters: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class CopyTo:
    """Who gets a copy once a message has gone to its list, by which rule. `key` is the same for all its lists."""

    rule: str
    to: tuple[str, ...]
    key: str
    clause: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What the gateway knows when it holds a message for one list; the store gives it a number.

    `ledger_key` makes holding idempotent: the same key for the same list returns the case that exists.
    `internal` is an internal matter (its text goes to no outside mailbox). `paths` are the ways this message took, kept
    where nothing proves its author. `basis` says in one word what the origin rests on, `grounds` in sentences. `post`
    is what it makes usual for a proven author once it has gone to the list, as hashes. `copies` go out once it is
    delivered; a case that `is_copy` is one of them. Times are Unix seconds.
    """

    list: str
    message_id: str
    author: str
    author_name: str
    origin: str
    authenticated: bool
    role: str
    subject: str
    first_lines: str
    size: int
    envelope: StoredEnvelope
    next_hop: str
    queues: tuple[str, ...]
    reasons: tuple[Reason, ...]
    received_at: float
    ledger_key: str
    policy_hash: str
    spam_score: float = 0.0
    internal: bool = False
    linked: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    basis: str = ""
    grounds: tuple[str, ...] = ()
    post: Post | None = None
    copies: tuple[CopyTo, ...] = ()
    is_copy: bool = False

    @property
    def proven_member(self) -> bool:
        """Whether it is proven that a member or an insider wrote it. Anybody can prove an address: that is `known`."""
        return self.authenticated and self.origin in {"member", "internal"}


@dataclass(frozen=True, slots=True)
class Approval:
    """One queue's approval of one case."""

    queue: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Ruling:
    """The last decision on a case. `by` is the person's address; notices show the office only."""

    verb: str
    by: str
    at: float
    clause: str = ""
    sentence: str = ""


class Said(StrEnum):
    """What the person with the author's address says of the message."""

    HERS = "hers"
    NOT_HERS = "not-hers"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of the person with the author's address, who was asked because nothing proves the author.

    Where the message is hers it counts as a member's: `role` is by the roster, `reasons` are what it is held for then.
    """

    said: Said
    at: float
    role: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A case as stored. `version` grows by one with every transition; a command names the version it expects.

    `attempts` and `unknowns` count the tries of the present release, and those of them whose outcome nobody knows.
    """

    number: str
    version: int
    state: CaseState
    draft: CaseDraft
    opened_at: float
    changed_at: float
    claimed_by: str = ""
    approvals: tuple[Approval, ...] = ()
    ruling: Ruling | None = None
    deliver_after: float = 0.0
    failure: str = ""
    attempts: int = 0
    unknowns: int = 0
    answer: Answer | None = None

    @property
    def denied(self) -> bool:
        """Whether the person with the author's address says that the message is not hers."""
        return self.answer is not None and self.answer.said is Said.NOT_HERS
