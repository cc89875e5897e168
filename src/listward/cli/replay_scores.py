"""How often people agreed with a policy, per rule: what it held and people released, what it passed and people stopped.

Nothing here says who wrote a message or who ruled on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from listward.cli.replay_marks import Mark
from listward.filters.judgement import Action, Judgement, RuleOutcome

_STOPPING = frozenset({Action.HOLD, Action.REJECT, Action.DISCARD})


@dataclass(slots=True)
class RuleScore:
    """One rule against what people said: rightly stopped, held in error, missed.

    A rule misses a message that people stopped, that nothing stops here, and that this rule let pass or had held
    before. `watches`: it only watches, and this is what it would have done.
    """

    right: int = 0
    false: int = 0
    missed: int = 0
    watches: bool = False

    @property
    def judged(self) -> int:
        """How many messages with a ruling it had to do with."""
        return self.right + self.false + self.missed

    def add(self, other: "RuleScore") -> None:
        """Add the counts of another."""
        self.right += other.right
        self.false += other.false
        self.missed += other.missed
        self.watches = self.watches or other.watches


@dataclass(slots=True)
class Score:
    """A policy against what people said. `undecided`: the policy would wait for an answer that an archive cannot give.

    Messages stopped as people did, held in error, missed, and passed as people did.
    """

    stopped: int = 0
    false: int = 0
    missed: int = 0
    passed: int = 0
    undecided: int = 0
    rules: dict[str, RuleScore] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many messages people had ruled on, and the policy decided."""
        return self.stopped + self.false + self.missed + self.passed

    @property
    def agreed(self) -> int:
        """How many of them went as people ruled."""
        return self.stopped + self.passed

    def count(self, judgement: Judgement, mark: Mark) -> None:
        """Count one message that people have said something of."""
        action, outcomes = _for_list(judgement, mark.list)
        stops = action in _STOPPING
        if action is Action.DEFER:
            self.undecided += 1
            return
        self.stopped += stops and mark.stop
        self.false += stops and not mark.stop
        self.missed += not stops and mark.stop
        self.passed += not stops and not mark.stop
        stopping = _stopping(outcomes)
        for name, watches in stopping.items():
            one = RuleScore(right=int(mark.stop), false=int(not mark.stop), watches=watches)
            self._rule(name).add(one)
        if mark.stop and not stops:
            for name in {*mark.rules, *_accepting(outcomes)} - stopping.keys():
                self._rule(name).add(RuleScore(missed=1))

    def merge(self, other: "Score") -> None:
        """Add the counts of another."""
        self.stopped += other.stopped
        self.false += other.false
        self.missed += other.missed
        self.passed += other.passed
        self.undecided += other.undecided
        for name, rule in other.rules.items():
            self._rule(name).add(rule)

    def _rule(self, name: str) -> RuleScore:
        return self.rules.setdefault(name, RuleScore())


def percent(part: int, whole: int) -> str:
    """A share in words; of nothing there is none."""
    return f"{100 * part / whole:.0f} %" if whole else "-"


def _for_list(judgement: Judgement, address: str) -> tuple[Action, tuple[RuleOutcome, ...]]:
    """What happens to the copy for a list; to the message as a whole where that list is none of its recipients."""
    verdicts = [verdict for verdict in judgement.recipients if address and verdict.target.list == address]
    if verdicts:
        strongest = max(verdicts, key=lambda verdict: verdict.action.strength)
        return strongest.action, tuple(outcome for verdict in verdicts for outcome in verdict.outcomes)
    return judgement.action, tuple(outcome for verdict in judgement.recipients for outcome in verdict.outcomes)


def _stopping(outcomes: Iterable[RuleOutcome]) -> dict[str, bool]:
    """The rules that stop the message, or would: whether each only watches."""
    found: dict[str, bool] = {}
    for outcome in outcomes:
        if outcome.fired and (outcome.action in _STOPPING or outcome.would in _STOPPING):
            found[outcome.rule] = outcome.action is None
    return found


def _accepting(outcomes: Iterable[RuleOutcome]) -> list[str]:
    return [outcome.rule for outcome in outcomes if outcome.fired and outcome.action is Action.ACCEPT]
