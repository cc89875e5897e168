"""From a message to one course per recipient: judge under a deadline, count failures, soften what a peer needs soft."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, Judgement, RecipientVerdict
from listward.filters.policy.engine import ALWAYS_IN_FORCE
from listward.filters.routing.kinds import Kind, Target
from listward.filters.transaction import Listener, Transaction
from listward.gateway import records as ledger
from listward.gateway.course import Course
from listward.gateway.drafts import MODERATORS
from listward.gateway.records import Records
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace.stamp import Cleaned
from listward.queue.cases.case import Reason
from listward.queue.cases.reasons import reasons_for

LOOPING = Reason("loop", "system", "", "This message has come through here before. It goes no further by itself.")
FAILED = Reason("filter-failed", "system", "", "The automatic check failed three times on this message.")
OWN_ADDRESS = Reason("own-address", "own", "", "This message was written to the organisation's own address.")
# Whose refusal may go out as a bounce by a server that has said 250 already: nobody forged these.
BOUNCEABLE = frozenset({OriginKind.INTERNAL, OriginKind.MEMBER})


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do. `action` is the whole message's: reject and defer end it, everything else follows the courses."""

    action: Action
    courses: tuple[Course, ...] = ()
    judgement: Judgement | None = None

    @property
    def origin(self) -> OriginKind:
        """The origin of the message, unproven where nobody could judge it."""
        return self.judgement.origin.kind if self.judgement is not None else OriginKind.UNPROVEN


async def decide(
    snapshot: Snapshot,
    arrival: Arrival,
    cleaned: Cleaned,
    targets: Mapping[str, Target],
    records: Records,
    on_failure: Callable[[Exception], None] = lambda error: None,
    listener: Listener = Listener.INGRESS,
) -> Decision:
    """Judge a message. An exception or an overrun is never an answer: it defers, and holds from the third time on."""
    tries = records.tries(targets, ledger.JUDGING)
    judgement = await _judged(snapshot, arrival, cleaned, tries + 1, on_failure, listener)
    if judgement is None:
        return _unjudged(snapshot, targets, records, held=tries + 1 >= ledger.MOST_TRIES)
    verdicts = {verdict.target.address: verdict for verdict in judgement.recipients}
    if not verdicts.keys() >= targets.keys():
        return _unjudged(snapshot, targets, records, held=tries + 1 >= ledger.MOST_TRIES)
    action = _softened(judgement, arrival)
    if snapshot.observing and not _stands_always(judgement):
        action = Action.ACCEPT
    settled = {address: key for address in targets if (key := records.settled_copy(address))}
    if action is Action.REJECT and settled and not snapshot.observing:  # as a refusal beside a copy that is taken
        action = Action.HOLD
    if action in {Action.REJECT, Action.DEFER}:
        return Decision(action, judgement=judgement)
    refused = judgement.action is Action.REJECT
    courses = [
        _course(snapshot, _hold(verdicts[address]) if refused else verdicts[address], target, judgement, records)
        for address, target in targets.items()
    ]
    if refused:
        courses = [replace(course, key=settled.get(course.address, course.key)) for course in courses]
    return Decision(action, tuple(courses), judgement)


def looped(snapshot: Snapshot, targets: Mapping[str, Target], records: Records) -> Decision:
    """Hold a message that goes in a circle, where a refusal would become a bounce."""
    courses = (_blind(snapshot, target, Action.HOLD, records, LOOPING) for target in targets.values())
    return Decision(Action.HOLD, tuple(courses))


def _stands_always(judgement: Judgement) -> bool:
    """Whether a refusal has effect while everything else is only observed: what is not well formed, or goes in circles.

    The engine says so rule by rule; this looks at what it decided.
    """
    deciding = [verdict.deciding for verdict in judgement.recipients]
    return all(outcome is not None and outcome.reply in ALWAYS_IN_FORCE for outcome in deciding)


async def _judged(
    snapshot: Snapshot,
    arrival: Arrival,
    cleaned: Cleaned,
    attempt: int,
    on_failure: Callable[[Exception], None],
    listener: Listener,
) -> Judgement | None:
    transaction = Transaction(
        id=arrival.id,
        listener=listener,
        client=arrival.client,
        sender=arrival.envelope.sender,
        recipients=arrival.envelope.addresses,
        raw=b"",
        received_at=arrival.at,
        attempt=attempt,
    )
    try:
        async with asyncio.timeout(snapshot.site.gateway.judge_deadline_s):
            return await snapshot.judge.judge(transaction, cleaned.judged)
    except Exception as error:  # whatever goes wrong in a filter, the sender keeps the message
        on_failure(error)
        return None


def _unjudged(snapshot: Snapshot, targets: Mapping[str, Target], records: Records, held: bool) -> Decision:
    if snapshot.observing:
        action = Action.ACCEPT
    elif held:
        action = Action.HOLD
    else:
        return Decision(Action.DEFER)
    return Decision(action, tuple(_blind(snapshot, target, action, records) for target in targets.values()))


def _blind(snapshot: Snapshot, target: Target, action: Action, records: Records, reason: Reason = FAILED) -> Course:
    """Return a course without any verdict."""
    key = records.key(target.address, OriginKind.UNPROVEN.value)
    if target.kind is Kind.OWN:
        return Course(target, Action.HOLD, key, (MODERATORS,), (OWN_ADDRESS,))
    if action is Action.ACCEPT:
        return Course(target, action, key)
    return Course(target, action, key, queues_of(snapshot, target), (reason,))


def _softened(judgement: Judgement, arrival: Arrival) -> Action:
    """A peer that has said 250 to the outside would turn our refusal into a bounce to whoever was forged."""
    if judgement.action is not Action.REJECT or not arrival.client.after_queue:
        return judgement.action
    return Action.REJECT if judgement.origin.kind in BOUNCEABLE else Action.HOLD


def _hold(verdict: RecipientVerdict) -> RecipientVerdict:
    return replace(verdict, action=Action.HOLD)


def _course(
    snapshot: Snapshot, verdict: RecipientVerdict, target: Target, judgement: Judgement, records: Records
) -> Course:
    key = records.copy_key(target.address, ledger.purpose_of(verdict.origin))
    if target.kind is Kind.OWN:  # to the people it is written to, never to the list server, whatever was found
        return Course(target, Action.HOLD, key, (MODERATORS,), (OWN_ADDRESS,), verdict)
    if snapshot.observing or verdict.action is Action.ACCEPT:
        return Course(target, Action.ACCEPT, key, verdict=verdict)
    action = Action.DISCARD if verdict.action is Action.DISCARD else Action.HOLD
    queues = verdict.queues or queues_of(snapshot, target)
    return Course(target, action, key, queues, reasons_for(verdict, judgement.findings), verdict)


def queues_of(snapshot: Snapshot, target: Target) -> tuple[str, ...]:
    """Return the queues of a target's list."""
    found = snapshot.site.list_for(target.list)
    return found.moderators if found is not None and found.moderators else (MODERATORS,)
