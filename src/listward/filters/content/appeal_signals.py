"""The signals of an appeal for personal aid, read from `appeal_signals.toml`; their weights are in `appeal_weights`."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import re2

from listward.filters.message.patterns import PatternSet

_BLANK = re.compile(r"(?<!\\-) (\??)(?![^\[\]]*\])")  # not inside a class of characters
_NAME = re.compile(r"<([a-z\-]+)>")


@dataclass(frozen=True, slots=True)
class Signal:
    """`towards` is +1 where the signal speaks for an appeal, -1 against one; `says` continues "The text ..."."""

    name: str
    towards: int
    says: str
    pattern: str


def _filled(pattern: str, fragments: dict[str, str]) -> str:
    """Put fragments in the place of their names; a fragment may name those above it."""
    return _NAME.sub(lambda found: fragments[found[1]], pattern)


def _white_space(blank: re.Match[str]) -> str:
    """A blank as a pattern; with a question mark it may be missing."""
    return r"\s*" if blank[1] else r"\s+"


def read_signals(text: str) -> tuple[Signal, ...]:
    """Read the table of signals. Raises KeyError for the name of no fragment, re2.error later for a bad pattern."""
    table = tomllib.loads(text)
    fragments: dict[str, str] = {}
    for name, pattern in table["fragments"].items():
        fragments[name] = _filled(pattern, fragments)
    return tuple(
        Signal(
            signal["name"],
            signal["towards"],
            signal["says"],
            _BLANK.sub(
                _white_space, r"\b(?:" + "|".join(_filled(choice, fragments) for choice in signal["choices"]) + ")"
            ),
        )
        for signal in table["signal"]
    )


SIGNALS = read_signals(Path(__file__).with_name("appeal_signals.toml").read_text(encoding="utf-8"))
_TOGETHER = 4  # these patterns are long
_COMPILED = tuple(re2.compile(signal.pattern) for signal in SIGNALS)
_SPEAKING, _AGAINST = (
    tuple(index for index, signal in enumerate(SIGNALS) if (signal.towards > 0) == towards) for towards in (True, False)
)
_SPEAKING_SET, _AGAINST_SET = (
    PatternSet((SIGNALS[index].pattern for index in indexes), _TOGETHER) for indexes in (_SPEAKING, _AGAINST)
)


def present(text: bytes, always: bool = True) -> tuple[int, ...]:
    """The indexes of the signals that occur in plain lower-case ASCII text, in order.

    Unless they are wanted `always`, none is told where nothing speaks for an appeal.
    """
    speaking = [_SPEAKING[number] for number in _SPEAKING_SET.found(text)]
    if not (speaking or always):
        return ()
    return tuple(sorted([*speaking, *(_AGAINST[number] for number in _AGAINST_SET.found(text))]))


def places(text: bytes, index: int, most: int) -> tuple[tuple[int, int], ...]:
    """The first `most` places of one signal."""
    return tuple(found.span() for found in islice(_COMPILED[index].finditer(text), most))


def occurrences(text: bytes, most: int) -> Iterator[tuple[Signal, tuple[tuple[int, int], ...]]]:
    """Each signal that occurs, with its first `most` places."""
    for index in present(text):
        yield SIGNALS[index], places(text, index, most)
