"""What must hold between the rules of a policy and what they name, and what no rule may do."""

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from listward.config.checks import queue_known, repeated, unknown_queue
from listward.config.conditions import Conditions
from listward.config.copy_checks import check_copies
from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.config.source import Key

MOST_NAMED = 12
AUTHENTICATED = {"internal", "member", "known"}
# Conditions by which a program looks for what a text says.
_LOOKING = frozenset({"finding", "category", "phrases", "subject", "text", "header", "score"})
_NOT_FOR_MEMBERS = ("violation", "blocked", "illegal", "spam", "forged", "SMTP", "DMARC", "score", "quarantine")


def check_policy(policy: Policy, site: Site) -> Iterator[tuple[str, Key, str]]:
    """Yield file ("policy" or "clauses"), key and message of each fault of the policy."""
    for position, (number, language) in repeated((clause.number, clause.language) for clause in policy.clauses):
        yield "clauses", ("clause", position, "number"), f"{number!r} stands twice in language {language}"
    for position, name in repeated(rule.name for rule in policy.rules):
        yield "policy", ("rule", position, "name"), f"{name!r} stands twice"
    for position, rule in enumerate(policy.rules):
        yield from (("policy", ("rule", position, *key), message) for key, message in _rule(rule, policy, site))


def _rule(rule: Rule, policy: Policy, site: Site) -> Iterator[tuple[Key, str]]:
    if rule.clause and policy.clause(rule.clause) is None:
        numbers = {clause.number for clause in policy.clauses}
        yield ("clause",), f"{rule.clause!r} is not in clauses.toml; {_meant(rule.clause, numbers)}"
    if message := _judgement(rule, policy):
        yield ("clause",), message
    for table, conditions in (("when", rule.when), ("unless", rule.unless or Conditions())):
        yield from (((table, key), message) for key, message in _unknown_names(conditions, policy, site))
    if word := _forbidden_word(rule.words):
        yield ("words",), f"holds the word {word!r}; words for members are plain and accuse nobody"
    yield from check_copies(rule, site)
    if rule.queue and not queue_known(site, rule.queue):
        yield ("queue",), unknown_queue(site, rule.queue)
    if rule.action == "discard" and (not rule.when.origin or AUTHENTICATED & set(rule.when.origin)):
        yield ("action",), "discard may not touch authenticated authors; name origin unproven or forged in its when"


def _judgement(rule: Rule, policy: Policy) -> str:
    """What is wrong with a rule on a clause of judgement, "" where nothing is: only approved lists hold, for a time."""
    opinion = any(clause.judgement for clause in policy.clauses if clause.number == rule.clause)  # in any language
    if not opinion or rule.mode == "off":
        return ""
    opening = f"clause {rule.clause} is a matter of judgement: "
    unless = rule.unless or Conditions()
    if "phrases" not in rule.when.given or (rule.when.given | unless.given) & _LOOKING != {"phrases"}:
        return f"{opening}people look for it; allowed: a phrase list that somebody approved"
    if rule.action != "hold" or "mode" not in rule.model_fields_set or rule.mode == "enforce":
        return f'{opening}such a rule may only hold; allowed: action = "hold" with mode = "shadow", later "hold"'
    lists = (*rule.when.phrases, *unless.phrases)
    unapproved = [name for name in lists if name in policy.phrases and not policy.phrases[name].is_approved]
    if unapproved:
        return f"{opening}the list {unapproved[0]!r} has to say approved-by, approved-on and expires in its remarks"
    return ""


def _unknown_names(when: Conditions, policy: Policy, site: Site) -> Iterator[tuple[str, str]]:
    """Yield condition and message of each name that is the name of nothing."""
    lists = {name for entry in site.lists for name in (entry.address, entry.address.partition("@")[0])}
    for key, named, known, what in (
        ("list", when.list, lists, "one of the lists"),
        ("group", when.group, {group.name for group in site.groups}, "one of the groups of site.toml"),
        ("phrases", when.phrases, set(policy.phrases), "a file of the folder phrases"),
    ):
        for unknown in sorted(set(named) - known):
            yield key, f"{unknown!r} is not {what}; {_meant(unknown, known)}"


def _meant(unknown: str, known: Collection[str]) -> str:
    """What is allowed, or what a slip was meant to be."""
    near = get_close_matches(unknown, known, 1)
    some = ", ".join(sorted(known)[:MOST_NAMED]) + (" and others" if len(known) > MOST_NAMED else "")
    return f"perhaps {near[0]!r} is meant" if near else f"allowed: {some or 'none, for there are none yet'}"


def _forbidden_word(words: str) -> str:
    return next((word for word in _NOT_FOR_MEMBERS if re.search(rf"\b{word}\b", words, re.IGNORECASE)), "")
