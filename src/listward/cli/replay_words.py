"""A replay's outcome for people at a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from listward.cli.replay_scores import RuleScore, Score, percent
from listward.cli.tally import Counts, Tally, most_first

POLICIES = ("The policy", "The other policy")
ONLY_HELD = (
    "People rule on what was held. What passed unseen stands in no ruling, so more is missed than is counted here."
)


def print_summary(out: Console, tally: Tally, changes: Sequence[str] | None) -> None:
    """Print what came of an archive; `changes` are the policies' differences as sentences, None without a second."""
    if changes is not None:
        for sentence in changes or ("Both policies say the same.",):
            out.print(Text(sentence))
    origins = ", ".join(f"{name} {count}" for name, count in most_first(tally.origins)) or "none"
    out.print(Text(f"{tally.messages} messages judged, by author: {origins}."))
    for title, counts in (
        ("What happens", tally.actions),
        ("Rules that acted", tally.rules),
        ("Rules that only watched", tally.shadow),
    ):
        if counts:
            out.print(_counts(title, counts, tally.messages))
    if changes is not None:
        _print_changes(out, tally)
    _print_scores(out, tally)


def _counts(title: str, counts: Counts, messages: int) -> Table:
    table = _table(title, "", "messages", "share")
    for name, count in most_first(counts):
        table.add_row(Text(name), str(count), f"{100 * count / max(messages, 1):.1f} %")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    return table


def _print_changes(out: Console, tally: Tally) -> None:
    if not tally.changes:
        out.print(Text("Nothing would change."))
        return
    out.print(Text(f"{sum(tally.changes.values())} messages would be treated differently:"))
    for kind, count in most_first(tally.changes):
        out.print(Text(f"  {kind}: {count}"))
    shifts = _table(
        "Rules that act on other messages, or otherwise", "", "before", "after", "no more", "newly", "otherwise"
    )
    for rule, shift in sorted(tally.shifts.items()):
        if shift.changed:
            counts = (shift.before, shift.after, shift.no_more, shift.newly, shift.otherwise)
            shifts.add_row(Text(rule), *map(str, counts))
    out.print(shifts)
    for example in tally.examples:
        line = f"  {example.path}: {example.before} -> {example.after} ({', '.join(example.rules)})"
        out.print(Text(f"{line} {example.subject}".rstrip()))
    if len(tally.examples) < sum(tally.changes.values()):
        out.print(Text("  More with --json."))


def _print_scores(out: Console, tally: Tally) -> None:
    scores = [score for score in tally.scores if score.judged or score.undecided]
    if not scores:
        return
    for name, score in zip(POLICIES, scores, strict=False):
        out.print(Text(f"{name}. {score_sentence(score)}"))
        out.print(_score_table(score))
    out.print(Text(ONLY_HELD))


def score_sentence(score: Score) -> str:
    """How people and a policy agreed, in words."""
    words = (
        f"Of {score.judged} messages that people ruled on, {score.agreed} would go as they ruled "
        f"({percent(score.agreed, score.judged)}). Held in error: {score.false}. Missed: {score.missed}."
    )
    return f"{words} {score.undecided} are undecided without DNS and store." if score.undecided else words


def _score_table(score: Score) -> Table:
    table = _table("Rules against rulings", "", "right", "held in error", "missed", "agreement")
    for name, rule in rule_rows(score):
        shown = f"{name} (only watches)" if rule.watches else name
        right, false, missed = rule.right, rule.false, rule.missed
        table.add_row(Text(shown), str(right), str(false), str(missed), percent(right, rule.judged))
    return table


def rule_rows(score: Score) -> list[tuple[str, RuleScore]]:
    """The rules that have to do with rulings, those with most of them first."""
    return sorted(score.rules.items(), key=lambda item: (-item[1].judged, item[0]))
