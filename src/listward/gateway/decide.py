"""From a message to one course per recipient: judge under a deadline, count failures, soften what a peer needs soft."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, Judgement, RecipientVerdict
from listward.filters.routing.kinds import Kind, Target
from listward.filters.transaction import Listener, Transaction
from listward.gateway import records as ledger
from listward.gateway.course import Course
from listward.gateway.drafts import MODERATORS, reasons_for
from listward.gateway.records import Records
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import Snapshot
from listward.gateway.trace.stamp import Cleaned
from listward.queue.cases.case import Reason

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
    snapshot: Snapshot, arrival: Arrival, cleaned: Cleaned, targets: Mapping[str, Target], records: Records
) -> Decision:
    """Judge a message. An exception or an overrun is never an answer: it defers, and holds from the third time on."""
    tries = records.tries(targets, ledger.JUDGING)
    judgement = await _judged(snapshot, arrival, cleaned, tries + 1)
    if judgement is None:
        return _unjudged(snapshot, targets, records, held=tries + 1 >= ledger.MOST_TRIES)
    verdicts = {verdict.target.address: verdict for verdict in judgement.recipients}
    if not verdicts.keys() >= targets.keys():
        return _unjudged(snapshot, targets, records, held=tries + 1 >= ledger.MOST_TRIES)
    action = _softened(judgement, arrival)
    if snapshot.observing:
        action = Action.ACCEPT
    if action in {Action.REJECT, Action.DEFER}:
        return Decision(action, judgement=judgement)
    refused = judgement.action is Action.REJECT
    courses = (
        _course(snapshot, _hold(verdicts[address]) if refused else verdicts[address], target, judgement, records)
        for address, target in targets.items()
    )
    return Decision(action, tuple(courses), judgement)


async def _judged(snapshot: Snapshot, arrival: Arrival, cleaned: Cleaned, attempt: int) -> Judgement | None:
    transaction = Transaction(
        id=arrival.id,
        listener=Listener.INGRESS,
        client=arrival.client,
        sender=arrival.envelope.sender,
        recipients=arrival.envelope.addresses,
        raw=cleaned.content,
        received_at=arrival.at,
        attempt=attempt,
    )
    try:
        async with asyncio.timeout(snapshot.site.gateway.judge_deadline_s):
            return await snapshot.judge.judge(transaction)
    except Exception:  # whatever goes wrong in a filter, the sender keeps the message
        return None


def _unjudged(snapshot: Snapshot, targets: Mapping[str, Target], records: Records, held: bool) -> Decision:
    if snapshot.observing:
        action = Action.ACCEPT
    elif held:
        action = Action.HOLD
    else:
        return Decision(Action.DEFER)
    return Decision(action, tuple(_blind(snapshot, target, action, records) for target in targets.values()))


def _blind(snapshot: Snapshot, target: Target, action: Action, records: Records) -> Course:
    """Return a course without any verdict."""
    key = records.key(target.address, OriginKind.UNPROVEN.value)
    if target.kind is Kind.OWN:
        return Course(target, Action.HOLD, key, (MODERATORS,), (OWN_ADDRESS,))
    if action is Action.ACCEPT:
        return Course(target, action, key)
    return Course(target, action, key, queues_of(snapshot, target), (FAILED,))


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
    key = records.key(target.address, verdict.origin.kind.value)
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
