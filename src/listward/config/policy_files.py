"""policy.toml with the files it includes: one list of rules, each still at home in its own file."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listward.config.faults import ConfigError, Fault
from listward.config.find import DEFAULTS
from listward.config.names import NAMES, expanded, shape_fault
from listward.config.source import Key, Source, read_source

SHIPPED = "shipped"
INCLUDE = "include"
_MARKS = "internal_marks"
_INCLUDED = frozenset({"name", "language", "rule", NAMES, _MARKS})


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """The files as one. `homes` says of each rule which file it stands in, and at which place there."""

    values: dict[str, Any]
    main: Source
    included: tuple[Source, ...]
    homes: tuple[tuple[Source, int], ...]

    def fault(self, key: Key, message: str) -> Fault:
        """Name a fault in the file where it stands; the key counts over all files."""
        match key:
            case ("rule", int(at), *rest) if at < len(self.homes):
                source, place = self.homes[at]
                return source.fault(("rule", place, *rest), message)
            case _:
                return self.main.fault(key, message)

    @property
    def digest(self) -> Any:
        """The hash of what was read, to go on with."""
        digest = hashlib.sha256(self.main.octets)
        for source in self.included:
            digest.update(b"\0" + source.octets)
        return digest


def read_policy(path: Path) -> PolicyFiles:
    """Read a policy and what it includes. Own rules come first, and one of the same name replaces an included one.

    Raises ConfigError naming file and line.
    """
    main = read_source(path)
    included = tuple(_included(main))
    if "clause" in main.values:
        raise ConfigError((main.fault(first(main, "clause"), "clauses stand in clauses.toml, beside this file"),))
    own = _rules(main)
    names = {_name(rule) for rule in own}
    found = [(rule, main, at) for at, rule in enumerate(own)]
    for source in included:
        found += [(rule, source, at) for at, rule in enumerate(_rules(source)) if _name(rule) not in names]
    homes = tuple((source, at) for _, source, at in found)
    values = {key: value for key, value in main.values.items() if key not in {INCLUDE, NAMES}}
    if found:
        values["rule"] = _meant([rule for rule, _, _ in found], homes, (main, *included))
    for source in included:  # marks of one's own stand for themselves
        values |= {_MARKS: source.values[_MARKS]} if _MARKS in source.values and _MARKS not in values else {}
    return PolicyFiles(values, main, included, homes)


def _meant(rules: list[Any], homes: tuple[tuple[Source, int], ...], sources: tuple[Source, ...]) -> list[Any]:
    """The rules with the values that their names stand for; the same name in an earlier file counts."""
    names: dict[str, Any] = {}
    for source in sources:
        table = source.values.get(NAMES, {})
        if message := shape_fault(table):
            raise ConfigError((source.fault((NAMES,), message),))
        names = {**table, **names}
    meant, faults = expanded(rules, names)
    if faults:
        files = PolicyFiles({}, sources[0], (), homes)
        raise ConfigError(tuple(files.fault(key, message) for key, message in faults))
    return meant


def _included(main: Source) -> Iterator[Source]:
    for source in included_files(main, "policy.toml"):
        _check_language(source, main)
        if unknown := sorted(set(source.values) - _INCLUDED):
            message = f"stands in an included file, which holds rules alone; it belongs into {main.path.name}"
            raise ConfigError((source.fault((unknown[0],), message),))
        yield source


def included_files(main: Source, shipped: str) -> Iterator[Source]:
    """Read the files that one includes; "shipped" is that name among the defaults. Raises ConfigError."""
    named = main.values.get(INCLUDE, [])
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        message = f'{named!r} is not a list of files; allowed: such as ["{SHIPPED}", "rules/press.toml"]'
        raise ConfigError((main.fault((INCLUDE,), message),))
    for each in named:
        path = DEFAULTS / shipped if each == SHIPPED else main.path.parent / each
        if not path.is_file():
            message = f'{each!r} is not a file; allowed: a file beside this one, or "{SHIPPED}"'
            raise ConfigError((main.fault((INCLUDE,), message),))
        yield read_source(path)


def first(source: Source, name: str) -> Key:
    """The key of the first of several tables of one name, which has a line; else of the value itself."""
    value = source.values[name]
    return (name, 0) if isinstance(value, list) and any(isinstance(each, dict) for each in value) else (name,)


def _check_language(source: Source, main: Source) -> None:
    """The words of all rules are in one language; `words_in` holds the others."""
    language, wanted = (each.values.get("language", "en") for each in (source, main))
    if language != wanted:
        message = f"{language!r} is not the language of {main.path.name}, which is {wanted!r}; use words_in"
        raise ConfigError((source.fault(("language",), message),))


def _rules(source: Source) -> list[Any]:
    rules = source.values.get("rule", [])
    return rules if isinstance(rules, list) else [rules]


def _name(rule: Any) -> object:
    return rule.get("name") if isinstance(rule, dict) else None
