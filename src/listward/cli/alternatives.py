"""What would alter a verdict, for people and for programs."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from listward.cli.output import printable
from listward.filters.judgement import Action
from listward.filters.policy.alternatives import Alternative

THEN = {
    Action.ACCEPT: "it would be delivered",
    Action.HOLD: "it would be held",
    Action.DEFER: "its sender's server would have to try again",
    Action.DISCARD: "it would be dropped",
    Action.REJECT: "it would be returned",
}
Ways = Mapping[str, tuple[Alternative, ...]]


def print_alternatives(ways: Ways) -> None:
    """Print them for each recipient that has some."""
    out = Console(highlight=False, soft_wrap=True)
    for address, found in ways.items():
        if found:
            out.print(Text(f"What would alter the verdict for {printable(address)}:"))
        for each in found:
            out.print(Text(f"  {printable(', and '.join(each.changes))}: {THEN[each.action]}"))


def alternatives_json(ways: Ways) -> dict[str, Any]:
    """Return them under one key, {} where nobody asked."""
    found = {
        address: [{"changes": list(each.changes), "action": each.action.value} for each in alternatives]
        for address, alternatives in ways.items()
    }
    return {"alternatives": found} if found else {}
