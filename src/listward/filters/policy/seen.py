"""What a condition saw: whether it holds, and what people read of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from listward.filters.policy.situation import Situation


class Fact(StrEnum):
    """Whom a missing fact would have come from."""

    DNS = "dns"
    ROSTER = "roster"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether something holds (None: a fact is missing, `lacks` says which), and what was seen."""

    holds: bool | None
    words: str
    lacks: Fact | None = None


Test = Callable[[Situation], Seen]
ALWAYS = Seen(True, "it always applies")


@lru_cache(maxsize=4096)
def one_of(what: str, value: str, wanted: tuple[str, ...]) -> Seen:
    """Whether a value is one of those wanted."""
    if value in wanted:
        return Seen(True, f"{what} is {value}")
    return Seen(False, f"{what} is {value}, not {any_of(wanted)}")


def any_of(values: Iterable[str]) -> str:
    """Values as alternatives, each once."""
    return " or ".join(dict.fromkeys(values))
