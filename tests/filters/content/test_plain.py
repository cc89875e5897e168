"""Plain text: what the eye reads, with the way back to what was written."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import allowed

from listward.filters.content import plain as flatten
from listward.filters.content.plain import MAX_CHARACTERS, UNKNOWN, plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Please HELP me", "please help me"),
        ("prestámo para la operación, niño", "prestamo para la operacion, nino"),
        ("\uff48\uff45\uff4c\uff50 \uff4d\uff45", "help me"),
        ("mon\u200bey", "money"),
        ("\u0440\u0430\u0443pal", "paypal"),
        ("€50 and £20", "$50 and $20"),
        ("can\u2019t", "can't"),
        ("h e l p me", "help me"),
        ("P l e a s e  h e l p  m e now", "please help me now"),
        ("p a y p a l . m e / a n n", "paypal.me/ann"),
        ("one\ntwo\tthree", "one two three"),
        ("\U0001d421\U0001d41e\U0001d425\U0001d429", "help"),
        ("I a m", "i a m"),
    ],
)
def test_reads_as_the_eye_does(written: str, read: str) -> None:
    """Accents, forms, look-alikes, invisible signs and spacing do not change what is read."""
    assert plain(written).lower == read


def test_span_leads_back_to_what_was_written() -> None:
    """The span of a folded word covers the written one, tricks included."""
    written = "Dear all, mon\u200bey for \u0440 a y p a l please"
    text = plain(written)
    start = text.lower.index("money")
    assert written[slice(*text.span(start, start + 5))] == "mon\u200bey"


def test_span_of_spaced_word_covers_its_blanks() -> None:
    """A word written with blanks between its letters is found whole."""
    written = "please: m o n e y now"
    text = plain(written)
    start = text.lower.index("money")
    assert written[slice(*text.span(start, start + 5))] == "m o n e y"


def test_foreign_script_is_unknown_signs() -> None:
    """Words wholly in another script become unknown signs, one for one."""
    assert plain("漢字").lower == UNKNOWN * 2


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_always_ascii_and_spans_stay_inside(written: str) -> None:
    """Any text folds to ASCII, and every position leads back into the text."""
    text = plain(written)
    assert text.cased.isascii()
    assert len(text.cased) == len(text.lower)
    for place in range(len(text.lower)):
        start, end = text.span(place, place + 1)
        assert 0 <= start <= end <= len(written)


def test_long_text_is_cut() -> None:
    """No more than the limit is read."""
    assert len(plain("a" * (MAX_CHARACTERS + 5)).lower) == MAX_CHARACTERS


@pytest.mark.parametrize("unit", ["a ", "é ", "a  b ", "\u200b", "a . / "])
def test_time_is_linear(unit: str) -> None:
    """A full text of hostile spacing folds within two seconds."""
    started = time.process_time()
    plain(unit * (MAX_CHARACTERS // len(unit)))
    assert time.process_time() - started < allowed(2)


def plainly(text: str) -> tuple[str, list[int]]:
    """What `_flatten` does, one character after the other."""
    looks = [character if character.isascii() else flatten._ascii(character) for character in text]
    return "".join(looks), [position for position, look in enumerate(looks) for _ in look]


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab 1€éßﬁ\u200b\u0301ЖŒ"), max_size=60)
    | st.text(st.characters(min_codepoint=128, max_codepoint=0x2FF), max_size=80)
)
def test_flattened_in_passes_is_flattened_one_by_one(text: str) -> None:
    """A pass for each sign gives the same text and positions, for few signs and for many."""
    read, starts = flatten._flatten(text)
    assert (read, starts if starts is not None else list(range(len(text)))) == plainly(text)
