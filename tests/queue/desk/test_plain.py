"""Text of strangers, made fit to be shown."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.queue.desk.plain import defanged, plain, sentence_of


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_nothing_invisible_is_left_and_places_stay(text: str) -> None:
    """No control, bidi, format or surrogate character; the length is the same."""
    shown = plain(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for character in shown)


def test_line_ends_and_tabs_stay_where_lines_are_wanted() -> None:
    """Text keeps its lines; a subject has none."""
    assert plain("a\n\tb\r", lines=True) == "a\n\tb·"
    assert plain("a\n\tb") == "a··b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/x", "see hxxps://evil.example/x"),
        ("HTTP://EVIL", "hxxp://EVIL"),
        ("www.evil.example", "www[.]evil.example"),
        ("ftp://a", "fxp://a"),
        ("http is a word: http", "http is a word: http"),
    ],
)
def test_links_are_defanged(text: str, shown: str) -> None:
    """Nobody follows one by accident."""
    assert defanged(text) == shown


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=3000))
def test_a_persons_sentence_is_one_bounded_line(text: str) -> None:
    """At most a thousand characters, no line ends."""
    sentence = sentence_of(text)
    assert len(sentence) <= 1000
    assert not set("\r\n\t\x00") & set(sentence)
