"""Turns findings, origin and zone into one verdict for one recipient. Pure: the same facts give the same verdict.

Stages are tried in order. The first rule that matches wins inside its stage, the strongest action wins across stages,
and the outcome of every rule is kept. Rules in shadow are always tried, so that their counts are true.
"""

from collections.abc import Iterator

from listward.config.policy import STAGES, Policy, Rule
from listward.filters.identity.freezing import FROZEN
from listward.filters.judgement import Action, Mode, RecipientVerdict, RuleOutcome
from listward.filters.policy.bounds import asks_who, bounded, is_wordy
from listward.filters.policy.conditions import asking, without_finding
from listward.filters.policy.seen import Fact, Seen
from listward.filters.policy.situation import FAILURE, LIMITED, Situation, visible
from listward.filters.routing.kinds import Kind, Zone

FAILED_RULE = "filter-failed"
LAST_ATTEMPT = 3
UNDECIDED_WORDS = "A fact could not be found out in time. Nothing is lost; it is tried again."
FROZEN_WORDS = "Messages from this address wait at present. A person looks at them first."
# Replies of rules that stay in force while a site only observes: they keep the mail well-formed and loops short.
ALWAYS_IN_FORCE = frozenset({"malformed", "loop"})
# What reaches the list, now or by a person: a copy of nothing else goes anywhere.
_COPIED = frozenset({Action.ACCEPT, Action.HOLD})


class Engine:
    """A policy made ready. `observe` lets everything well-formed pass and only records."""

    def __init__(self, policy: Policy, observe: bool = False) -> None:
        self._observe = observe
        self._stages = tuple(
            (stage, tuple(_Ready(rule, observe) for rule in policy.rules if rule.stage == stage)) for stage in STAGES
        )

    def decide(self, situation: Situation) -> RecipientVerdict:
        """Return the verdict for one recipient."""
        seen = visible(situation)
        outcomes = (*_failure(seen, self._observe), *_freeze(seen, self._observe), *self._outcomes(seen))
        actions = [outcome.action for outcome in outcomes if outcome.action is not None]
        action = max(actions, key=lambda taken: taken.strength, default=Action.ACCEPT)
        holding = (outcome.queue for outcome in outcomes if outcome.action is Action.HOLD)
        queues = tuple(dict.fromkeys(holding)) if action is Action.HOLD else ()
        return RecipientVerdict(situation.target, situation.origin, action, queues, outcomes)

    def _outcomes(self, situation: Situation) -> Iterator[RuleOutcome]:
        for stage, rules in self._stages:
            if stage not in situation.stages:
                continue
            winner = ""
            for ready in rules:
                if ready.only_copies:
                    yield ready.outcome(situation, "")
                    continue
                outcome = ready.outcome(situation, winner)
                yield outcome
                winner = winner or (outcome.rule if outcome.action is not None else "")


def decide(policy: Policy, situation: Situation, observe: bool = False) -> RecipientVerdict:
    """Return the verdict for one recipient; whoever decides often keeps an `Engine`."""
    return Engine(policy, observe).decide(situation)


