"""Judges a history: pure, so that doctored histories can prove that it sees what it is for.

The promise: every 250 is at the next hop, in a case or in an audited discard. A second copy needs a lost reply, and the
gateway counts at least as many as there are. One message makes one case a list. Nothing is delivered in part.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos_history import Arrival, Fault, History, Kept, Sent, Told

# What may cost the reply of a next hop: it or the way to it was broken, or whoever waited for it has died.
LOSES_REPLIES = frozenset({"hop", "way", "worker"})
DISCARDED = frozenset({"discarded"})
SLACK_S = 2.0  # between an act on a process and its being written down
Copy = tuple[str, str]  # message and recipient


@dataclass(frozen=True, slots=True)
class Findings:
    """The judgement. `violations` are sentences; empty means that the promise was kept."""

    violations: tuple[str, ...]
    messages: int = 0
    tries: int = 0
    accepted: int = 0
    refused: int = 0
    relayed: int = 0
    held: int = 0
    discarded: int = 0
    duplicates: int = 0
    counted: int = 0
    lost: int = 0


@dataclass(slots=True)
class _Case:
    """A history, sorted by what it is about."""

    history: History
    sent: dict[str, Sent] = field(default_factory=dict)
    told: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    arrived: dict[Copy, list[Arrival]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[Copy, list[Kept]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.sent = {event.message: event for event in self.history.sent()}
        for told in self.history.told():
            self.told[told.message].append(told)
        for arrival in sorted(self.history.arrivals(), key=lambda event: event.at):
            for recipient in arrival.recipients:
                self.arrived[arrival.message, recipient].append(arrival)
        for case in self.history.kept():
            for recipient in case.recipients:
                self.kept[case.message, recipient].append(case)

    def last(self, message: str) -> int:
        """The code of the last try, 0 where there was none."""
        return self.told[message][-1].code if self.told[message] else 0

    def accepted(self, message: str) -> bool:
        """Whether a client ever heard 250 for it."""
        return any(told.code == 250 for told in self.told[message])


def judge(history: History) -> Findings:
    """Judge a history."""
    case = _Case(history)
    lost = list(_lost(case))
    violations = [
        *lost,
        *_unsettled(case),
        *_refused_and_kept(case),
        *_second_cases(case),
        *_unexplained(case),
        *_uncounted(case),
        *_unreleased(case),
        *_strange(case),
    ]
    kept = [one for cases in case.kept.values() for one in cases]
    return Findings(
        violations=tuple(violations),
        messages=len(case.sent),
        tries=sum(len(tries) for tries in case.told.values()),
        accepted=sum(case.accepted(message) for message in case.sent),
        refused=sum(500 <= case.last(message) < 600 for message in case.sent),
        relayed=len(case.arrived),
        held=sum(one.state not in DISCARDED for one in kept),
        discarded=sum(one.state in DISCARDED for one in kept),
        duplicates=sum(len(copies) - 1 for copies in case.arrived.values()),
        counted=int(history.counted("duplicates_possible")),
        lost=len(lost),
    )


def _lost(case: _Case) -> Iterator[str]:
    """A 250 whose copy is nowhere: the one thing that must never be."""
    for sent in case.sent.values():
        if not case.accepted(sent.message):
            continue
        for recipient in sent.recipients:
            copy = sent.message, recipient
            if not case.arrived.get(copy) and not any(_in_custody(one) for one in case.kept.get(copy, ())):
                yield f"lost: {sent.message} for {recipient} got 250 and is nowhere"


def _in_custody(kept: Kept) -> bool:
    """Whether a case is custody: a discard counts when the audit names who did it."""
    return bool(kept.by) if kept.state in DISCARDED else True


def _unsettled(case: _Case) -> Iterator[str]:
    """A message that its client could not bring to an end although all was mended."""
    for message in case.sent:
        code = case.last(message)
        if code != 250 and not 500 <= code < 600:
            yield f"unsettled: {message} ended with {code} after {len(case.told[message])} tries"


def _refused_and_kept(case: _Case) -> Iterator[str]:
    """A refusal says that nobody has it. Where a reply was lost nobody can know."""
    for sent in case.sent.values():
        if not 500 <= case.last(sent.message) < 600:
            continue
        for recipient in sent.recipients:
            copies = case.arrived.get((sent.message, recipient), [])
            cases = case.kept.get((sent.message, recipient), [])
            if cases or any(not _reply_was_lost(case, copy, case.told[sent.message][-1].ended) for copy in copies):
                yield f"halved: {sent.message} was refused, and {recipient} has it"


def _second_cases(case: _Case) -> Iterator[str]:
    for (message, recipient), cases in case.kept.items():
        if len(cases) > 1:
            yield f"second case: {message} for {recipient} is {', '.join(one.number for one in cases)}"


def _unexplained(case: _Case) -> Iterator[str]:
    """A second copy where no reply was lost."""
    for (message, recipient), copies in case.arrived.items():
        for first, second in itertools.pairwise(copies):
            if not _reply_was_lost(case, first, second.at):
                yield f"second copy: {message} for {recipient} came again at {second.at:.1f}, no reply was lost"


def _reply_was_lost(case: _Case, copy: Arrival, till: float) -> bool:
    return not copy.acked or any(_overlaps(fault, copy.at, till) for fault in case.history.faults())


def _overlaps(fault: Fault, began: float, ended: float) -> bool:
    touches = fault.began <= ended + SLACK_S and began - SLACK_S <= fault.ended
    return fault.part in LOSES_REPLIES and touches


def _uncounted(case: _Case) -> Iterator[str]:
    """More copies than the gateway, or for released cases the courier, has said there may be."""
    surplus: Counter[str] = Counter()
    for copy, copies in case.arrived.items():
        surplus["released_possible" if case.kept.get(copy) else "duplicates_possible"] += len(copies) - 1
    for name, found in surplus.items():
        if found > case.history.counted(name):
            yield f"uncounted: {found} second copies, {name} says {case.history.counted(name):g}"


def _unreleased(case: _Case) -> Iterator[str]:
    for kept in case.history.kept():
        if kept.state in {"released", "delivering"}:
            yield f"stuck: case {kept.number} is {kept.state} in the end"
        if kept.state == "delivered":
            for recipient in kept.recipients:
                if not case.arrived.get((kept.message, recipient)):
                    yield f"lost: case {kept.number} is delivered, and {recipient} has no copy"


def _strange(case: _Case) -> Iterator[str]:
    """What nobody sent, what came to the wrong place, what came otherwise than it was sent."""
    for arrival in case.history.arrivals():
        sent = case.sent.get(arrival.message)
        if sent is None:
            yield f"strange: {arrival.message} came to {arrival.hop}, and nobody sent it"
        elif not set(arrival.recipients) <= set(sent.recipients):
            yield f"strange: {arrival.message} came for {', '.join(arrival.recipients)}"
        elif arrival.body != sent.body:
            yield f"changed: the body of {arrival.message} at {arrival.hop} is not what was sent"
