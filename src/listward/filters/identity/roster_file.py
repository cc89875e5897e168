"""Roster files: CSV, or TOML where the name ends in .toml; UTF-8 text."""

from collections.abc import Callable, Iterator
from pathlib import Path

from listward.config.faults import Fault
from listward.filters.identity.roster_copy import RosterCopy, copy_of
from listward.filters.identity.roster_csv import csv_rows
from listward.filters.identity.roster_lines import checked
from listward.filters.identity.roster_toml import toml_rows
from listward.filters.identity.roster_values import RosterError
from listward.filters.probes import RosterEntry

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_roster(path: Path, rest: Callable[[], None] = lambda: None) -> RosterCopy:
    """Read a roster file. Raises RosterError with every fault, each as "file:line: column: message"."""
    return copy_of((entry for _, entry in people_in(path)), rest)


def people_in(path: Path) -> Iterator[tuple[int, RosterEntry]]:
    """Yield the line of each person and the person. Raises RosterError at the end where some line is wrong."""
    rows_of = toml_rows if path.suffix.lower() == ".toml" else csv_rows
    try:
        with path.open("rb") as octets:
            if octets.read(2) in _UTF_16:
                raise failure(path, "is UTF-16 text; save it as CSV UTF-8")
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from checked(path, rows_of(path, lines))
    except OSError as error:
        raise failure(path, f"cannot be read: {error.strerror or 'no such file'}") from error
    except UnicodeDecodeError as error:
        raise failure(path, "is not UTF-8 text; save it as CSV UTF-8") from error


def failure(file: Path, message: str) -> RosterError:
    """The error of a file as a whole."""
    return RosterError((Fault(file, 0, "", message),))
