"""Folding makes look-alikes equal and leads back to the original words."""

# ruff: noqa: RUF001  # look-alikes are what this tests

import re
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message import normalise
from listward.filters.message.normalise import fold, join_spaced


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("plain ASCII", "plain ASCII"),
        ("d\u200bo\u2060n\u00adate", "donate"),
        ("dоnаtе", "donate"),
        ("ｄｏｎａｔｅ", "donate"),
        ("𝐝𝐨𝐧𝐚𝐭𝐞", "donate"),
        ("ﬁne", "fine"),
        ("\u202eetanod\u202c", "etanod"),
        ("niño café", "niño café"),
        ("Привет мир", "Привет мир"),
        ("日本語", "日本語"),
        ("pay\u0440al", "paypal"),
        ("\ufdfb \ufdfa", "جل جلاله \ufdfa"),
    ],
)
def test_look_alikes_become_latin(text: str, folded: str) -> None:
    """Tricks with signs vanish; honest words of other scripts stay."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("please d o n a t e now", "please donate now"),
        ("d.o.n.a.t.e", "donate"),
        ("d-o-n-a-t-e", "donate"),
        ("I am a b", "I am a b"),
        ("a b c", "a b c"),
        ("U.S.A.", "U.S.A."),
    ],
)
def test_spaced_letters_join(text: str, joined: str) -> None:
    """Four letters or more with one sign between them are one word."""
    assert join_spaced(text) == joined


@pytest.mark.parametrize("text", ["x d\u200bоnate y", "ﬁne donate", "𝐱 donate", "donate"])
def test_evidence_leads_back(text: str) -> None:
    """A span of the folded text marks the words that stood in the original."""
    folded = fold(text)
    at = folded.index("donate")
    start, end = folded.original(at, at + 6)
    assert fold(text[start:end]) == "donate"


def test_joined_words_lead_back() -> None:
    """The spaced word is marked whole."""
    text = "please d o n a t e now"
    joined = join_spaced(text)
    start, end = joined.original(7, 13)
    assert text[start:end] == "d o n a t e"


@given(st.text(max_size=100))
def test_spans_are_within_the_original(text: str) -> None:
    """Every span of a folded text is a span of the original."""
    for folded in (fold(text), join_spaced(text)):
        assert folded.original(0, len(folded))[1] <= len(text)
        for at in range(len(folded)):
            start, end = folded.original(at, at + 1)
            assert 0 <= start < end <= len(text)


@given(st.text(st.sampled_from("ab e1\u0301éßﬁ\u200b\u00a0\u00ad…’аеЖзαω中ıØ\U000e0041"), max_size=60))
def test_what_needs_no_folding_is_known_at_once(text: str) -> None:
    """Passing over a text that folding leaves alone changes nothing, the way back included."""
    short = fold(text)
    always = re.compile("")
    with patch.object(normalise, "_FOLDED", always), patch.object(normalise, "_LOOKALIKE", always):
        long = fold(text)
    assert str(short) == str(long)
    for at in range(len(short)):
        assert short.original(at, at + 1) == long.original(at, at + 1)
