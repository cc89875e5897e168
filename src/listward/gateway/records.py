"""The ledger as the gateway uses it: what is settled for this very message, and how often it has failed."""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from listward.filters.identity.origin import OriginKind
from listward.gateway.trace.facts import Facts
from listward.queue.store.ports import Ledger, StoreUnavailable

STORE_TIMEOUT_S = 3.0
MOST_TRIES = 3  # from the third failure on a message is held: no poison loop
RELAYED, DISCARDED, UNKNOWN = "relayed", "discarded", "unknown"
_HELD, _TRIES = "held:", "tries:"


def copy_name(sender: str, recipient: str, facts: Facts) -> str:
    """Return the hex SHA-256 that names one recipient's copy of one message of one author."""
    parts = (sender, recipient, facts.author, facts.message_id, facts.digest)
    lengths = "".join(f"{len(part)}:{part}" for part in parts)  # so that no two lists of parts read alike
    return hashlib.sha256(lengths.encode("utf-8", "surrogateescape")).hexdigest()


def ledger_key(name: str, purpose: str) -> str:
    """Return the key of a copy. `purpose` is its origin or a counter.

    Origin and author are part of the key, so that a copy of weaker origin never suppresses the genuine one.
    """
    return f"{name}:{purpose}"


def held(number: str) -> str:
    """Return the outcome of a hold."""
    return _HELD + number


@dataclass(frozen=True, slots=True)
class Records:
    """What the ledger knew when the message came; `available` is False where it could not be asked."""

    sender: str
    facts: Facts
    known: dict[str, str] = field(default_factory=dict)
    available: bool = True

    def key(self, recipient: str, purpose: str) -> str:
        """Return the key of one recipient's copy."""
        return ledger_key(copy_name(self.sender, recipient, self.facts), purpose)

    def is_settled(self, key: str) -> bool:
        """Whether a recipient is done with."""
        outcome = self.known.get(key, "")
        return outcome in {RELAYED, DISCARDED} or outcome.startswith(_HELD)

    def case(self, key: str) -> str:
        """Return the number of the case a recipient's copy became, "" where it became none."""
        outcome = self.known.get(key, "")
        return outcome.removeprefix(_HELD) if outcome.startswith(_HELD) else ""

    def tries(self, recipients: Iterable[str], counter: str) -> int:
        """Return how often this message has failed for any of the recipients."""
        outcomes = [self.known.get(self.key(recipient, counter), "") for recipient in recipients]
        counts = [outcome.removeprefix(_TRIES) for outcome in outcomes if outcome.startswith(_TRIES)]
        return max((int(count) for count in counts if count.isdecimal()), default=0)

    def one_more(self, recipients: Iterable[str], counter: str) -> dict[str, str]:
        """Return the outcomes that count one more failure."""
        recipients = tuple(recipients)
        count = self.tries(recipients, counter) + 1
        return {self.key(recipient, counter): f"{_TRIES}{count}" for recipient in recipients}


JUDGING, PASSING_ON, EGRESS = "tries-judging", "tries-passing-on", "egress"
_INGRESS_PURPOSES = (*(kind.value for kind in OriginKind), JUDGING, PASSING_ON)
_EGRESS_PURPOSES = (EGRESS, PASSING_ON)


async def look_up(ledger: Ledger, sender: str, recipients: Iterable[str], facts: Facts, egress: bool) -> Records:
    """Ask the ledger once, before judging, for every origin that judging may find."""
    purposes = _EGRESS_PURPOSES if egress else _INGRESS_PURPOSES
    names = [copy_name(sender, recipient, facts) for recipient in recipients]
    keys = [ledger_key(name, purpose) for name in names for purpose in purposes]
    try:
        async with asyncio.timeout(STORE_TIMEOUT_S):
            return Records(sender, facts, await ledger.settled(keys))
    except (StoreUnavailable, TimeoutError):
        return Records(sender, facts, available=False)


async def write_down(ledger: Ledger, outcomes: dict[str, str]) -> bool:
    """Record outcomes; False where the ledger could not be written, which costs a duplicate at most."""
    if not outcomes:
        return True
    try:
        async with asyncio.timeout(STORE_TIMEOUT_S):
            await ledger.settle(outcomes)
    except (StoreUnavailable, TimeoutError):
        return False
    return True
