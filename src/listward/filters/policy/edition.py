"""The rules as members read them, and whoever else opens a page that notices link: without what is nobody's affair."""

from listward.config.conditions import Conditions
from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.config.vocabulary import Vocabulary
from listward.filters.policy.prose import StageText, policy_text


def members_edition(policy: Policy, site: Site, words: Vocabulary) -> tuple[StageText, ...]:
    """Return the rules that have an effect, without bounds of scores, words looked for, people and internal lists."""
    inside = words.say("zone", "internal")
    hidden = {
        name: inside
        for entry in site.lists
        if entry.zone == "internal"
        for name in (entry.address, entry.address.partition("@")[0])
    }
    rules = tuple(_without_lists(rule, hidden) for rule in policy.rules)
    return policy_text(policy.model_copy(update={"rules": rules}), words, public=True)


def _without_lists(rule: Rule, hidden: dict[str, str]) -> Rule:
    unless = None if rule.unless is None else _shown(rule.unless, hidden)
    return rule.model_copy(update={"when": _shown(rule.when, hidden), "unless": unless})


def _shown(when: Conditions, hidden: dict[str, str]) -> Conditions:
    named = dict.fromkeys(hidden.get(name, name) for name in when.list)
    return when.model_copy(update={"list": tuple(named)})
