"""The ledger as the gateway uses it: what is settled for this very message, and how often it has failed.

One call before judging reads and claims, so that of two copies at once only one is acted on, in whatever worker; one
call at the end writes and gives the claim back.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType

from listward.filters.identity.origin import Origin, OriginKind
from listward.gateway.services import Services
from listward.gateway.session.door import Arrival
from listward.gateway.trace.facts import Facts
from listward.queue.store.ports import StoreUnavailable

CLAIM_EXTRA_S = 30.0  # beyond the deadline of the reply: by then this copy's work has ended, or its worker has
LATE_PAUSE_S = 0.5
LAST_MOMENT_S = 3.0
MOST_LATE = 10_000  # records of messages that wait for the store to come back: some kilobytes each
MOST_TRIES = 3  # from the third failure on a message is held: no poison loop
Settle = Callable[[], Awaitable[None]]
RELAYED, DISCARDED, UNKNOWN = "relayed", "discarded", "unknown"
HOLDING = "holding"  # a hold was begun and its answer never came: the case may be there
JUDGING, PASSING_ON, EGRESS = "tries-judging", "tries-passing-on", "egress"
_HELD, _TRIES = "held:", "tries:"
VOUCHED = "vouched"  # a member by a vouch is proven less than another: her copy never stands for the proven one
_ORIGINS = (*(kind.value for kind in OriginKind), VOUCHED)
_INGRESS_PURPOSES = (*_ORIGINS, JUDGING, PASSING_ON)
_EGRESS_PURPOSES = (EGRESS, PASSING_ON)
_BY_ROSTER = (OriginKind.INTERNAL.value, OriginKind.MEMBER.value, OriginKind.KNOWN.value)
_PROVEN = frozenset({*_BY_ROSTER, VOUCHED})
_NO_WEAKER = dict.fromkeys(_BY_ROSTER[1:], _BY_ROSTER) | {VOUCHED: (*_BY_ROSTER, VOUCHED)}
"""What copies no copy of this purpose adds to: those that are proven as well or better."""


def copy_name(recipient: str, facts: Facts, sender: str = "") -> str:
    """Return the hex SHA-256 that names one recipient's copy of one message of one author."""
    return _digest(sender, recipient, facts.author, facts.message_id, facts.digest)


def purpose_of(origin: Origin) -> str:
    """Return the purpose that one origin's copy is settled under."""
    return VOUCHED if origin.vouched else origin.kind.value


def held(number: str) -> str:
    """Return the outcome of a hold."""
    return _HELD + number


@dataclass(slots=True)
class Records:
    """What the ledger knew when the message came, and what has to be written there.

    `available` is False where it could not be asked, `free` where another copy is being acted on. `lapsed`: a worker
    died with an earlier try, which may have been delivered. `outcomes` are written at the end.
    """

    sender: str
    facts: Facts
    on_way_out: bool = False
    known: dict[str, str] = field(default_factory=dict)
    available: bool = True
    free: bool = True
    lapsed: bool = False
    outcomes: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict, repr=False)
    _sender_mark: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._sender_mark = _digest(self.sender)[:16]

    def key(self, recipient: str, purpose: str) -> str:
        """Return the key of one recipient's copy. `purpose` is its origin or a counter.

        Origin and author are part of the key, so that a copy of weaker origin never suppresses the genuine one. Where
        the author is proven, or vouched for, the envelope sender is not: whoever sends her signed mail on could choose
        another one.
        """
        if self.on_way_out:  # one message may come from several lists, each with its own sender
            return f"{self._name(recipient, self.sender)}:{purpose}"
        name = self._name(recipient, "")
        return f"{name}:{purpose}" if purpose in _PROVEN else f"{name}:{purpose}/{self._sender_mark}"

    def copy_key(self, recipient: str, purpose: str) -> str:
        """Return the key that one recipient's copy is settled under: that of a copy proven no less, where it is done.

        Else whoever sends a signed post of ours on, with one more field that makes it a member's only, had it posted
        twice.
        """
        stronger = (self.key(recipient, other) for other in _NO_WEAKER.get(purpose, ()))
        return next(filter(self.is_settled, stronger), self.key(recipient, purpose))

    def keys(self, recipients: Iterable[str]) -> list[str]:
        """Return every key that judging may need."""
        purposes = _EGRESS_PURPOSES if self.on_way_out else _INGRESS_PURPOSES
        return [self.key(recipient, purpose) for recipient in recipients for purpose in purposes]

    @property
    def doubtful(self) -> bool:
        """Whether an earlier try may have written a case that the ledger does not know."""
        return self.lapsed or HOLDING in self.known.values()

    def copies(self, recipient: str) -> list[str]:
        """Return the keys of one recipient's copy, one for every origin."""
        return [self.key(recipient, origin) for origin in _ORIGINS]

    def settled_copy(self, recipient: str) -> str:
        """Return the key under which an earlier try has settled a recipient, whatever origin it found; "" for none."""
        return next(filter(self.is_settled, self.copies(recipient)), "")

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

    def one_more(self, recipients: Iterable[str], counter: str) -> None:
        """Count one more failure."""
        recipients = tuple(recipients)
        count = self.tries(recipients, counter) + 1
        self.outcomes |= {self.key(recipient, counter): f"{_TRIES}{count}" for recipient in recipients}

    def _name(self, recipient: str, sender: str) -> str:
        name = self._names.get(recipient)
        if name is None:
            name = self._names[recipient] = copy_name(recipient, self.facts, sender)
        return name


