"""Values that rules share: named once in [names] of policy.toml, and meant wherever a list says "$name"."""

from collections.abc import Iterator, Mapping
from typing import Any

from listward.config.source import Key

NAMES = "names"
_SIGN = "$"
_TABLES = ("when", "unless")
_LISTS = ("copy_to",)


def expanded(rules: list[Any], names: Mapping[str, Any]) -> tuple[list[Any], list[tuple[Key, str]]]:
    """Return the rules with every "$name" replaced, and key and message of each name that is not there."""
    faults = [(("rule", at, *key), message) for at, rule in enumerate(rules) for key, message in _unknown(rule, names)]
    return [_with_values(rule, names) for rule in rules], faults


def shape_fault(names: Any) -> str:
    """What is wrong with a [names] table, "" where nothing is."""
    fits = isinstance(names, dict) and all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in names.values()
    )
    return "" if fits else 'holds lists of texts alone; allowed: such as boards = ["board", "executive"]'


def _lists(rule: Any) -> Iterator[tuple[str, str, list[Any]]]:
    """Table, condition and values of each list in a rule; a list of the rule itself has no table."""
    for table in _TABLES if isinstance(rule, dict) else ():
        conditions = rule.get(table)
        for condition, values in conditions.items() if isinstance(conditions, dict) else ():
            if isinstance(values, list):
                yield table, condition, values
    for name in _LISTS if isinstance(rule, dict) else ():
        if isinstance(rule.get(name), list):
            yield "", name, rule[name]


def _unknown(rule: Any, names: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    allowed = ", ".join(f"{_SIGN}{name}" for name in names) or "none yet: write them into [names]"
    for table, condition, values in _lists(rule):
        for value in values:
            if _is_name(value) and value[1:] not in names:
                yield (
                    ((table, condition) if table else (condition,)),
                    f"{value!r} is not one of the names; allowed: {allowed}",
                )


def _with_values(rule: Any, names: Mapping[str, Any]) -> Any:
    changed: dict[str, Any] = {}
    for table, condition, values in _lists(rule):
        if any(map(_is_name, values)):
            meant = [each for value in values for each in (names.get(value[1:], []) if _is_name(value) else [value])]
            place = changed.setdefault(table, dict(rule[table])) if table else changed
            place[condition] = list(dict.fromkeys(meant))
    return {**rule, **changed} if changed else rule


def _is_name(value: Any) -> bool:
    """Patterns may hold the sign too, but none begins with it: an end of the text has nothing behind it."""
    return isinstance(value, str) and value.startswith(_SIGN) and len(value) > 1
