"""Which of many patterns occur in a text: one linear pass for all of them, where asking each takes a pass for each."""

import re
from collections.abc import Iterable
from functools import cached_property

import re2

MEMORY = 64 * 2**20  # bytes RE2 may use for one automaton; it grows only as far as mail makes it
_ALWAYS = "^"  # matches everywhere: without it, the answer for no match is that for want of memory


class PatternSet:
    """Patterns of RE2, known by their numbers. Raises re2.error for a bad one."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        options = re2.Options()
        options.max_mem = MEMORY
        self._set = re2.Set.SearchSet(options)
        for pattern in (*self._patterns, _ALWAYS):
            self._set.Add(pattern)
        self._set.Compile()

    @classmethod
    def of_words(cls, words: Iterable[str]) -> "PatternSet":
        """Patterns that are fixed strings."""
        return cls(map(re.escape, words))

    def found(self, octets: bytes) -> tuple[int, ...]:
        """The numbers of the patterns that occur in UTF-8, in order."""
        numbers = self._set.Match(octets)
        if numbers is None:  # no memory left: ask each by itself
            return tuple(number for number, pattern in enumerate(self._compiled) if pattern.search(octets))
        return tuple(sorted(number for number in numbers if number < len(self._patterns)))

    @cached_property
    def _compiled(self) -> "tuple[re2._Regexp, ...]":
        return tuple(map(re2.compile, self._patterns))
