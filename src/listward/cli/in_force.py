"""What the rules would do in force, for whoever tries a message while the site only observes."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from listward.cli.explain import VERDICTS
from listward.cli.output import printable
from listward.config.load import Configuration
from listward.filters.judgement import Action
from listward.filters.policy.engine import Engine
from listward.filters.policy.situation import Situation

Verdicts = Mapping[str, Action]


def in_force(configuration: Configuration, situations: Sequence[Situation]) -> Verdicts:
    """Return each recipient's verdict by the rules in force; {} where the site does more than observe."""
    if configuration.site.policy.mode != "observe":
        return {}
    engine = Engine(configuration.policy)
    return {each.target.address: engine.decide(each).action for each in situations}


def print_in_force(verdicts: Verdicts) -> None:
    """Print them after the judgement, which lets everything well-formed pass."""
    out = Console(highlight=False, soft_wrap=True)
    if verdicts:
        out.print(Text("This site observes for now: rules are counted, and mail passes. In force they would do this:"))
    for address, action in verdicts.items():
        out.print(Text(f"  {printable(address)}: {VERDICTS[action]}"))


def in_force_json(verdicts: Verdicts) -> dict[str, Any]:
    """Return them under one key, {} where there are none."""
    return {"in_force": {address: action.value for address, action in verdicts.items()}} if verdicts else {}