class _Ready:
    """One rule with its conditions compiled."""

    __slots__ = ("_absent", "_mode", "_passed_over", "_quiet", "_rule", "_test", "_wanted", "_without", "only_copies")

    def __init__(self, rule: Rule, observe: bool) -> None:
        self._rule = rule
        self._mode = _mode(rule, observe)
        self.only_copies = rule.only_copies
        self._test = asking(rule.when, rule.unless)
        self._without = {Fact.DNS: rule.without_dns, Fact.ROSTER: rule.without_roster, Fact.STORE: rule.without_store}
        self._passed_over = {kind: _passed_over(rule, self._mode, kind) for kind in Kind}
        self._wanted = frozenset(rule.when.finding)
        self._absent = without_finding(rule.when) if self._mode is not Mode.OFF else None
        self._quiet: dict[tuple[str, str], RuleOutcome] = {}

    def outcome(self, situation: Situation, winner: str) -> RuleOutcome:
        """Try the rule. `winner` is the rule that came first in this stage, "" where none has."""
        if self._absent is not None and self._wanted.isdisjoint(situation.rules):  # as most rules are, for most mail
            return self._not_fired(situation, self._absent.words)
        if why := self._passed_over[situation.target.kind]:
            return self._not_fired(situation, why)
        seen = self._test(situation)
        if seen.holds is False:
            return self._not_fired(situation, seen.words)
        return self._fired(situation, seen, winner)

    def _fired(self, situation: Situation, seen: Seen, winner: str) -> RuleOutcome:
        if winner:
            return self._written(situation, f"{seen.words}; rule {winner} came first in this stage")
        if seen.holds is None:
            return self._without_answer(situation, seen)
        taken, why = bounded(self._rule, self._mode, situation)
        would = bounded(self._rule, Mode.ENFORCE, situation)[0] if self._mode is Mode.SHADOW else None
        copies = self._rule.copy_to if taken in _COPIED and situation.target.kind is Kind.POST else ()
        observed = "; ".join(filter(None, (seen.words, why, f"a copy goes to {', '.join(copies)}" if copies else "")))
        return self._written(situation, observed, taken, would=would, copy_to=copies)

    def _without_answer(self, situation: Situation, seen: Seen) -> RuleOutcome:
        """Do what the rule says for a fact that could not be had; the message waits where it says nothing."""
        said = self._without[seen.lacks] if seen.lacks is not None else "defer"
        if said == "skip":
            return self._not_fired(situation, f"{seen.words}; the rule is passed over then")
        action = Action(said) if self._mode is not Mode.SHADOW else None
        if action is Action.HOLD and situation.target.kind is not Kind.POST:
            action = Action.DEFER
        return self._written(situation, seen.words, action, undecided=True)

    def _not_fired(self, situation: Situation, observed: str) -> RuleOutcome:
        """Most rules do not fire, and say the same for most messages: such outcomes are made once."""
        key = (observed, situation.queue)
        known = self._quiet.get(key)
        if known is None:
            known = self._written(situation, observed, fired=False)
            if len(self._quiet) < 1000:
                self._quiet[key] = known
        return known

    def _written(
        self,
        situation: Situation,
        observed: str,
        action: Action | None = None,
        fired: bool = True,
        undecided: bool = False,
        would: Action | None = None,
        copy_to: tuple[str, ...] = (),
    ) -> RuleOutcome:
        """Write down the outcome; a [[route]] names its office where the rule names no queue."""
        rule = self._rule
        queue = rule.queue or situation.office_for(rule) or situation.queue
        words = UNDECIDED_WORDS if undecided else rule.words  # the rule may accuse; nothing is known yet
        return RuleOutcome(
            rule.name,
            rule.stage,
            self._mode,
            fired,
            observed,
            action,
            queue,
            rule.clause,
            words,
            undecided,
            rule.reply,
            would,
            copy_to,
        )


def _passed_over(rule: Rule, mode: Mode, kind: Kind) -> str:
    """Why a rule does not look at mail to a kind of address, "" where it does."""
    technical = bool(rule.when.finding or rule.when.category)
    measuring = technical or rule.when.size is not None or rule.when.count is not None
    if mode is Mode.OFF:
        return "the rule is switched off"
    if kind in LIMITED and not technical:
        return "only technical rules look at this kind of address"
    if kind is not Kind.POST and is_wordy(rule):
        return "mail to this kind of address is not judged on what it says"
    if kind is not Kind.POST and (asks_who(rule) or not measuring):
        return "mail to this kind of address is taken from everybody"
    return ""


def _mode(rule: Rule, observe: bool) -> Mode:
    mode = Mode(rule.mode)
    if observe and mode is not Mode.OFF and rule.reply not in ALWAYS_IN_FORCE:
        return Mode.SHADOW
    return mode


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


def _freeze(situation: Situation, observe: bool) -> Iterator[RuleOutcome]:
    """A post of an author whose account is frozen waits, wherever it came in.

    This is what a person decided, and no rule, so that no policy can forget it. Complaint and control addresses stay
    open, and mail to people who are not ours is none of our business.
    """
    if (
        FROZEN not in situation.rules
        or situation.target.kind is not Kind.POST
        or situation.target.zone is Zone.EXTERNAL
    ):
        return
    mode, action = (Mode.SHADOW, None) if observe else (Mode.ENFORCE, Action.HOLD)
    observed = "the author's account is frozen"
    yield RuleOutcome(FROZEN, "identity", mode, True, observed, action, situation.queue, "", FROZEN_WORDS)
