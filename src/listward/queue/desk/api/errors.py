"""How refusals are said, for programs as JSON and for people as a page: one status, one plain sentence."""

from dataclasses import dataclass, field

from listward.queue.desk.rulings import NeedsWords, NotYours
from listward.queue.desk.trials import UnknownExample
from listward.queue.desk.vouching import MayNot
from listward.queue.store.accounts import UnknownVouch
from listward.queue.store.ports import Conflict, DamagedBody, StoreUnavailable, UnknownCase


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status and what is said; `facts` are further fields for programs."""

    status: int
    sentence: str
    facts: dict[str, str | int] = field(default_factory=dict)


_UNKNOWN = (UnknownCase, UnknownVouch, UnknownExample)
KNOWN_ERRORS = (NotYours, MayNot, NeedsWords, Conflict, *_UNKNOWN, DamagedBody, StoreUnavailable)


def refusal_for(problem: Exception) -> Refusal:
    """Translate an error of the desk. What is not known says nothing of its inside."""
    match problem:
        case NotYours() | MayNot():
            return Refusal(403, str(problem))
        case NeedsWords():
            return Refusal(422, str(problem))
        case UnknownCase():
            return Refusal(404, "There is no such case.")
        case UnknownVouch():
            return Refusal(404, "There is no such way of sending. It may have been revoked before.")
        case UnknownExample():
            return Refusal(404, "There is no such example. Its time may be over.")
        case Conflict():
            return _too_late(problem)
        case DamagedBody():
            return Refusal(500, "The stored message is damaged. Nothing of it is shown. Please tell the administrator.")
        case StoreUnavailable():
            return Refusal(503, "The store does not answer. Nothing was changed. Try again in a minute.")
        case _:
            return Refusal(500, "Something went wrong here. Nothing was promised. Please try again.")


def _too_late(problem: Conflict) -> Refusal:
    who = problem.decided_by
    sentence = f"{who} was first." if who else problem.reason or "The case has changed since you opened it."
    facts: dict[str, str | int] = {"decided_by": who, "version": problem.version, "state": problem.state}
    return Refusal(409, sentence, facts)
