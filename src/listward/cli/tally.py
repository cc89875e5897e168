"""What came of an archive: counts by action and rule, or what would change between two policies."""

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from listward.cli.bench import Result
from listward.cli.output import printable

MOST_SHOWN = 50


@dataclass(slots=True)
class Tally:
    """Counts results as they come; keeps no more than a few of them."""

    messages: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    shadow: Counter[str] = field(default_factory=Counter)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Result] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""

    def add(self, result: Result) -> None:
        """Count one message."""
        if result.error:
            self.errors += 1
            self.first_error = self.first_error or printable(result.error)
            return
        first = result.verdicts[0]
        self.messages += 1
        self.actions[first.action] += 1
        self.origins[result.origin] += 1
        self.rules.update(first.rules)
        self.shadow.update(first.shadow)
        if result.changed:
            self.changes[(first.action, result.verdicts[1].action)] += 1
            if len(self.examples) < MOST_SHOWN:
                self.examples.append(result)

    def print(self, out: Console, compared: bool) -> None:
        """Print the summary for people."""
        out.print(Text(f"{self.messages} messages judged, by author: {_listed(self.origins)}."))
        out.print(self._counts("What happens", self.actions))
        if self.rules:
            out.print(self._counts("Rules that acted", self.rules))
        if self.shadow:
            out.print(self._counts("Rules that only watched", self.shadow))
        if compared:
            self._print_changes(out)

    def _counts(self, title: str, counts: Counter[str]) -> Table:
        table = Table(title=title, title_justify="left")
        table.add_column("")
        table.add_column("messages", justify="right")
        table.add_column("share", justify="right")
        for name, count in counts.most_common():
            table.add_row(Text(name), str(count), f"{100 * count / max(self.messages, 1):.1f} %")
        return table

    def _print_changes(self, out: Console) -> None:
        if not self.changes:
            out.print(Text("Nothing would change."))
            return
        out.print(Text(f"{sum(self.changes.values())} messages would be treated differently:"))
        for (before, after), count in self.changes.most_common():
            out.print(Text(f"  {before} -> {after}: {count}"))
        for result in self.examples:
            first, second = result.verdicts
            rules = sorted(set(first.rules) ^ set(second.rules)) or sorted(second.rules)
            line = f"  {printable(result.path)}: {first.action} -> {second.action} ({', '.join(rules)})"
            out.print(Text(line))
        if len(self.examples) < sum(self.changes.values()):
            out.print(Text("  More with --json."))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"
