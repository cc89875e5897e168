"""Rosters as CSV: a line a person, as spreadsheets write it: commas, semicolons or tabs, any line ends, quotes.

Columns: address, name, role; optional other_addresses, language, first_posts_moderated, until, reason, lists.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from listward.config.faults import Fault
from listward.filters.identity.roster_values import RosterError, Written, person
from listward.filters.probes import RosterEntry

REQUIRED = ("address", "name", "role")
_SEPARATORS = ",;\t"
_SEPARATOR_LINE = "sep="  # a spreadsheet writes which it took in front
_BETWEEN = re.compile(r"[\s,;]+")
Row = tuple[int, Callable[[], RosterEntry]]


class _Reader(Protocol):
    """What csv.reader returns."""

    @property
    def line_num(self) -> int:
        """The line that the latest row ended on."""
        ...

    def __iter__(self) -> "_Reader": ...

    def __next__(self) -> list[str]: ...


def csv_rows(file: Path, lines: Iterable[str]) -> Iterator[Row]:
    """Yield the line that each row begins on, and what reads it. Raises RosterError where the whole is no CSV."""
    text = iter(lines)
    above, first = 1, next(text, "")
    if first.lower().startswith(_SEPARATOR_LINE):
        above, first = 2, next(text, "")
    columns = _columns(Fault(file, above, "columns", ""), first)
    reader = csv.reader(text, delimiter=separator_of(first), strict=True)
    try:
        yield from _rows(columns, reader, above)
    except csv.Error as error:
        raise RosterError((Fault(file, reader.line_num + above, "", f"is not CSV: {error}"),)) from None


def _rows(columns: list[str], reader: _Reader, above: int) -> Iterator[Row]:
    begins = above + 1
    for row in reader:
        if any(map(str.strip, row)):
            yield begins, partial(_entry, dict(zip(columns, map(str.strip, row), strict=False)))
        begins = reader.line_num + above + 1


def separator_of(first_line: str) -> str:
    """The separator of the columns: spreadsheets write semicolons where the comma stands in numbers."""
    return max(_SEPARATORS, key=first_line.count)


def _columns(place: Fault, first_line: str) -> list[str]:
    row = next(csv.reader([first_line], delimiter=separator_of(first_line)), [])
    columns = [name.strip().lower() for name in row]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        message = f"the first line must name the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}"
        raise RosterError((replace(place, message=message),))
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise RosterError((replace(place, message=f"stand twice: {', '.join(twice)}"),))
    return columns


def _entry(row: Mapping[str, str]) -> RosterEntry:
    written = Written(
        addresses=(row.get("address", ""), *several(row.get("other_addresses", ""))),
        name=row.get("name", ""),
        role=row.get("role", ""),
        language=row.get("language", ""),
        first_posts_moderated=row.get("first_posts_moderated", ""),
        until=row.get("until", ""),
        reason=row.get("reason", ""),
        lists=several(row.get("lists", "")),
    )
    return person(written)


def several(cell: str) -> list[str]:
    """What stands in one cell with blanks, commas or semicolons between."""
    return [part for part in _BETWEEN.split(cell) if part] if cell else []
