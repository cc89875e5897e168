"""Where a case stands in its list's indexes: pure. An act takes it out of what it left and into what it joined."""

from collections.abc import Mapping
from dataclasses import dataclass

from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Verb
from listward.queue.cases.transitions import OPEN
from listward.queue.store.names import ListKeys

STAGES = ("remind", "deputy", "secretary")  # what the clock of a hold says, in turn ([clocks] hold)
KINDS = ("released", "rejected", "withdrawn", "strangers")
_TEXT_AFTER: Mapping[CaseState, str] = {
    CaseState.DELIVERED: "released",
    CaseState.REJECTED: "rejected",
    CaseState.UPHELD: "rejected",
    CaseState.OVERTURNED: "rejected",
    CaseState.CLOSED: "rejected",
    CaseState.FINAL: "rejected",
    CaseState.WITHDRAWN: "withdrawn",
    CaseState.EXPIRED: "strangers",
}


@dataclass(frozen=True, slots=True)
class Moves:
    """The indexes to change, and the score in each; None takes the case out."""

    scores: Mapping[str, float | None]

    @property
    def keys(self) -> tuple[str, ...]:
        """The indexes, in a fixed order."""
        return tuple(self.scores)

    @property
    def words(self) -> tuple[float | str, ...]:
        """The scores as the functions take them: "" for out."""
        return tuple("" if score is None else score for score in self.scores.values())


def moves(keys: ListKeys, before: Case | None, after: Case, remind_s: float, verb: Verb | None = None) -> Moves:
    """Compare where a case stood and where it stands now. `remind_s` is when people are first reminded of a hold."""
    old = places(keys, before) if before else {}
    new = places(keys, after)
    scores: dict[str, float | None] = {key: None for key in old if key not in new}
    scores |= {key: score for key, score in new.items() if old.get(key) != score}
    was_open = before is not None and before.state in OPEN
    if after.state in OPEN and (not was_open or verb is Verb.ESCALATE):
        scores |= {keys.waiting(stage): None for stage in STAGES if was_open}
        scores[keys.waiting(STAGES[0])] = after.changed_at + remind_s
    elif was_open and after.state not in OPEN:
        scores |= {keys.waiting(stage): None for stage in STAGES}
    return Moves(scores)


def places(keys: ListKeys, case: Case) -> dict[str, float]:
    """Return the score of a case in every index that its state decides."""
    found = {keys.queue(queue, case.state): case.opened_at for queue in case.draft.queues}
    found[keys.state(case.state)] = case.opened_at
    if case.state is CaseState.RELEASED:
        found[keys.due] = case.deliver_after
    if case.state in OPEN and not case.draft.authenticated:
        found[keys.strangers] = case.opened_at
    if kind := text_kept_as(case):
        found[keys.bodies(kind)] = case.opened_at if kind == "strangers" else case.changed_at
    return found


def text_kept_as(case: Case) -> str:
    """Return the kind of retention that has begun for a case's text, "" while the text is needed."""
    if case.state is CaseState.DISCARDED:
        return "rejected" if case.draft.authenticated else "strangers"
    return _TEXT_AFTER.get(case.state, "")
