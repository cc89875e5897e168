"""What came of an archive: counts that can be added to each other, so that every process counts for itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from listward.cli.output import printable
from listward.cli.replay_marks import Mark
from listward.cli.replay_scores import Score
from listward.filters.judgement import Action, Judgement, Mode
from listward.filters.verdict_json import queue_of

MOST_EXAMPLES = 50
MOST_OF_A_KIND = 10
MOST_UNREAD = 20
MOST_SLOW = 10
MOST_SUBJECT = 120
MOST_PATH = 240
Counts = dict[str, int]


@dataclass(slots=True)
class Unread:
    """A record that could not be read, and why."""

    path: str
    why: str


@dataclass(slots=True)
class Example:
    """A message that two policies treat differently. `rules` are those that act in one of them only."""

    path: str
    subject: str
    before: str
    after: str
    rules: list[str]


@dataclass(slots=True)
class Slow:
    """A message that took long to judge: milliseconds of processor time, and its octets."""

    path: str
    milliseconds: float
    octets: int


@dataclass(slots=True)
class Shift:
    """What another policy makes of a rule: on how many messages it acts in the first and in the second.

    On `no_more` only in the first, on `newly` only in the second, on `otherwise` in both, each with another action.
    """

    before: int = 0
    after: int = 0
    no_more: int = 0
    newly: int = 0
    otherwise: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything is different."""
        return bool(self.no_more or self.newly or self.otherwise)

    def add(self, other: "Shift") -> None:
        """Add the counts of another."""
        self.before += other.before
        self.after += other.after
        self.no_more += other.no_more
        self.newly += other.newly
        self.otherwise += other.otherwise


