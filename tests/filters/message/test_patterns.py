"""A set of patterns says which of them occur, also when none does or memory is short."""

import pytest
import re2

from listward.filters.message import patterns
from listward.filters.message.patterns import PatternSet


def test_numbers_of_what_occurs_in_order() -> None:
    """Each pattern is known by its place."""
    assert PatternSet(("b+", "x", "a")).found(b"abba") == (0, 2)


@pytest.mark.parametrize("octets", [b"", b"nothing here", "größer".encode()])
def test_nothing_occurs(octets: bytes) -> None:
    """No match is an answer of its own."""
    assert PatternSet(("x", "y{3}")).found(octets) == ()


def test_words_are_no_patterns() -> None:
    """Signs of the pattern language stand for themselves."""
    assert PatternSet.of_words(("a.b", "not\n", "[")).found(b"axb not\n") == (1,)


@pytest.mark.parametrize("together", [1, 2, 3, 100])
def test_numbers_are_the_same_in_several_automata(together: int) -> None:
    """How many patterns share one is a matter of memory alone."""
    some = PatternSet(("b+", "x", "a", "y", "c"), together)
    assert some.found(b"cabb") == (0, 2, 4)
    assert some.found(b"-") == ()


@pytest.mark.parametrize("together", [2, 100])
def test_without_memory_each_is_asked_by_itself(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """Where an automaton has no answer, the patterns have."""
    some = PatternSet(("b+", "x", "a"), together)
    full = type("Full", (), {"Match": lambda self, octets: None})()
    monkeypatch.setattr(some, "_sets", tuple((start, (size, full)) for start, (size, _) in some._sets))
    assert some.found(b"abba") == (0, 2)
    assert some.found(b"z") == ()


def test_bad_pattern_is_refused() -> None:
    """A pattern that RE2 cannot read is named at once."""
    with pytest.raises(re2.error):
        PatternSet(("(",))


def test_memory_is_bounded() -> None:
    """The automaton has a bound of its own."""
    assert 2**20 <= patterns.MEMORY <= 2**23
