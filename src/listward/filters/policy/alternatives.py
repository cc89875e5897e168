"""What would have to be otherwise for another verdict: the smallest sets of changes, tried by the engine itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from listward.config.policy import Policy, Rule
from listward.filters.findings import Finding
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.judgement import Action, RuleOutcome
from listward.filters.policy.engine import Engine
from listward.filters.policy.situation import Situation

MOST_TOGETHER = 3
MOST_CHANGES = 12
"""So many changes that matter are put together, the nearest first; there are seldom more than five."""
STEP = 0.001
"""How far below a bound a score is put: less than anybody would write."""
MOST_SHOWN = 60
"""So much of the words that a rule looks for is shown."""
PATTERN = "pattern"
_SCORES = ("spam", "solicitation", "internal")
_ORIGINS = {
    OriginKind.MEMBER: "if a member had written it",
    OriginKind.KNOWN: "if its author were confirmed and not on the list",
    OriginKind.INTERNAL: "if it came from inside the organisation",
    OriginKind.UNPROVEN: "if nobody could confirm its author",
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Changes that alone would alter the verdict, as clauses that begin with "if", "with" or "without"."""

    changes: tuple[str, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class _Change:
    """One change. Of one `kind` only one can be made."""

    words: str
    kind: str
    made: Callable[[Situation], Situation]


def alternatives(policy: Policy, situation: Situation) -> tuple[Alternative, ...]:
    """Return the smallest sets of changes that would alter this recipient's verdict; all have the same size.

    Findings, scores and the author are changed. Last comes which rules would have to be switched off.
    """
    engine = Engine(policy)
    before = engine.decide(situation)
    said = _said(before.outcomes)
    changes = [
        change
        for change in (*_scores(policy, situation), *_without(situation), *_origins(situation))
        if _said(engine.decide(change.made(situation)).outcomes) != said
    ][:MOST_CHANGES]
    found: list[Alternative] = []
    for size in range(1, MOST_TOGETHER + 1):
        for chosen in combinations(changes, size):
            found += _altered(engine, before.action, situation, chosen)
        if found:
            break
    return (*found, *_switched_off(policy, situation, before.action))


def _said(outcomes: tuple[RuleOutcome, ...]) -> tuple[tuple[str, bool, Action | None], ...]:
    """What a change has to alter to matter: which rules fire, and what they do."""
    return tuple((outcome.rule, outcome.fired, outcome.action) for outcome in outcomes)


def _altered(
    engine: Engine, action: Action, situation: Situation, chosen: tuple[_Change, ...]
) -> Iterator[Alternative]:
    if len({change.kind for change in chosen}) < len(chosen):
        return
    for change in chosen:
        situation = change.made(situation)
    other = engine.decide(situation).action
    if other is not action:
        yield Alternative(tuple(change.words for change in chosen), other)


def _scores(policy: Policy, situation: Situation) -> list[_Change]:
    """Each score at the bounds of the rules, the nearest bound first."""
    bounds = {(rule.when.score.name, rule.when.score.at_least) for rule in policy.rules if rule.when.score is not None}
    found: list[tuple[float, _Change]] = []
    for name in _SCORES:
        value: float = getattr(situation.scores, name)
        for bound in sorted(bound for asked, bound in bounds if asked == name):
            found.append((abs(value - bound), _score(name, value, bound)))
    return [change for _, change in sorted(found, key=lambda pair: pair[0])]


def _score(name: str, value: float, bound: float) -> _Change:
    changed = max(bound - STEP, 0.0) if value >= bound else bound
    words = f"if the score {name} were {'below' if value >= bound else 'at least'} {bound:g} and not {value:.2f}"

    def made(situation: Situation) -> Situation:
        return replace(situation, scores=replace(situation.scores, **{name: changed}))

    return _Change(words, f"score {name}", made)


def _without(situation: Situation) -> Iterator[_Change]:
    for name, finding in {finding.rule: finding for finding in situation.findings}.items():
        yield _Change(_without_what(finding), f"finding {name}", _removing(name))


def _without_what(finding: Finding) -> str:
    """What a rule itself looks for has no name that anybody knows: its words say more."""
    if finding.category == PATTERN and finding.evidence:
        return f"without the words “{' '.join(finding.evidence[0].text.split())[:MOST_SHOWN]}”"
    return f"without the finding {finding.rule}"


def _removing(name: str) -> Callable[[Situation], Situation]:
    def made(situation: Situation) -> Situation:
        return replace(situation, findings=tuple(found for found in situation.findings if found.rule != name))

    return made


def _origins(situation: Situation) -> Iterator[_Change]:
    for kind, words in _ORIGINS.items():
        if kind is not situation.origin.kind or situation.origin.undecided:
            yield _Change(words, "origin", _written_by(kind))


def _written_by(kind: OriginKind) -> Callable[[Situation], Situation]:
    def made(situation: Situation) -> Situation:
        role = situation.origin.role if kind.authenticated else None
        return replace(situation, origin=Origin(kind, situation.origin.address, role))

    return made


def _switched_off(policy: Policy, situation: Situation, action: Action) -> Iterator[Alternative]:
    """Switch off the rules that ask for this action, and those that then do, until something else happens."""
    off: list[str] = []
    while deciding := _deciding(policy, situation, action):
        off += deciding
        policy = policy.model_copy(update={"rules": tuple(_off(rule, off) for rule in policy.rules)})
    other = Engine(policy).decide(situation).action
    if off and other is not action:
        names = sorted(off)
        listed = f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]
        yield Alternative((f"with the {'rules' if names[1:] else 'rule'} {listed} switched off",), other)


def _deciding(policy: Policy, situation: Situation, action: Action) -> list[str]:
    """The rules of the policy that ask for the action, [] where it is not what is done or no rule asked for it."""
    verdict = Engine(policy).decide(situation)
    names = {rule.name for rule in policy.rules}
    asked = [outcome.rule for outcome in verdict.outcomes if outcome.action is action and outcome.rule in names]
    return asked if verdict.action is action else []


def _off(rule: Rule, names: list[str]) -> Rule:
    return rule.model_copy(update={"mode": "off"}) if rule.name in names else rule