@dataclass(slots=True)
class Tally:
    """Counts of messages. `fired` is how often a rule held, `rules` how often it acted, `shadow` what only watched.

    `changes` are named "before -> after"; `scores` has one for each policy.
    """

    messages: int = 0
    unread: int = 0
    actions: Counts = field(default_factory=dict)
    origins: Counts = field(default_factory=dict)
    fired: Counts = field(default_factory=dict)
    rules: Counts = field(default_factory=dict)
    shadow: Counts = field(default_factory=dict)
    changes: Counts = field(default_factory=dict)
    shifts: dict[str, Shift] = field(default_factory=dict)
    unreadable: list[Unread] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    slowest: list[Slow] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)

    @classmethod
    def for_policies(cls, count: int) -> "Tally":
        """An empty one."""
        return cls(scores=[Score() for _ in range(count)])

    def add_unread(self, path: str, why: str) -> None:
        """Count a record that could not be read."""
        self.unread += 1
        if len(self.unreadable) < MOST_UNREAD:
            self.unreadable.append(Unread(_short(path), printable(why)[: 2 * MOST_PATH]))

    def add(self, path: str, judgements: list[Judgement], marks: tuple[Mark, ...], seconds: float) -> None:
        """Count one message, judged by each policy in `seconds` of processor time."""
        first = judgements[0]
        self.messages += 1
        _count(self.actions, (first.action.value,))
        _count(self.origins, (first.origin.kind.value,))
        _count(self.fired, fired(first))
        _count(self.rules, acts(first))
        _count(self.shadow, watching(first))
        for score, judgement in zip(self.scores, judgements, strict=True):
            for mark in marks:
                score.count(judgement, mark)
        if len(judgements) > 1:
            self._compare(path, first, judgements[1])
        self._note_slow(Slow(_short(path), round(seconds * 1000, 1), first.facts.size))

    def _compare(self, path: str, first: Judgement, second: Judgement) -> None:
        before, after = acts(first), acts(second)
        for rule in before.keys() | after.keys():
            was, now = before.get(rule), after.get(rule)
            other = was is not None and now is not None and was is not now
            shift = Shift(was is not None, now is not None, now is None, was is None, other)
            self.shifts.setdefault(rule, Shift()).add(shift)
        if (first.action, queue_of(first)) == (second.action, queue_of(second)):
            return
        kind = f"{first.action.value} -> {second.action.value}"
        _count(self.changes, (kind,))
        if self.changes[kind] <= MOST_OF_A_KIND:
            rules = sorted({rule for rule, _ in before.items() ^ after.items()}) or sorted(after)
            subject = printable(" ".join(first.facts.subject.split()))[:MOST_SUBJECT]
            self.examples.append(Example(_short(path), subject, first.action.value, second.action.value, rules))

    def _note_slow(self, slow: Slow) -> None:
        if len(self.slowest) < MOST_SLOW or slow.milliseconds > self.slowest[-1].milliseconds:
            self.slowest = sorted((*self.slowest, slow), key=lambda one: -one.milliseconds)[:MOST_SLOW]

    def merge(self, other: "Tally") -> None:
        """Add what was counted of the messages that come next."""
        shown = dict(self.changes)
        for mine, theirs in (
            (self.actions, other.actions),
            (self.origins, other.origins),
            (self.fired, other.fired),
            (self.rules, other.rules),
            (self.shadow, other.shadow),
            (self.changes, other.changes),
        ):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        self.messages += other.messages
        self.unread += other.unread
        for rule, shift in other.shifts.items():
            self.shifts.setdefault(rule, Shift()).add(shift)
        self.unreadable = (self.unreadable + other.unreadable)[:MOST_UNREAD]
        self._add_examples(other.examples, shown)
        for slow in other.slowest:
            self._note_slow(slow)
        for score, more in zip(self.scores, other.scores, strict=True):
            score.merge(more)

    def _add_examples(self, more: list[Example], shown: Counts) -> None:
        """A few of each kind, so that what is rare is not crowded out."""
        for example in more:
            kind = f"{example.before} -> {example.after}"
            shown[kind] = shown.get(kind, 0) + 1
            if shown[kind] <= MOST_OF_A_KIND and len(self.examples) < MOST_EXAMPLES:
                self.examples.append(example)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a chunk: its counts, and a line of JSON for each message where they are wanted."""

    tally: Tally
    lines: tuple[str, ...] = ()


def fired(judgement: Judgement) -> tuple[str, ...]:
    """The rules that held for some recipient."""
    outcomes = (outcome for verdict in judgement.recipients for outcome in verdict.outcomes)
    return tuple(dict.fromkeys(outcome.rule for outcome in outcomes if outcome.fired))


def acts(judgement: Judgement) -> dict[str, Action]:
    """The rules that acted for some recipient, each with the strongest action it asked for."""
    found: dict[str, Action] = {}
    for outcome in (outcome for verdict in judgement.recipients for outcome in verdict.outcomes):
        if outcome.fired and outcome.action is not None:
            asked = found.get(outcome.rule, outcome.action)
            found[outcome.rule] = max(asked, outcome.action, key=lambda action: action.strength)
    return found


def watching(judgement: Judgement) -> tuple[str, ...]:
    """The rules that fired and only watch."""
    outcomes = (outcome for verdict in judgement.recipients for outcome in verdict.outcomes)
    return tuple(dict.fromkeys(one.rule for one in outcomes if one.fired and one.mode is Mode.SHADOW))


def most_first(counts: Counts) -> list[tuple[str, int]]:
    """Names and counts, the largest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def in_order_of_strength(actions: Iterable[str]) -> list[str]:
    """Actions, the mildest first."""
    return sorted(actions, key=lambda action: Action(action).strength)


def _count(counts: Counts, names: Iterable[str]) -> None:
    for name in names:
        counts[name] = counts.get(name, 0) + 1


def _short(path: str) -> str:
    """A path for people; of a very long one the end, which says most."""
    shown = printable(path).replace("\n", "·")
    return shown if len(shown) <= MOST_PATH else f"…{shown[1 - MOST_PATH :]}"
