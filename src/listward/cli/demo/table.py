"""The table of the twelve: what was sent, what happened, and why in plain words."""

from collections import Counter
from pathlib import Path

from rich.table import Table
from rich.text import Text

from listward.cli.demo.tour import Outcome

STYLES = {"delivered": "green", "held": "yellow", "refused": "red", "put off": "magenta", "not repeated": "cyan"}
NOT_REPEATED = "The list has this message already: the sender was told so, and it was posted once."


def table_of(outcomes: list[Outcome], reasons: dict[str, str], posted: Counter[str]) -> Table:
    """Lay out the outcomes; `reasons` are the cases' reasons and `posted` how often the list has it, by Message-ID."""
    table = Table(title="Twelve messages, sent through the SMTP door", title_justify="left", show_lines=True)
    for heading in ("What was sent", "What happened", "Why"):
        table.add_column(heading)
    seen: set[str] = set()
    for number, outcome in enumerate(outcomes, start=1):
        name = outcome.sample.message_id
        happened, why = outcome.happened, plain(outcome)
        if happened == "held":
            why = reasons.get(name, why)
        elif happened == "delivered" and name in seen and posted[name] == 1:
            happened, why = "not repeated", NOT_REPEATED
        seen.add(name)
        table.add_row(Text(f"{number}. {outcome.sample.title}"), Text(happened, STYLES[happened]), Text(why))
    return table


def posted_ids(folder: Path) -> Counter[str]:
    """How often the list server got each message, by Message-ID."""
    counts: Counter[str] = Counter()
    for path in folder.rglob("*.eml"):
        for line in path.read_bytes().split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
            if line.lower().startswith(b"message-id:"):
                counts[line.split(b":", 1)[1].strip().decode("ascii", "replace")] += 1
    return counts


def plain(outcome: Outcome) -> str:
    """The reply without its codes."""
    words = outcome.text.split(" ")
    said = " ".join(words[1:] if words[0].replace(".", "").isdigit() else words)
    return said.replace("Received.", "The list server has it.") if outcome.happened == "delivered" else said


def mailbox_counts(folder: Path) -> dict[str, int]:
    """How many messages lie in each mailbox."""
    return {box.name: len(list(box.glob("*.eml"))) for box in sorted(folder.glob("*")) if box.is_dir()}
