"""Which of many patterns occur in a text: one linear pass for all of them, where asking each takes a pass for each."""

import re
from collections.abc import Iterable
from functools import cached_property

import re2

MEMORY = 8 * 2**20  # bytes RE2 may use for one automaton; it grows only as far as mail makes it
_ALWAYS = "^"  # matches everywhere: without it, the answer for no match is that for want of memory


class PatternSet:
    """Patterns of RE2, known by their numbers. Raises re2.error for a bad one.

    An automaton for many patterns has a state for every way in which they go together, and ordinary mail finds millions
    of them where patterns are long: `together` bounds how many share one, a pass for each.
    """

    def __init__(self, patterns: Iterable[str], together: int = 1000) -> None:
        self._patterns = tuple(patterns)
        starts = range(0, len(self._patterns), together)
        self._sets = tuple((start, _set_of(self._patterns[start : start + together])) for start in starts)

    @classmethod
    def of_words(cls, words: Iterable[str]) -> "PatternSet":
        """Patterns that are fixed strings."""
        return cls(map(re.escape, words))

    def found(self, octets: bytes) -> tuple[int, ...]:
        """The numbers of the patterns that occur in UTF-8, in order."""
        numbers: list[int] = []
        for start, (size, patterns) in self._sets:
            found = patterns.Match(octets)
            if found is None:  # no memory left: ask each by itself
                found = [number for number in range(size) if self._compiled[start + number].search(octets)]
            numbers += sorted(start + number for number in found if number < size)
        return tuple(numbers)

    @cached_property
    def _compiled(self) -> "tuple[re2._Regexp, ...]":
        return tuple(map(re2.compile, self._patterns))


def _set_of(patterns: tuple[str, ...]) -> tuple[int, re2.Set]:
    """How many there are, and their automaton."""
    options = re2.Options()
    options.max_mem = MEMORY
    automaton = re2.Set.SearchSet(options)
    for pattern in (*patterns, _ALWAYS):
        automaton.Add(pattern)
    automaton.Compile()
    return len(patterns), automaton
