"""What is known of each rule: what it would have done, what people said of it, and whether it is ready. Pure.

It never switches a rule on: it says what a person would write to do so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from listward.config.policy import STAGES, Policy, Rule
from listward.filters.judgement import Action
from listward.filters.policy.bounds import is_wordy
from listward.filters.policy.trial import Standing, Trial, name_of, on_trial
from listward.queue.cases.case import Case, CaseState
from listward.queue.store.observations import Figures, Policies
from listward.queue.store.observations_store import HASH

MARKS, WRONG_IN_100, RULINGS = 50, 2, 200
CRITERIA = (
    f"Ready to be switched on: at least {MARKS} examples marked, at most {WRONG_IN_100} in 100 of them wrong.",
    f"Ready to refuse members: {RULINGS} rulings on members' messages, and none of them let through.",
)
OBSERVING = 'Nothing has effect yet. That is decided by [policy] mode in site.toml: "observe", later "enforce".'
_STAY = 'Before that, write mode = "shadow" in what is not ready, so that it stays on trial'
_KEPT = frozenset({CaseState.REJECTED, CaseState.DISCARDED})
_THROUGH = frozenset({CaseState.RELEASED, CaseState.DELIVERING, CaseState.DELIVERED})
_DONE = {
    Action.ACCEPT: "let through",
    Action.DISCARD: "dropped",
    Action.HOLD: "held",
    Action.DEFER: "put off",
    Action.REJECT: "refused",
}
K = TypeVar("K")


class Readiness(StrEnum):
    """Whether a rule is ready for its next step."""

    READY = "ready"
    NOT_READY = "not ready"
    TOO_FEW = "too few"
    NONE = ""


@dataclass(slots=True)
class Decided:
    """How people ruled on what a rule held: kept back, or let through; of these the messages of members."""

    kept: int = 0
    through: int = 0
    members_kept: int = 0
    members_through: int = 0

    def count(self, case: Case, through: bool) -> None:
        """Count one ruling."""
        member = int(case.draft.proven_member)
        self.through, self.members_through = self.through + through, self.members_through + (through and member)
        self.kept, self.members_kept = self.kept + (not through), self.members_kept + (not through and member)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule. `after` of `would` are messages that an earlier rule of its stage would have taken.

    `undecided` are messages for which it lacked a fact.
    """

    rule: str
    key: str
    mode: str
    watched: bool
    judged: int
    would: Mapping[Action, int]
    after: int
    right: int
    wrong: int
    decided: Decided
    readiness: Readiness
    next_step: str = ""
    undecided: int = 0

    @property
    def idle(self) -> bool:
        """Whether it is on trial and has done nothing so far."""
        return self.watched and not (sum(self.would.values()) + self.right + self.wrong + self.undecided)

    def sentence(self, public: bool = False) -> str:
        """The rule in one line; the members' edition names no small count."""
        parts = [self._watching(public), self._marks(public)] if self.watched else [self._rulings(public)]
        parts += [self.readiness.value]
        return f"{self.rule}: {'; '.join(part for part in parts if part)}"

    def _watching(self, public: bool) -> str:
        acts = " and ".join(f"{_DONE[action]} {shown(count, public)}" for action, count in self.would.items())
        behind = f" ({shown(self.after, public)} of them after another rule)" if self.after else ""
        lacking = f"; undecided {shown(self.undecided, public)}" if self.undecided else ""
        return f"would have {acts} of {shown(self.judged, public)}{behind}{lacking}"

    def _marks(self, public: bool) -> str:
        if not self.right + self.wrong:
            return "" if Action.ACCEPT in self.would else "none marked"
        who = "people" if public else "you"
        return f"{who} marked {shown(self.right, public)} right, {shown(self.wrong, public)} wrong"

    def _rulings(self, public: bool) -> str:
        kept, through = shown(self.decided.kept, public), shown(self.decided.through, public)
        return f"in force; people kept {kept} back and let {through} through"


def shown(count: int, public: bool = False) -> str:
    """A count as people read it: "1,902"; in the members' edition a small one is "<5"."""
    return "<5" if public and 0 < count < 5 else f"{count:,}"


def lines(
    policy: Policy, trial: Trial, found: Figures, policies: Policies, decided: Mapping[str, Decided]
) -> list[Line]:
    """Return a line for each rule on trial, then for each rule in force that people have ruled on."""
    made = [_line(rule, trial, found, policies, decided) for rule in policy.rules]
    in_force = [line for line in made if not line.watched and line.decided.kept + line.decided.through]
    return [*(line for line in made if line.watched), *in_force]


def merged(all_figures: Iterable[Figures]) -> Figures:
    """Return the counts of several lists as one."""
    total = Figures()
    for one in all_figures:
        _add(total.judged, one.judged)
        _add(total.right, one.right)
        _add(total.wrong, one.wrong)
        _add(total.undecided, one.undecided)
        for rows, others in ((total.would, one.would), (total.after, one.after)):
            for key, row in others.items():
                _add(rows.setdefault(key, {}), row)
    return total


