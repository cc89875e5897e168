"""The table of the twelve: what was sent, what happened, and why in plain words."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from listward.cli.demo.tour import Outcome

STYLES = {"delivered": "green", "held": "yellow", "refused": "red", "put off": "magenta"}


def table_of(outcomes: list[Outcome], reasons: dict[str, str]) -> Table:
    """Lay out the outcomes; `reasons` are the cases' reasons by Message-ID."""
    table = Table(title="Twelve messages, sent through the SMTP door", title_justify="left", show_lines=True)
    for heading in ("What was sent", "What happened", "Why"):
        table.add_column(heading)
    for number, outcome in enumerate(outcomes, start=1):
        held = reasons.get(outcome.sample.message_id, "") if outcome.happened == "held" else ""
        table.add_row(
            Text(f"{number}. {outcome.sample.title}"),
            Text(outcome.happened, STYLES[outcome.happened]),
            Text(held or plain(outcome)),
        )
    return table


def plain(outcome: Outcome) -> str:
    """The reply without its codes."""
    words = outcome.text.split(" ")
    return " ".join(words[1:] if words[0].replace(".", "").isdigit() else words)


def mailbox_counts(folder: Path) -> dict[str, int]:
    """How many messages lie in each mailbox."""
    return {box.name: len(list(box.glob("*.eml"))) for box in sorted(folder.glob("*")) if box.is_dir()}
