"""Rosters as TOML: a [[person]] table a person, read one by one, so that a large file takes no memory of its own."""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from listward.config.faults import Fault
from listward.config.lines import key_lines, line_of
from listward.config.table import Table
from listward.config.words import plain_message
from listward.filters.identity.roster_values import BadValue, RosterError, Written, person
from listward.filters.probes import RosterEntry

_HEADER = re.compile(r"\s*\[\[\s*person\s*\]\]")
_PLACE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_KEYS = {"address": "addresses", "other_addresses": "addresses"}
Row = tuple[int, Callable[[], RosterEntry]]


class Person(Table):
    """[[person]]: one person with all addresses; the first is the one that the person goes by."""

    addresses: tuple[str, ...] = Field(min_length=1)
    name: str
    role: str
    language: str = ""
    first_posts_moderated: bool | int = False
    until: date | None = None
    reason: str = ""
    lists: tuple[str, ...] = ()


def toml_rows(file: Path, lines: Iterable[str]) -> Iterator[Row]:
    """Yield the line that each person begins on, and what reads it. Raises RosterError where the whole is no TOML."""
    for line, text in _blocks(lines):
        begins = _HEADER.match(text) is not None
        tables = _parsed(file, line, text)
        if not begins and tables:
            message = f"{next(iter(tables))!r} stands before the first [[person]]; a roster holds [[person]] tables"
            raise RosterError((Fault(file, line, "", message),))
        if begins:
            yield line, partial(_placed, tables, text)


def _blocks(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The text before the first person, and each person's, with the line it begins on."""
    begins, block = 1, list[str]()
    for number, line in enumerate(lines, start=1):
        if _HEADER.match(line):
            yield begins, "".join(block)
            begins, block = number, []
        block.append(line)
    yield begins, "".join(block)


def _parsed(file: Path, line: int, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise RosterError((Fault(file, line, "", "holds lists in lists in lists"),)) from None
    except ValueError as error:  # TOMLDecodeError, and a number of too many digits
        place = _PLACE.search(str(error))
        within = int(place[1] or text.rstrip().count("\n") + 1) if place else 1
        reason = _PLACE.sub("", str(error))
        message = f"is not TOML: {reason[:1].lower()}{reason[1:]}"
        raise RosterError((Fault(file, line + within - 1, "", message),)) from None


def _placed(tables: dict[str, Any], text: str) -> RosterEntry:
    """Read one person; a fault is told with the line of its key."""
    try:
        return _entry(tables)
    except BadValue as fault:
        key = _KEYS.get(fault.column, fault.column)
        line = line_of(key_lines(text), ("person", 0, *key.split(".")))
        raise BadValue(key, str(fault), max(line - 1, 0)) from None


def _entry(tables: dict[str, Any]) -> RosterEntry:
    for extra in tables.keys() - {"person"}:
        raise BadValue(extra, "is not known; a roster holds [[person]] tables")
    try:
        table = Person.model_validate(tables["person"][0])
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        key = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
        raise BadValue(key, plain_message(Person, error)) from None
    return person(_written(table))


def _written(table: Person) -> Written:
    return Written(
        addresses=map(str.strip, table.addresses),
        name=table.name.strip(),
        role=table.role.strip(),
        language=table.language.strip(),
        first_posts_moderated=str(table.first_posts_moderated),
        until=table.until.isoformat() if table.until else "",
        reason=table.reason.strip(),
        lists=map(str.strip, table.lists),
    )