def decided_of(cases: Iterable[Case], policies: Policies) -> dict[str, Decided]:
    """Return how people ruled, by key of the rule as it was when the message was held.

    What was kept back speaks for the rule that decided, what was let through against all that asked for the hold.
    """
    names = {policy: {name_of(key): key for key in rules} for policy, rules in policies.items()}
    found: dict[str, Decided] = {}
    for case in cases:
        through = case.state in _THROUGH
        if not (through and _is_release(case)) and case.state not in _KEPT:
            continue
        rules = [reason.rule for reason in case.draft.reasons if reason.category in STAGES]
        keys = names.get(case.draft.policy_hash[:HASH], {})
        for name in rules if through else rules[:1]:
            if name in keys:
                found.setdefault(keys[name], Decided()).count(case, through)
    return found


def _is_release(case: Case) -> bool:
    """Whether a person let it through: what its author has confirmed goes out by itself."""
    return case.ruling is not None and case.ruling.verb == "release"


def _add(sums: dict[K, int], more: Mapping[K, int]) -> None:
    for key, count in more.items():
        sums[key] = sums.get(key, 0) + count


def _line(rule: Rule, trial: Trial, found: Figures, policies: Policies, decided: Mapping[str, Decided]) -> Line:
    key = trial.keys[rule.name]
    watched = on_trial(trial.standings[rule.name], trial.observing)
    judged = sum(count for at, count in found.judged.items() if _watched_in(policies, key, *at))
    right, wrong = found.right.get(key, 0), found.wrong.get(key, 0)
    rulings = decided.get(key, Decided())
    readiness = _trial_readiness(rule, right, wrong) if watched else _force_readiness(rule, rulings)
    return Line(
        rule.name,
        key,
        rule.mode,
        watched,
        judged,
        dict(sorted((found.would.get(key) or {Action(rule.action): 0}).items(), key=lambda pair: -pair[1])),
        sum(found.after.get(key, {}).values()),
        right,
        wrong,
        rulings,
        readiness,
        _next_step(rule, trial, watched, readiness),
        found.undecided.get(key, 0),
    )


def advice(made: Iterable[Line], observing: bool) -> list[str]:
    """Return what a person would write next, in sentences: for each rule that is ready, then for the rest together."""
    given = list(made)
    said = [line.next_step for line in given if line.readiness is Readiness.READY]
    waiting = [line.rule for line in given if line.watched and not line.idle and _waits(line)]
    idle = [line.rule for line in given if line.idle]
    if idle:
        said.append(f"These have done nothing so far: {', '.join(idle)}.")
    if observing:
        said.append(OBSERVING)
    if observing and waiting:
        said.append(f"{_STAY}: {', '.join(waiting)}.")
    return said


def _waits(line: Line) -> bool:
    return line.readiness in {Readiness.NOT_READY, Readiness.TOO_FEW}


def _watched_in(policies: Policies, key: str, policy: str, observing: bool) -> bool:
    """Whether a rule watched while messages were counted under that policy."""
    return on_trial(policies.get(policy, {}).get(key, Standing.OFF), observing)


def _trial_readiness(rule: Rule, right: int, wrong: int) -> Readiness:
    """By tuners' marks. So many wrong that no more marks can make up for them is not ready, however few there are."""
    if rule.action == "accept":
        return Readiness.NONE
    marks = right + wrong
    if 100 * wrong > WRONG_IN_100 * max(marks, MARKS):
        return Readiness.NOT_READY
    return Readiness.TOO_FEW if marks < MARKS else Readiness.READY


def _force_readiness(rule: Rule, rulings: Decided) -> Readiness:
    """By rulings on members' messages, where the rule judges a text and would refuse."""
    if not _could_refuse_members(rule):
        return Readiness.NONE
    if rulings.members_through:
        return Readiness.NOT_READY
    return Readiness.READY if rulings.members_kept >= RULINGS else Readiness.TOO_FEW


def _could_refuse_members(rule: Rule) -> bool:
    """Whether the rule holds what it would refuse, for want of the committee's opt-in (`filters.policy.bounds`)."""
    if rule.action != "reject" or rule.mode not in {"hold", "enforce"}:
        return False
    return (rule.stage == "content" or is_wordy(rule)) and not (rule.mode == "enforce" and "member" in rule.when.origin)


def _next_step(rule: Rule, trial: Trial, watched: bool, readiness: Readiness) -> str:
    if readiness is Readiness.NONE:
        return ""
    ready, where = readiness is Readiness.READY, f"in rule {rule.name} of policy.toml"
    if not watched:
        return f'The committee may write mode = "enforce" and origin = ["member"] {where}.' if ready else ""
    if not trial.observing or rule.mode == "shadow":
        return f'To switch it on, write mode = "hold" {where}.' if ready else ""
    if ready:
        return f'Rule {rule.name} takes effect once [policy] mode in site.toml is "enforce".'
    return f'Write mode = "shadow" {where} before [policy] mode in site.toml becomes "enforce".'
