"""The people of one roster file with their lines: each address once a list, and all faults at once."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from listward.config.faults import Fault
from listward.filters.identity.roster_values import BadValue, RosterError
from listward.filters.probes import RosterEntry

FAULTS_SHOWN = 50
EVERY_LIST = ("",)


def checked(file: Path, rows: Iterable[tuple[int, Callable[[], RosterEntry]]]) -> Iterator[tuple[int, RosterEntry]]:
    """Yield line and entry of each row that is right. Raises RosterError at the end, or at the 50th fault.

    Rows are line numbers, each with what reads the row or raises BadValue.
    """
    faults: list[Fault] = []
    once = _Once()
    try:
        for line, read in rows:
            try:
                entry = read()
                once.check(entry, line)
            except BadValue as fault:
                faults.append(Fault(file, line + fault.below, fault.column, str(fault)))
                if len(faults) >= FAULTS_SHOWN:
                    break
                continue
            yield line, entry
    except RosterError as error:
        faults.extend(error.faults)
    if faults:
        raise RosterError(tuple(faults))


class _Once:
    """Remembers where each address stood, for each list it stood for."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def check(self, entry: RosterEntry, line: int) -> None:
        """Raise BadValue where one of the addresses stands on an earlier line for the same list."""
        for address in (entry.address, *entry.others):
            for name in entry.lists or EVERY_LIST:
                # Hashes take a third of the memory of addresses; two of 100,000 are alike once in 10**9 rosters.
                first = self._lines.setdefault(hash((address, name)), line)
                if first != line:
                    column = "address" if address == entry.address else "other_addresses"
                    raise BadValue(column, f"listed already on line {first}; one line for each address{_for(name)}")


def _for(name: str) -> str:
    return f" and list, and {name} stands on both" if name else ""
