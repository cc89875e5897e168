"""Which rules are on trial: they watch and are counted, and have no effect yet. Pure.

Counts go by a rule's key, which names it together with what it asks: a rule that is changed starts anew.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from listward.config.policy import Policy, Rule
from listward.filters.policy.engine import ALWAYS_IN_FORCE

# What a rule says beside what it asks and does: to change it leaves the rule the same.
_BESIDE = {"mode", "words", "words_in", "queue", "clause"}


class Standing(StrEnum):
    """How a rule stands in its policy. `always`: its reply stays in force while a site only observes."""

    FORCE = "f"
    SHADOW = "s"
    OFF = "o"
    ALWAYS = "a"


@dataclass(frozen=True, slots=True)
class Trial:
    """The rules of one policy with their keys, and whether all of them only watch (`observing`)."""

    policy_hash: str
    observing: bool
    keys: dict[str, str]
    standings: dict[str, Standing]

    @property
    def watched(self) -> tuple[str, ...]:
        """The names of the rules on trial, in the order of the policy."""
        return tuple(name for name, standing in self.standings.items() if on_trial(standing, self.observing))

    def written(self) -> str:
        """Keys with their standings, as the store remembers a policy: "heat.0f3c…/s junk.77aa…/f"."""
        return " ".join(f"{self.keys[name]}/{standing.value}" for name, standing in self.standings.items())


def on_trial(standing: Standing, observing: bool) -> bool:
    """Whether a rule only watches."""
    return standing is Standing.SHADOW or (observing and standing is Standing.FORCE)


def trial_of(policy: Policy, observing: bool) -> Trial:
    """Return the rules of a policy with their keys."""
    keys = {rule.name: rule_key(rule, policy) for rule in policy.rules}
    return Trial(policy.digest, observing, keys, {rule.name: _standing(rule) for rule in policy.rules})


def read_written(text: str) -> dict[str, Standing]:
    """Undo `Trial.written`: standing by rule key. Raises ValueError."""
    pairs = (word.rpartition("/") for word in text.split())
    return {key: Standing(standing) for key, _, standing in pairs}


def rule_key(rule: Rule, policy: Policy) -> str:
    """Return name and digest of what a rule asks and does, with the phrases it asks for.

    What a rule leaves out is left out: a release that adds a key changes no rule.
    """
    lists = {name: policy.phrases[name].entries for name in sorted(_phrase_lists(rule)) if name in policy.phrases}
    asked = [rule.model_dump(mode="json", exclude=_BESIDE, exclude_defaults=True), lists]
    return f"{rule.name}.{hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]}"


def name_of(key: str) -> str:
    """Return the rule's name of a key."""
    return key.rpartition(".")[0]


def _phrase_lists(rule: Rule) -> Iterable[str]:
    return (*rule.when.phrases, *(rule.unless.phrases if rule.unless is not None else ()))


def _standing(rule: Rule) -> Standing:
    if rule.mode == "off":
        return Standing.OFF
    if rule.mode == "shadow":
        return Standing.SHADOW
    return Standing.ALWAYS if rule.reply in ALWAYS_IN_FORCE else Standing.FORCE
