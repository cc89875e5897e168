"""The life of a case as one table: from which states an act leads where, and whose act it is. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from listward.queue.cases.case import Answer, Approval, Case, CaseDraft, CaseState, Ruling, Said
from listward.queue.cases.commands import Command, Verb

COURIER = "courier"
CONFIRMED = "confirmed"  # what the origin of a message rests on whose author answered that it is hers
OPEN = frozenset({CaseState.HELD, CaseState.CLAIMED})
NO_ESCALATIONS: Mapping[str, str] = MappingProxyType({})


class Actor(StrEnum):
    """Whose act it is. Which person may act on which queue is the desk's question."""

    PERSON = "person"
    AUTHOR = "author"
    COURIER = "courier"


CONFIRMED = "confirmed"  # what the origin of a message rests on whose author answered that it is hers


class Refused(Exception):
    """The case does not allow this act now; the text says why in one plain sentence."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row: `verb` by `actor` leads from one of `sources` to `target`; `ruling` acts are recorded as decisions.

    Without a target the state stays, and a claim with it.
    """

    verb: Verb
    actor: Actor
    sources: frozenset[CaseState]
    target: CaseState | None
    ruling: bool = False


def _from(*states: CaseState) -> frozenset[CaseState]:
    return frozenset(states)


TABLE: tuple[Move, ...] = (
    Move(Verb.CLAIM, Actor.PERSON, _from(CaseState.HELD), CaseState.CLAIMED),
    Move(Verb.UNCLAIM, Actor.PERSON, _from(CaseState.CLAIMED), CaseState.HELD),
    Move(Verb.RELEASE, Actor.PERSON, OPEN, CaseState.RELEASED, ruling=True),
    Move(Verb.REJECT, Actor.PERSON, OPEN, CaseState.REJECTED, ruling=True),
    Move(Verb.DISCARD, Actor.PERSON, OPEN, CaseState.DISCARDED, ruling=True),
    Move(Verb.ESCALATE, Actor.PERSON, OPEN, CaseState.HELD, ruling=True),
    Move(Verb.UNDO, Actor.PERSON, _from(CaseState.RELEASED), CaseState.HELD, ruling=True),
    Move(Verb.WITHDRAW, Actor.AUTHOR, OPEN, CaseState.WITHDRAWN, ruling=True),
    Move(Verb.CONFIRM, Actor.AUTHOR, OPEN, None),
    Move(Verb.DENY, Actor.AUTHOR, OPEN | {CaseState.RELEASED}, None),
    Move(Verb.EXPIRE, Actor.COURIER, OPEN, CaseState.EXPIRED, ruling=True),
    Move(Verb.DELIVERING, Actor.COURIER, _from(CaseState.RELEASED), CaseState.DELIVERING),
    Move(Verb.DELIVERED, Actor.COURIER, _from(CaseState.DELIVERING), CaseState.DELIVERED),
    Move(Verb.RETRY, Actor.COURIER, _from(CaseState.DELIVERING), CaseState.RELEASED),
    Move(Verb.FAILED, Actor.COURIER, _from(CaseState.RELEASED, CaseState.DELIVERING), CaseState.HELD),
)
_ROWS = MappingProxyType({move.verb: move for move in TABLE})


def move_for(verb: Verb) -> Move:
    """Return the row of a verb."""
    return _ROWS[verb]


def allowed(state: CaseState) -> tuple[Verb, ...]:
    """Return the acts that a state allows, in the table's order."""
    return tuple(move.verb for move in TABLE if state in move.sources)


def outstanding(case: Case) -> tuple[str, ...]:
    """Return the queues that have not approved the case yet, in order."""
    given = {approval.queue for approval in case.approvals}
    return tuple(queue for queue in case.draft.queues if queue not in given)


def decided_by(case: Case) -> str:
    """Return who acted last on a case, "" where nobody has."""
    if case.state is CaseState.CLAIMED:
        return case.claimed_by
    return case.ruling.by if case.ruling else ""


def advance(case: Case, command: Command, escalations: Mapping[str, str] = NO_ESCALATIONS) -> Case:
    """Return the case after one act. `escalations` names the queue above each queue. Raises Refused."""
    move = move_for(command.verb)
    _check(case, command, move)
    case = _SPECIAL.get(command.verb, _simply)(_recorded(case, command, move), command, escalations)
    return replace(case, version=case.version + 1, changed_at=command.at)


def _check(case: Case, command: Command, move: Move) -> None:
    if case.state not in move.sources:
        raise Refused(f"A case that is {case.state} cannot be changed by {command.verb}.")
    if (move.actor is Actor.COURIER) != (command.by == COURIER):
        raise Refused(f"{command.verb} is not for {command.by or 'nobody'} to do.")
    claimed_by_other = case.state is CaseState.CLAIMED and case.claimed_by != command.by
    if claimed_by_other and move.actor is Actor.PERSON and command.verb not in {Verb.UNCLAIM, Verb.ESCALATE}:
        raise Refused(f"{case.claimed_by} has claimed this case.")


