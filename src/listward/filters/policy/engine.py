"""Turns findings, origin and zone into one verdict for one recipient. Pure: the same facts give the same verdict.

Stages are tried in order. The first rule that matches wins inside its stage, the strongest action wins across stages,
and the outcome of every rule is kept. Rules in shadow are always tried, so that their counts are true.
"""

from collections.abc import Iterator

from listward.config.policy import STAGES, Policy, Rule
from listward.filters.judgement import Action, Mode, RecipientVerdict, RuleOutcome
from listward.filters.policy.bounds import bounded
from listward.filters.policy.conditions import match
from listward.filters.policy.situation import FAILURE, Situation, visible
from listward.filters.routing.kinds import Kind

FAILED_RULE = "filter-failed"
LAST_ATTEMPT = 3
# Replies of rules that stay in force while a site only observes: they keep the mail well-formed and loops short.
ALWAYS_IN_FORCE = frozenset({"malformed", "loop"})


def decide(policy: Policy, situation: Situation, observe: bool = False) -> RecipientVerdict:
    """Return the verdict for one recipient. `observe` lets everything well-formed pass and only records."""
    seen = visible(situation)
    outcomes = (*_failure(seen, observe), *_outcomes(policy, seen, observe))
    actions = [outcome.action for outcome in outcomes if outcome.action is not None]
    action = max(actions, key=lambda taken: taken.strength, default=Action.ACCEPT)
    holding = (outcome.queue for outcome in outcomes if outcome.action is Action.HOLD)
    queues = tuple(dict.fromkeys(holding)) if action is Action.HOLD else ()
    return RecipientVerdict(situation.target, situation.origin, action, queues, outcomes)


def _outcomes(policy: Policy, situation: Situation, observe: bool) -> Iterator[RuleOutcome]:
    for stage in STAGES:
        if stage not in situation.stages:
            continue
        winner = ""
        for rule in policy.rules:
            if rule.stage == stage:
                outcome = _try(rule, situation, observe, winner)
                yield outcome
                winner = winner or (rule.name if outcome.action is not None else "")


def _try(rule: Rule, situation: Situation, observe: bool, winner: str) -> RuleOutcome:
    mode = _mode(rule, observe)
    if mode is Mode.OFF:
        return _outcome(rule, mode, situation, False, "the rule is switched off")
    if situation.limited and not (rule.when.finding or rule.when.category):
        return _outcome(rule, mode, situation, False, "only technical rules look at this kind of address")
    found = match(rule.when, situation)
    if found.holds is False:
        return _outcome(rule, mode, situation, False, found.words)
    if winner:
        return _outcome(rule, mode, situation, True, f"{found.words}; rule {winner} came first in this stage")
    if found.holds is None:
        action = None if mode is Mode.SHADOW else Action.DEFER
        return _outcome(rule, mode, situation, True, found.words, action, undecided=True)
    action, why = bounded(rule, mode, situation)
    return _outcome(rule, mode, situation, True, f"{found.words}; {why}" if why else found.words, action)


def _mode(rule: Rule, observe: bool) -> Mode:
    mode = Mode(rule.mode)
    if observe and mode is not Mode.OFF and rule.reply not in ALWAYS_IN_FORCE:
        return Mode.SHADOW
    return mode


def _outcome(
    rule: Rule,
    mode: Mode,
    situation: Situation,
    fired: bool,
    observed: str,
    action: Action | None = None,
    undecided: bool = False,
) -> RuleOutcome:
    """Write down one rule's outcome; a [[route]] names its office where the rule names no queue."""
    queue = rule.queue or situation.office_for(rule) or situation.queue
    return RuleOutcome(
        rule.name, rule.stage, mode, fired, observed, action, queue, rule.clause, rule.words, undecided, rule.reply
    )


def _failure(situation: Situation, observe: bool) -> Iterator[RuleOutcome]:
    """A filter that broke leaves the message unread: it waits, and from the third try on a person reads it.

    This is no rule of the policy, so that no policy can forget it. Commands and bounces have no content to us.
    """
    failed = [finding.reason for finding in situation.findings if finding.category == FAILURE]
    if not failed or situation.target.kind in {Kind.COMMAND, Kind.BOUNCE}:
        return
    late = situation.attempt >= LAST_ATTEMPT and situation.target.kind is not Kind.OWN
    action = None if observe else Action.HOLD if late else Action.DEFER
    mode = Mode.SHADOW if observe else Mode.ENFORCE
    words = "An automatic check did not finish."
    yield RuleOutcome(
        FAILED_RULE, "safety", mode, True, "; ".join(failed), action, situation.queue, "", words, undecided=True
    )