class KeptRecords:
    """Asks the ledger and claims this message's copies; in the end, however it comes, writes down what was settled.

    `async with` gives the Records.
    """

    def __init__(
        self,
        services: Services,
        arrival: Arrival,
        facts: Facts,
        recipients: Iterable[str],
        reply_deadline_s: float,
        on_way_out: bool = False,
    ) -> None:
        self._services = services
        self._arrival = arrival
        self._records = Records(arrival.envelope.sender, facts, on_way_out)
        self._keys = self._records.keys(dict.fromkeys(recipients))
        self._lasts_s = reply_deadline_s + CLAIM_EXTRA_S

    async def __aenter__(self) -> Records:
        """Claim. While the ledger is away the records are not `available`."""
        records = self._records
        try:
            claimed = await self._services.ledger.claim(self._keys, self._arrival.id, self._lasts_s)
            records.known, records.free, records.lapsed = claimed.known, claimed.free, claimed.lapsed
        except StoreUnavailable:
            records.available = False
        return records

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write down what the next hop has taken, whatever happened next."""
        # Cancelled: nobody knows what the next hop has done. The claim stays, and tells of it.
        keys = [] if isinstance(error, asyncio.CancelledError) else self._keys
        if self._records.outcomes or (keys and self._records.free):
            await _write_down(self._services, self._arrival, self._records, keys, self._lasts_s)


async def _write_down(
    services: Services, arrival: Arrival, records: Records, claimed: list[str], lasts_s: float
) -> None:
    """Record outcomes and end our claim. While that fails the claim still stands, so there is time to do it later."""
    owner = arrival.id if claimed else ""
    settle = partial(services.ledger.settle, dict(records.outcomes), owner, claimed)
    if (records.outcomes or records.available) and await _settles(settle):
        return
    if records.outcomes:
        services.log.event("unrecorded", arrival.id)
    if not records.available:  # whether we have the claim is not known; another copy's outcomes may be newer than ours
        settle = partial(services.ledger.settle, {}, owner, claimed)
    if len(services.late) < MOST_LATE:
        task = asyncio.create_task(_write_down_later(settle, arrival.dot + lasts_s))
        services.late.add(task)
        task.add_done_callback(services.late.discard)


async def end_late_writes(services: Services) -> None:
    """Give what is still to be written a last moment. What stays unwritten is counted when its claim lapses."""
    if services.late:
        _, unwritten = await asyncio.wait(set(services.late), timeout=LAST_MOMENT_S)
        for task in unwritten:
            task.cancel()


async def _settles(settle: Settle) -> bool:
    """Try once. Whatever goes wrong here changes nothing about what has been delivered."""
    try:
        await settle()
    except Exception:
        return False
    return True


async def _write_down_later(settle: Settle, until: float) -> None:
    """Go on trying while nobody else can act on these copies; a claim that lapses then is counted as one."""
    while time.monotonic() + LATE_PAUSE_S < until:
        await asyncio.sleep(LATE_PAUSE_S)
        if await _settles(settle):
            return


def _digest(*parts: str) -> str:
    lengths = "".join(f"{len(part)}:{part}" for part in parts)  # so that no two lists of parts read alike
    return hashlib.sha256(lengths.encode("utf-8", "surrogateescape")).hexdigest()