def _recorded(case: Case, command: Command, move: Move) -> Case:
    """Move the case, and note the decision where the act is one; a claim ends with every move."""
    if move.target is None:
        return case
    ruling = case.ruling
    if move.ruling:
        ruling = Ruling(command.verb.value, command.by, command.at, command.clause, command.sentence)
    return replace(case, state=move.target, claimed_by="", ruling=ruling)


Step = Callable[[Case, Command, Mapping[str, str]], Case]


def _simply(case: Case, _command: Command, _escalations: Mapping[str, str]) -> Case:
    return case


def _claim(case: Case, command: Command, _escalations: Mapping[str, str]) -> Case:
    return replace(case, claimed_by=command.by)


def _release(case: Case, command: Command, _escalations: Mapping[str, str]) -> Case:
    """One approval; the case is released when every queue has given its own."""
    waiting = outstanding(case)
    queue = command.queue or (waiting[0] if len(waiting) == 1 else "")
    if waiting and queue not in waiting:
        raise Refused("Name a queue that has not approved this case yet.")
    approvals = (*case.approvals, Approval(queue, command.by, command.at)) if queue else case.approvals
    if any(other != queue for other in waiting):
        return replace(case, state=CaseState.HELD, approvals=approvals)
    return replace(case, approvals=approvals, deliver_after=command.deliver_after, failure="", attempts=0, unknowns=0)


def _undo(case: Case, command: Command, _escalations: Mapping[str, str]) -> Case:
    """The first try may begin when the undo time is over; a case that waits for a further try can still be stopped."""
    if case.attempts == 0 and command.at > case.deliver_after:
        raise Refused("The time to undo is over.")
    return _held_again(case, command, _escalations)


def _held_again(case: Case, _command: Command, _escalations: Mapping[str, str]) -> Case:
    return replace(case, approvals=(), deliver_after=0.0)


def _escalate(case: Case, command: Command, escalations: Mapping[str, str]) -> Case:
    waiting = outstanding(case)
    queue = command.queue or (waiting[0] if waiting else "")
    above = escalations.get(queue, "")
    if queue not in waiting or not above:
        raise Refused("There is no queue above that could take this case.")
    queues = tuple(dict.fromkeys(above if name == queue else name for name in case.draft.queues))
    # Where the queue above has approved already, it is asked once more: now it decides for both.
    approvals = tuple(approval for approval in case.approvals if approval.queue != above)
    return replace(case, draft=replace(case.draft, queues=queues), approvals=approvals)


def _delivering(case: Case, _command: Command, _escalations: Mapping[str, str]) -> Case:
    return replace(case, attempts=case.attempts + 1)


def _retry(case: Case, command: Command, _escalations: Mapping[str, str]) -> Case:
    unknowns = case.unknowns + command.unknown
    return replace(case, deliver_after=command.deliver_after, failure=command.note, unknowns=unknowns)


def _failed(case: Case, command: Command, escalations: Mapping[str, str]) -> Case:
    return replace(_held_again(case, command, escalations), failure=command.note)


def _delivered(case: Case, _command: Command, _escalations: Mapping[str, str]) -> Case:
    return replace(case, failure="")


def _confirm(case: Case, command: Command, _escalations: Mapping[str, str]) -> Case:
    """A member's message from now on; released where nothing else holds it and nobody is looking at it."""
    answer = _answer(case, command, Said.HERS)
    draft = as_answered(case.draft, answer)
    case = replace(case, draft=draft, answer=answer)
    if not command.deliver_after or case.state is not CaseState.HELD:
        return case
    ruling = Ruling(command.verb.value, command.by, command.at)
    released = replace(case, state=CaseState.RELEASED, ruling=ruling, deliver_after=command.deliver_after)
    return replace(released, failure="", attempts=0, unknowns=0)


def _deny(case: Case, command: Command, escalations: Mapping[str, str]) -> Case:
    """A stranger's message from now on. A release that has not left yet is taken back: people decide again."""
    case = replace(case, answer=_answer(case, command, Said.NOT_HERS))
    if case.state is not CaseState.RELEASED:
        return case
    return _held_again(replace(case, state=CaseState.HELD), command, escalations)


def _answer(case: Case, command: Command, said: Said) -> Answer:
    if case.answer is not None:
        raise Refused("This was answered already.")
    if case.draft.authenticated:
        raise Refused("Its author is proven. Nobody needs to be asked.")
    return command.answer or Answer(said, command.at)


def as_answered(draft: CaseDraft, answer: Answer | None) -> CaseDraft:
    """The draft as it counts after its author's answer: a confirmed message is a member's, with a member's reasons."""
    if answer is None or answer.said is not Said.HERS:
        return draft
    reasons = answer.reasons or draft.reasons
    return replace(draft, origin="member", basis=CONFIRMED, authenticated=True, role=answer.role, reasons=reasons)


_SPECIAL: Mapping[Verb, Step] = MappingProxyType(
    {
        Verb.CLAIM: _claim,
        Verb.CONFIRM: _confirm,
        Verb.DENY: _deny,
        Verb.RELEASE: _release,
        Verb.UNDO: _undo,
        Verb.ESCALATE: _escalate,
        Verb.DELIVERING: _delivering,
        Verb.RETRY: _retry,
        Verb.FAILED: _failed,
        Verb.DELIVERED: _delivered,
    }
)
