"""clauses.toml with the files it includes: one list of clauses, each still at home in its own file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from listward.config.faults import ConfigError, Fault
from listward.config.policy_files import INCLUDE, first, included_files
from listward.config.source import Key, Source, read_source

CLAUSE = "clause"


@dataclass(frozen=True, slots=True)
class ClauseFiles:
    """The files as one. `homes` says of each clause which file it stands in, and at which place there."""

    values: dict[str, Any]
    main: Source
    octets: bytes
    homes: tuple[tuple[Source, int], ...]

    def fault(self, key: Key, message: str) -> Fault:
        """Name a fault in the file where it stands; the key counts over all files."""
        match key:
            case ("clause", int(at), *rest) if at < len(self.homes):
                source, place = self.homes[at]
                return source.fault((CLAUSE, place, *rest), message)
            case _:
                return self.main.fault(key, message)


def read_clauses(path: Path) -> ClauseFiles:
    """Read clauses and what they include. One's own come first, and stand in the place of included ones of that number.

    Raises ConfigError naming file and line, also where the file holds anything but clauses.
    """
    main = read_source(path)
    included = tuple(included_files(main, "clauses.toml"))
    for source in (main, *included):
        _check_keys(source, {CLAUSE, INCLUDE} if source is main else {CLAUSE})
    own = {_number(clause) for clause in _clauses(main)}
    found = [(clause, main, at) for at, clause in enumerate(_clauses(main))]
    for source in included:
        found += [(clause, source, at) for at, clause in enumerate(_clauses(source)) if _number(clause) not in own]
    octets = b"\0".join(source.octets for source in (main, *included))
    values = {CLAUSE: [clause for clause, _, _ in found]}
    return ClauseFiles(values, main, octets, tuple((source, at) for _, source, at in found))


def _check_keys(source: Source, allowed: set[str]) -> None:
    faults = tuple(
        source.fault(first(source, key), f"is not a known key; allowed: {', '.join(sorted(allowed))}")
        for key in source.values
        if key not in allowed
    )
    if faults:
        raise ConfigError(faults)


def _clauses(source: Source) -> Iterator[Any]:
    clauses = source.values.get(CLAUSE, [])
    if not isinstance(clauses, list):
        raise ConfigError((source.fault((CLAUSE,), "is one table; each clause begins with [[clause]]"),))
    yield from clauses


def _number(clause: Any) -> object:
    return clause.get("number") if isinstance(clause, dict) else None
