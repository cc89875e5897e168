"""What rules on trial would have done with a message, once it is answered: counts, and examples for tuners."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.filters.findings import Finding
from listward.filters.judgement import Action, Judgement, Mode, RecipientVerdict, RuleOutcome
from listward.filters.policy.trial import Trial, trial_of
from listward.filters.routing.kinds import Target
from listward.gateway.course import Fate
from listward.gateway.drafts import is_internal
from listward.gateway.soon import EVERY_S, Soon
from listward.queue.cases.reasons import COVERED
from listward.queue.store.observations import Example, Observation, Would
from listward.runtime.metrics import Metrics

TEXT, SUBJECT, SAW, WORD, MOST_WORDS = 400, 200, 300, 100, 8
_AGAIN = frozenset({Fate.REPEATED, Fate.UNKNOWN, Fate.DEFERRED})

Observe = Callable[[Iterable[Observation]], Awaitable[None]]


class Observing:
    """Collects observations and writes them about once a second. While the store is away they are lost, and counted."""

    def __init__(self, observe: Observe, metrics: Metrics, every_s: float = EVERY_S) -> None:
        self._soon: Soon[Observation] = Soon(observe, metrics.watching_errors.inc, every_s)

    def add(self, observations: Iterable[Observation]) -> None:
        """Take some; never waits."""
        for one in observations:
            self._soon.add(one)

    async def end(self) -> None:
        """Write what is left, once; the store may be away."""
        await self._soon.end()

    async def write(self) -> None:
        """Write what waits."""
        await self._soon.write()


class Watched:
    """The rules on trial under one configuration, and the lists whose tuners see examples."""

    def __init__(self, site: Site, policy: Policy) -> None:
        self._trial: Trial = trial_of(policy, site.policy.mode == "observe")
        self._rules = {rule.name: rule for rule in policy.rules}
        self._tuned = frozenset(entry.address for entry in site.lists if entry.tuners)
        self._any = bool(self._trial.watched)

    def seen(self, judgement: Judgement, at: float, fates: Mapping[str, Fate]) -> Iterator[Observation]:
        """Yield what one message shows, once for each list: nothing where no rule is on trial.

        `fates` are by recipient; what an earlier try has settled, or a later one will, is counted there.
        """
        by_list: dict[str, list[RecipientVerdict]] = {}
        for verdict in judgement.recipients if self._any else ():
            if verdict.target.list and fates.get(verdict.target.address) not in _AGAIN:
                by_list.setdefault(verdict.target.list, []).append(verdict)
        for address, verdicts in by_list.items():
            would, lacking = tuple(self._would(verdicts, judgement)), tuple(self._undecided(verdicts))
            yield Observation(address, at, self._trial, would, lacking)

    def _would(self, verdicts: Sequence[RecipientVerdict], judgement: Judgement) -> Iterator[Would]:
        """What each rule on trial would have done, by the strongest of the list's addresses."""
        target = verdicts[0].target
        strongest: dict[str, tuple[RuleOutcome, bool]] = {}
        for outcome, after in (pair for verdict in verdicts for pair in _acting(verdict)):
            known = strongest.get(outcome.rule)
            if known is None or _strength(outcome) > _strength(known[0]):
                strongest[outcome.rule] = outcome, after
        for name, (outcome, after) in strongest.items():
            rule = self._rules.get(name)
            if rule is not None and outcome.would is not None:
                shown = target.list in self._tuned and outcome.would is not Action.ACCEPT
                example = _example(rule, outcome, outcome.would, judgement, target) if shown else None
                yield Would(self._trial.keys[name], outcome.would, after, example)

    def _undecided(self, verdicts: Iterable[RecipientVerdict]) -> Iterable[str]:
        """The keys of rules on trial that lacked a fact: in force they would wait for it, or do as they say then."""
        outcomes = (outcome for verdict in verdicts for outcome in verdict.outcomes)
        names = {outcome.rule for outcome in outcomes if outcome.undecided and outcome.mode is Mode.SHADOW}
        return (self._trial.keys[name] for name in sorted(names) if name in self._trial.keys)


def _acting(verdict: RecipientVerdict) -> Iterator[tuple[RuleOutcome, bool]]:
    """Outcomes of rules on trial that would have acted, and whether another rule of their stage came before."""
    begun: set[str] = set()
    for outcome in verdict.outcomes:
        if outcome.would is not None:
            yield outcome, outcome.stage in begun
        if outcome.would is not None or outcome.action is not None:
            begun.add(outcome.stage)


def _strength(outcome: RuleOutcome) -> int:
    return outcome.would.strength if outcome.would is not None else -1


def _example(rule: Rule, outcome: RuleOutcome, action: Action, judgement: Judgement, target: Target) -> Example:
    """What a tuner needs to say whether the rule is right: the beginning, and the words; never who wrote it."""
    found, facts = tuple(_asked_for(rule, judgement.findings)), judgement.facts
    words = dict.fromkeys(piece.text[:WORD] for finding in found for piece in finding.evidence if piece.text)
    return Example(
        action,
        outcome.observed[:SAW],
        facts.subject[:SUBJECT],
        facts.text[:TEXT],
        tuple(words)[:MOST_WORDS],
        judgement.origin.kind.value,
        is_internal(judgement, target),
        any(finding.category in COVERED for finding in judgement.findings),
    )


def _asked_for(rule: Rule, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that a rule asks for; all of them where it asks for none by name."""
    when = rule.when
    for finding in findings:
        if finding.rule in when.finding or finding.category in when.category or not (when.finding or when.category):
            yield finding
