"""A replay's outcome as one page for a browser: no script, nothing loaded from elsewhere, dark or light."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from listward.cli.output import WrongUse, printable
from listward.cli.replay_scores import Score, percent
from listward.cli.replay_words import ONLY_HELD, rule_rows, score_sentence
from listward.cli.tally import Tally, in_order_of_strength, most_first
from listward.filters.judge import Judge

MOST_PATHS = 20
MOST_SENTENCES = 100
_ACTIONS = {
    "accept": "delivered",
    "discard": "dropped",
    "hold": "held for a person",
    "defer": "asked to wait",
    "reject": "returned",
}


@dataclass(frozen=True, slots=True)
class PolicyName:
    """One policy: its organisation, digest, and how many rules it has."""

    organisation: str
    digest: str
    rules: int
    mode: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What was judged, by what, when and for how long, and by whose clock that is told."""

    paths: tuple[str, ...]
    policies: tuple[PolicyName, ...]
    began: float
    seconds: float
    timezone: str = "UTC"

    @classmethod
    def of(cls, paths: list[Path], judges: Sequence[Judge], began: float, seconds: float) -> "Subject":
        """Name it."""
        policies = tuple(
            PolicyName(
                judge.site.organisation.name, judge.policy.digest[:12], len(judge.policy.rules), judge.site.policy.mode
            )
            for judge in judges
        )
        return cls(tuple(map(str, paths)), policies, began, seconds, judges[0].site.organisation.timezone)


def check_place(path: Path) -> None:
    """Raise WrongUse where no page can be written: better now than after hours."""
    if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise WrongUse(f"listward: {path}: cannot be written")


def write_report(path: Path, subject: Subject, tally: Tally, changes: Sequence[str] | None) -> None:
    """Write the page, for its owner alone: it names messages. Raises WrongUse."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(page(subject, tally, changes))
    except OSError as error:
        raise WrongUse(f"listward: {path}: cannot be written: {error.strerror}") from None


def page(subject: Subject, tally: Tally, changes: Sequence[str] | None) -> str:
    """Return the page. What came with messages is escaped, and shown without invisible characters."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,  # no Markup: that is ours
    )
    environment.filters["number"] = lambda count: f"{count:,}"
    environment.filters["share"] = percent
    scores = [(score, score_sentence(score)) for score in tally.scores if score.judged or score.undecided]
    return environment.get_template("replay.html").render(
        tally=tally,
        subject=subject,
        paths=subject.paths[:MOST_PATHS],
        more_paths=max(0, len(subject.paths) - MOST_PATHS),
        began=f"{datetime.fromtimestamp(subject.began, ZoneInfo(subject.timezone)):%Y-%m-%d %H:%M %Z}",
        rate=round(tally.messages / subject.seconds) if subject.seconds > 0 else 0,
        actions=[(name, _ACTIONS[name], tally.actions[name]) for name in in_order_of_strength(tally.actions)],
        origins=most_first(tally.origins),
        rules=_rules(tally),
        changes=None if changes is None else changes[:MOST_SENTENCES],
        more_changes=max(0, len(changes or ()) - MOST_SENTENCES),
        kinds=most_first(tally.changes),
        changed=sum(tally.changes.values()),
        shifts=[(rule, shift) for rule, shift in sorted(tally.shifts.items()) if shift.changed],
        scores=[(title, sentence, score, _score_rows(score)) for title, (score, sentence) in _titled(scores)],
        only_held=ONLY_HELD,
    )


def _titled(scores: list[tuple[Score, str]]) -> list[tuple[str, tuple[Score, str]]]:
    names = ("The policy", "The other policy") if len(scores) > 1 else ("The policy",)
    return list(zip(names, scores, strict=False))


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule's row: how often it held, how often it acted, whether it only watches."""

    name: str
    fired: int
    acted: int
    watched: bool


def _rules(tally: Tally) -> list[RuleRow]:
    return [
        RuleRow(name, count, tally.rules.get(name, 0), name in tally.shadow) for name, count in most_first(tally.fired)
    ]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A rule against rulings."""

    name: str
    right: int
    false: int
    missed: int
    judged: int
    watches: bool


def _score_rows(score: Score) -> list[ScoreRow]:
    return [
        ScoreRow(name, rule.right, rule.false, rule.missed, rule.judged, rule.watches)
        for name, rule in rule_rows(score)
    ]
