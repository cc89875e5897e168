"""The words that rules are read aloud in, one TOML file a language, shipped in `defaults/vocabulary/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from listward.config.find import DEFAULTS

FOLDER = DEFAULTS / "vocabulary"
FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's phrases, by table and name."""

    language: str
    tables: Mapping[str, Mapping[str, str]]

    def say(self, table: str, name: str, /, **values: object) -> str:
        """Return the phrase with its places filled in. Raises KeyError where the vocabulary lacks it."""
        return self.tables[table][name].format(**values)

    def knows(self, table: str, name: str) -> bool:
        """Whether there is such a phrase."""
        return name in self.tables[table]


def languages() -> tuple[str, ...]:
    """The languages there are words for."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def vocabulary(language: str) -> Vocabulary:
    """Return the words of a language; English where there are none."""
    path = FOLDER / f"{language if language in languages() else FALLBACK}.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return Vocabulary(path.stem, MappingProxyType({name: MappingProxyType(table) for name, table in tables.items()}))
