"""DNS answers in memory: for a bounded time, and bounded in number and in octets, whatever strangers publish."""

import time
from collections import OrderedDict
from dataclasses import dataclass

CACHED_NAMES = 10_000
CACHED_OCTETS = 16 * 1024 * 1024
"""Names and data of all answers together, with what keeping one costs, unless the configuration says otherwise."""
ANSWER_OCTETS = 16_384
"""Larger answers are asked for anew each time."""
ENTRY_OCTETS = 400
TTL_LEAST_S = 30.0
TTL_MOST_S = 3600.0

Question = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Records' data, () where there are none; `exists` is False where DNS says that there is no such name.

    It stands `until` then, in Unix seconds.
    """

    values: tuple[bytes, ...]
    until: float
    exists: bool = True


def bounded_until(ttl_s: float) -> float:
    """Until when an answer stands: neither a TTL of 0 nor one of a week is taken as it is."""
    return time.time() + min(max(ttl_s, TTL_LEAST_S), TTL_MOST_S)


class AnswerCache:
    """Answers by question; what was not asked for the longest makes room."""

    def __init__(self, most_octets: int = CACHED_OCTETS) -> None:
        self._most_octets = most_octets
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self.octets = 0

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, question: Question) -> Answer | None:
        """The answer to a question, None where none stands."""
        answer = self._answers.get(question)
        if answer is None:
            return None
        if answer.until <= time.time():
            self._drop(question)
            return None
        self._answers.move_to_end(question)
        return answer

    def put(self, question: Question, answer: Answer) -> None:
        """Keep an answer, also a negative one (RFC 2308)."""
        self._drop(question)
        if sum(map(len, answer.values)) > ANSWER_OCTETS:
            return
        self._answers[question] = answer
        self.octets += _cost(question, answer)
        while len(self._answers) > CACHED_NAMES or self.octets > self._most_octets:
            self._drop(next(iter(self._answers)))

    def _drop(self, question: Question) -> None:
        answer = self._answers.pop(question, None)
        if answer is not None:
            self.octets -= _cost(question, answer)


def _cost(question: Question, answer: Answer) -> int:
    """Octets of names and data; each object besides has a head of some fifty."""
    return ENTRY_OCTETS + len(question[0]) + sum(64 + len(value) for value in answer.values)
