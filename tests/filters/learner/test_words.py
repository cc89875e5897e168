"""Words a learner may count: folded, bounded, without list footers, tags and people's addresses."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.learner import disguise, words
from listward.filters.learner.disguise import MOST, disguised_words
from listward.filters.learner.words import (
    LONGEST_WORD,
    MAX_SUBJECT,
    MAX_TEXT,
    MAX_WORDS,
    subject_words,
    without_footer,
    words_of,
)

RULE = "_" * 40


def test_words_are_folded() -> None:
    """Case, compatibility forms and invisible signs make no difference."""
    assert words_of("Free MONEY") == words_of("\uff26ree mo\u200bney") == [b"free", b"money"]


def test_numbers_count_by_length() -> None:
    """A number is known by how long it is."""
    assert words_of("call 5551234 now") == [b"call", b"#7", b"now"]


def test_endless_word_is_one() -> None:
    """Long strings, as of encoded data, are one word."""
    assert words_of("x" * (LONGEST_WORD + 1)) == [b"~long"]


def test_addresses_are_not_learnt() -> None:
    """A person's address is a word like any other address."""
    assert words_of("write to ann@example.org") == words_of("write to bob@example.net")
    assert subject_words("from ann@example.org") == [b"from", b"addr"]


@pytest.mark.parametrize("rule", [RULE, "-- ", "--", "-" * 50, "=" * 60])
def test_footer_is_cut(rule: str) -> None:
    """What follows a ruled line near the end names the list, so it is not read."""
    assert (
        without_footer(f"Come on Friday.\n{rule}\nboard mailing list\nhttps://lists.example/board\n")
        == "Come on Friday.\n"
    )


def test_ruled_line_far_from_the_end_cuts_nothing() -> None:
    """A rule on top must not hide a long text from the learner."""
    text = f"Hello\n{RULE}\n" + "cheap pills now. " * 100
    assert without_footer(text) == text


@pytest.mark.parametrize(
    "subject", ["Minutes", "Re: Minutes", "[board] Minutes", "Re: [board] RE: Minutes", "FWD: Minutes"]
)
def test_subject_has_no_prefix_or_list_tag(subject: str) -> None:
    """Reply prefixes and list tags say where mail came from, not what it is."""
    assert subject_words(subject) == [b"minutes"]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_bounded_words(text: str) -> None:
    """Whatever the text, words are short bytes."""
    for word in (*words_of(text), *subject_words(text), *disguised_words(text)):
        assert 0 < len(word) <= max(LONGEST_WORD, 60)


def test_long_texts_are_cut() -> None:
    """Time is bounded: no more than the limits are read."""
    assert len(words_of("a " * MAX_TEXT)) == MAX_WORDS
    assert len(subject_words("a " * MAX_SUBJECT)) <= 60
    assert len(disguised_words("m0ney " * 5000)) == MOST


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("V-i-a-g-r-a", b"viagra"),
        ("C`i`a`l`i`s", b"cialis"),
        ("p_i_l_l_s", b"pills"),
        ("m0rtgage", b"mortgage"),
        ("v1agra", b"viagra"),
        ("m@gic", b"magic"),
    ],
)
def test_disguised_word_is_read(written: str, word: bytes) -> None:
    """Signs between letters and digits for letters hide nothing."""
    assert disguised_words(f"buy {written} today") == [word]


@pytest.mark.parametrize(
    "text", ["the meeting is at 10:30 in room b12", "e.g. this, i.e. that", "well-known co-op", "2nd of May"]
)
def test_ordinary_text_is_no_disguise(text: str) -> None:
    """Abbreviations, hours and hyphens are no disguise."""
    assert disguised_words(text) == []


MAIL = st.text(
    st.sampled_from("abzAZ019 '.-$!%_@,;:()<>\n\t\x0b\x1c\u00a0\u00ad\u200b\u2019\uff26\u0301éßİЖ中\u2028\ud800"),
    max_size=80,
)


def plainly(text: str) -> list[bytes]:
    """The words of a text by one expression over all of it."""
    text = words._ADDRESS.sub(" ~addr ", text)
    if not text.isascii():
        invisible = dict.fromkeys(map(ord, words._INVISIBLE))
        text = unicodedata.normalize("NFKC", text.translate(invisible))
        text = re.sub(r"[^\w\s'.\-$!%]|_", " ", text)
    found = words._WORD.findall(text.lower().encode("utf-8", "replace"))
    return [words._word(word) for word in found]


@settings(max_examples=500, deadline=None)
@given(MAIL)
def test_words_read_in_pieces_are_the_words_of_the_whole(text: str) -> None:
    """Blanks first, pieces remembered: the words are the same."""
    assert words_of(text) == words_of(text) == plainly(text)


@settings(max_examples=500, deadline=None)
@given(MAIL | st.text(st.sampled_from("abc013@$-.,_ é"), max_size=60))
def test_disguises_found_in_pieces_are_those_of_the_whole(text: str) -> None:
    """Looking only where a disguise can be finds every one."""
    parted = [disguise._SIGNS.sub("", one[0].translate(disguise._PLAIN)) for one in disguise._PARTED.finditer(text)]
    lettered = [one[0].translate(disguise._PLAIN) for one in disguise._DIGITS.finditer(text)]
    assert disguised_words(text) == [word.lower().encode("ascii", "ignore") for word in parted + lettered]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mail makes a process grow, neither by many words nor by long ones."""
    monkeypatch.setattr(words, "_MOST_KNOWN", 10)
    known = words._Known()
    for number in range(100):
        known[b"w%d" % number]
    known[b"x" * 500]
    assert len(known) <= 10
    assert b"x" * 500 not in known
