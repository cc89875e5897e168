"""What would have to be otherwise for another verdict: every single change is tried, the smallest come first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from listward.config.policy import Policy, Rule
from listward.filters.findings import Scores
from listward.filters.identity.origin import Origin, OriginKind
from listward.filters.judgement import Action
from listward.filters.policy.engine import Engine
from listward.filters.policy.situation import Situation

STEP = 0.001
"""How far below a bound a score is put: less than anybody would write."""
_SCORES = ("spam", "solicitation", "internal")
_ORIGINS = {
    OriginKind.MEMBER: "if a member had written it",
    OriginKind.KNOWN: "if its author were confirmed and not on the list",
    OriginKind.INTERNAL: "if it came from inside the organisation",
    OriginKind.UNPROVEN: "if nobody could confirm its author",
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One change, as a clause that begins with "if" or "without", and what would be done then."""

    change: str
    action: Action


@dataclass(frozen=True, slots=True)
class _Try:
    change: str
    situation: Situation


def alternatives(policy: Policy, situation: Situation) -> tuple[Alternative, ...]:
    """Return the changes that alone would alter this recipient's verdict, the smallest first.

    Findings, scores and the author are changed one at a time; where no finding alone decides, all are left out
    together. At last the rules that decided are switched off.
    """
    engine = Engine(policy)
    action = engine.decide(situation).action
    found = list(_altered(engine, action, (*_scores(policy, situation), *_without(situation))))
    if not found and len(situation.findings) > 1:
        found += _altered(engine, action, [_Try("without any of the findings", replace(situation, findings=()))])
    found += _altered(engine, action, _origins(situation))
    return (*found, *_switched_off(policy, situation, action))


def _altered(engine: Engine, action: Action, tries: Iterable[_Try]) -> Iterator[Alternative]:
    for each in tries:
        other = engine.decide(each.situation).action
        if other is not action:
            yield Alternative(each.change, other)


def _scores(policy: Policy, situation: Situation) -> list[_Try]:
    """Each score at the bounds of the rules, the nearest bound first."""
    bounds = {(rule.when.score.name, rule.when.score.at_least) for rule in policy.rules if rule.when.score is not None}
    tries: list[tuple[float, _Try]] = []
    for name in _SCORES:
        value: float = getattr(situation.scores, name)
        for bound in sorted(bound for asked, bound in bounds if asked == name):
            changed = max(bound - STEP, 0.0) if value >= bound else bound
            scores: Scores = replace(situation.scores, **{name: changed})
            words = (
                f"if the score {name} were {'below' if value >= bound else 'at least'} {bound:g} and not {value:.2f}"
            )
            tries.append((abs(value - bound), _Try(words, replace(situation, scores=scores))))
    return [each for _, each in sorted(tries, key=lambda pair: pair[0])]


def _without(situation: Situation) -> Iterator[_Try]:
    for name in dict.fromkeys(finding.rule for finding in situation.findings):
        kept = tuple(finding for finding in situation.findings if finding.rule != name)
        yield _Try(f"without the finding {name}", replace(situation, findings=kept))


def _origins(situation: Situation) -> Iterator[_Try]:
    for kind, words in _ORIGINS.items():
        if kind is not situation.origin.kind or situation.origin.undecided:
            origin = Origin(kind, situation.origin.address, situation.origin.role if kind.authenticated else None)
            yield _Try(words, replace(situation, origin=origin))


def _switched_off(policy: Policy, situation: Situation, action: Action) -> Iterator[Alternative]:
    """Without each rule that asked for this action; where several did, without all of them."""
    outcomes = Engine(policy).decide(situation).outcomes
    deciding = {outcome.rule for outcome in outcomes if outcome.action is action}
    sets = [{name} for name in sorted(deciding)] + ([deciding] if len(deciding) > 1 else [])
    for names in sets:
        rules = tuple(_off(rule) if rule.name in names else rule for rule in policy.rules)
        other = Engine(policy.model_copy(update={"rules": rules})).decide(situation).action
        if other is not action:
            listed = " and ".join(sorted(names))
            yield Alternative(f"with the {'rule' if len(names) == 1 else 'rules'} {listed} switched off", other)


def _off(rule: Rule) -> Rule:
    return rule.model_copy(update={"mode": "off"})
