"""One roster file: CSV with the columns address, name, role, and more where the organisation keeps more.

Optional columns: language, first_posts_moderated (yes/no), until (the last day of a ban or leave, YYYY-MM-DD), reason.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from sys import intern
from typing import Protocol

from listward.config.faults import Fault
from listward.filters.identity.author import plain_address
from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry

REQUIRED = ("address", "name", "role")
FAULTS_SHOWN = 50
_YES = frozenset({"yes", "true", "1", "y"})
_NO = frozenset({"no", "false", "0", "n", ""})
_ROLES = {role.value: role for role in Role}


class RosterError(Exception):
    """A roster that cannot be used: the first 50 faults."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class _BadValue(Exception):
    """What is wrong in one column of a row, and what is allowed."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_roster(path: Path | str) -> tuple[RosterEntry, ...]:
    """Read a roster file. Raises RosterError with every fault, each as "file:line: message"."""
    path = Path(path)
    if "mailman:/" in str(path):
        # Path() folds the two slashes of a URL into one and puts a folder in front.
        raise _failure(path, "mailman:// rosters are not read yet; name a CSV file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read_rows(path, csv.reader(file, strict=True))
    except OSError as error:
        raise _failure(path, f"cannot be read: {error.strerror or 'no such file'}") from error
    except UnicodeDecodeError as error:
        raise _failure(path, "is not UTF-8 text; save it as CSV UTF-8") from error


def _failure(file: Path, message: str) -> RosterError:
    return RosterError((Fault(file, 0, "", message),))


class _Reader(Protocol):
    """What csv.reader returns."""

    @property
    def line_num(self) -> int:
        """The line that the latest row ended on."""
        ...

    def __iter__(self) -> "_Reader": ...

    def __next__(self) -> list[str]: ...


class _Rows:
    """csv rows as mappings, with the line each one ends on."""

    def __init__(self, file: Path, reader: _Reader) -> None:
        self.reader = reader
        header: list[str] = next(reader, [])
        self.columns = [name.strip().lower() for name in header]
        missing = [name for name in REQUIRED if name not in self.columns]
        if missing:
            message = f"the first line must name the columns {', '.join(REQUIRED)}; missing: {', '.join(missing)}"
            raise RosterError((Fault(file, 1, "columns", message),))

    def __iter__(self) -> Iterator[tuple[int, Mapping[str, str]]]:
        for row in self.reader:
            if any(cell.strip() for cell in row):
                yield self.reader.line_num, dict(zip(self.columns, map(str.strip, row), strict=False))


def _read_rows(file: Path, reader: _Reader) -> tuple[RosterEntry, ...]:
    entries: dict[str, RosterEntry] = {}
    lines: dict[str, int] = {}
    faults: list[Fault] = []
    try:
        for line, row in _Rows(file, reader):
            try:
                entry = _entry(row)
                _check_once(entry, lines, line)
                entries[entry.address] = entry
            except _BadValue as fault:
                faults.append(Fault(file, line, fault.column, str(fault)))
            if len(faults) >= FAULTS_SHOWN:
                break
    except csv.Error as error:
        faults.append(Fault(file, reader.line_num, "", f"is not CSV: {error}"))
    if faults:
        raise RosterError(tuple(faults))
    return tuple(entries.values())


def _check_once(entry: RosterEntry, lines: dict[str, int], line: int) -> None:
    first = lines.setdefault(entry.address, line)
    if first != line:
        raise _BadValue("address", f"listed already on line {first}; one line for each address")


def _entry(row: Mapping[str, str]) -> RosterEntry:
    address = plain_address(row.get("address", ""))
    if not address:
        raise _BadValue("address", f"{row.get('address', '')!r} is not an address; write name@domain")
    return RosterEntry(
        address=address,
        name=row.get("name", ""),
        role=_role(row.get("role", "")),
        first_posts_moderated=_flag(row.get("first_posts_moderated", "")),
        language=intern(row.get("language", "")),
        until=_day(row.get("until", "")),
        reason=row.get("reason", ""),
    )


def _role(text: str) -> Role:
    role = _ROLES.get(text.lower())
    if role is None:
        raise _BadValue("role", f"{text!r} is not a role; allowed: {', '.join(_ROLES)}")
    return role


def _flag(text: str) -> bool:
    lowered = text.lower()
    if lowered not in _YES | _NO:
        raise _BadValue("first_posts_moderated", f"{text!r} is neither yes nor no")
    return lowered in _YES


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _BadValue("until", f"{text!r} is not a day; write YYYY-MM-DD") from error
