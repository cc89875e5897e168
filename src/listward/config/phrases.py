"""Phrase lists of the organisation: one phrase a line, `#` for remarks, and among these who approved it until when.

# approved-by: The executive committee
# approved-on: 2026-05-03
# expires: 2027-05-03
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from listward.config.faults import ConfigError, Fault
from listward.config.octets import read_lines
from listward.config.table import Table
from listward.config.wordlists import entry_of

_REMARK = re.compile(r"#\s*(approved-by|approved-on|expires)\s*:\s*(.*\S)\s*", re.IGNORECASE)
_DAYS = ("approved-on", "expires")


class PhraseList(Table):
    """One list. `lines` are the lines on which the entries stand, from 1; a list counts until the end of `expires`."""

    entries: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    approved_by: str = ""
    approved_on: date | None = None
    expires: date | None = None

    def counts_on(self, day: date) -> bool:
        """Whether the list has not ended before this day."""
        return self.expires is None or day <= self.expires

    @property
    def is_approved(self) -> bool:
        """Whether it names who approved it, when, and until when."""
        return bool(self.approved_by and self.approved_on and self.expires)


def read_phrases(folder: Path) -> dict[str, PhraseList]:
    """Return every list of a folder by its file's name without .txt. Raises ConfigError naming file and line."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.txt"))}


def _read(path: Path) -> PhraseList:
    lines = read_lines(path)
    remarks: dict[str, str | date] = {}
    for number, line in enumerate(lines, 1):
        if match := _REMARK.fullmatch(line.strip()):
            remarks[match[1].lower()] = _remark(path, number, match[1].lower(), match[2])
    entries = list(_entries(lines))
    return PhraseList(
        entries=tuple(entry for _, entry in entries),
        lines=tuple(number for number, _ in entries),
        **{name.replace("-", "_"): value for name, value in remarks.items()},
    )


def _entries(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if entry := entry_of(line):
            yield number, entry


def _remark(path: Path, number: int, name: str, value: str) -> str | date:
    if name not in _DAYS:
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        message = f"{value!r} is not a day; allowed: such as 2027-05-03"
        raise ConfigError((Fault(path, number, name, message),)) from None
