"""Names of findings and categories in rules that no check finds: a slip of the pen, or another release's."""

from collections.abc import Iterator

from listward.config.catalogue import CATEGORIES, LATER, known_to, unknown
from listward.config.conditions import Conditions
from listward.config.policy import Policy
from listward.config.source import Key

_SAYS = {
    "finding": "no check finds {name!r}: the condition never holds",
    "category": "no check finds anything of the kind {name!r}: the condition never holds",
}
_ALL = "; `listward policy findings` lists all there are"


def catalogue_advice(policy: Policy) -> Iterator[tuple[Key, str]]:
    """Yield key and message of each name that nothing makes; what waits for a check of a later release is no slip."""
    known = {"finding": known_to(policy), "category": CATEGORIES}
    for at, rule in enumerate(policy.rules):
        for table, when in (("when", rule.when), ("unless", rule.unless or Conditions())):
            for key, names in (("finding", when.finding), ("category", when.category)):
                for name, meant in unknown(names, known[key], LATER[key]):
                    yield ("rule", at, table, key), f"{_SAYS[key].format(name=name)}{_perhaps(meant)}"


def _perhaps(meant: str) -> str:
    return f"; perhaps {meant!r} is meant" if meant else _ALL
