"""What is wrong with a configuration, by file, line and key, in words that say what is allowed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` counts from 1; 0 where no line can be named. `key` is dotted, "" for the file as a whole."""

    file: Path
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """Return `file:line: key: message`."""
        place = f"{self.file}:{self.line or 1}"
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; `faults` says why, one each."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
