"""What is allowed and yet hardly meant: rules that never take effect, queues that nothing reaches, open doors.

`listward config check` says it and goes on: nothing of it keeps a gateway from running.
"""

from collections.abc import Iterator

from listward.config.catalogue_advice import catalogue_advice
from listward.config.conditions import Conditions
from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.config.site_advice import site_advice
from listward.config.source import Key

_ONE_OF = ("finding", "category", "phrases", "origin", "author", "group", "role", "zone", "list")
# What whoever writes a message decides, and what only a proven author has.
_WRITTEN = frozenset({"finding", "category", "phrases", "subject", "text", "header", "score", "size", "count", "time"})
_WHO = frozenset({"author", "group", "role"})
_PROVEN = frozenset({"internal", "member"})
_MATCHED = ("subject", "text", "header", "size", "count", "time", "first_posts")


def advice(policy: Policy, site: Site) -> Iterator[tuple[str, Key, str]]:
    """Yield file ("policy" or "site"), key and message of each point, in the order of the files."""
    yield from (("policy", key, message) for key, message in _rules(policy, site))
    yield from (("policy", key, message) for key, message in catalogue_advice(policy))
    yield from (("site", key, message) for key, message in site_advice(policy, site))


def _rules(policy: Policy, site: Site) -> Iterator[tuple[Key, str]]:
    for at, rule in enumerate(policy.rules):
        if rule.mode == "off":
            continue
        if first := _covering(policy.rules[:at], rule):
            message = f"never takes effect: rule {first!r} before it always applies where this one does"
            yield ("rule", at, "when"), message
        if passed := _opens_a_way(rule, policy.rules[at + 1 :]):
            message = f"lets anybody past {passed} who writes so; name author, group, role or origin too"
            yield ("rule", at, "action"), message
        if message := _contradiction(rule.when, site):
            yield ("rule", at, "when", "list"), message
        if rule.when.score is not None and rule.when.score.at_least == 0:
            yield ("rule", at, "when", "score"), "always holds: every score is at least 0"
        if rule.unless is not None and (not rule.unless.given or _covers(rule.unless, rule.when)):
            yield ("rule", at, "unless"), "never holds: whatever the rule is about is excepted"


def _covering(earlier: tuple[Rule, ...], rule: Rule) -> str:
    """The first rule of the same stage that applies wherever this one does, "" where there is none."""
    acting = (each for each in earlier if each.stage == rule.stage and each.mode in {"hold", "enforce"})
    deciding = (each for each in acting if each.unless is None and not each.only_copies)
    return "" if rule.only_copies else next((each.name for each in deciding if _covers(each.when, rule.when)), "")


def _opens_a_way(rule: Rule, later: tuple[Rule, ...]) -> str:
    """The rules of its stage that a stranger's message escapes by what it says, or how it is built, "" for none."""
    anybody = (
        rule.when.given & _WRITTEN and not rule.when.given & _WHO and not _PROVEN.issuperset(rule.when.origin or "*")
    )
    if rule.action != "accept" or rule.only_copies or rule.mode == "shadow" or not anybody:
        return ""
    passed = [each.name for each in later if each.stage == rule.stage and each.mode in {"hold", "enforce"}]
    names = ", ".join(repr(name) for name in passed[:3])
    return f"{names} and {len(passed) - 3} more" if len(passed) > 3 else names


def _covers(wide: Conditions, narrow: Conditions) -> bool:
    """Whether whatever fits `narrow` fits `wide` too, as far as the words alone show."""
    alternatives = all(_holds_all(getattr(wide, name), getattr(narrow, name)) for name in _ONE_OF)
    same = all(getattr(wide, name) == getattr(narrow, name) for name in wide.given.intersection(_MATCHED))
    return alternatives and same and _score_covers(wide, narrow)


def _holds_all(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    """An empty condition holds always."""
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _score_covers(wide: Conditions, narrow: Conditions) -> bool:
    if wide.score is None:
        return True
    same = narrow.score is not None and narrow.score.name == wide.score.name
    return same and narrow.score is not None and narrow.score.at_least >= wide.score.at_least


def _contradiction(when: Conditions, site: Site) -> str:
    """A rule for lists that are in none of its zones holds for no message."""
    zones = {entry.zone for name in when.list if (entry := site.list_for(name)) is not None}
    if not when.zone or not zones or zones & set(when.zone):
        return ""
    return f"never holds: the lists it names are in zone {' and '.join(sorted(zones))}, not {' or '.join(when.zone)}"
