"""Encoded words and charsets: readable, tolerant, linear."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pace import allowed

from listward.filters.message.charsets import decode, guess, known
from listward.filters.message.words import decode_words, value_of


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?UTF-8?B?Y2Fmw6k=?= x", "café x"),
        ("=?utf-8?b?Y2Fmw6k?=", "café"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\r\n =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a_b?= c", "a b c"),
        ("=?iso-8859-1*es?q?ni=F1o?=", "niño"),
        ("=?x-unknown?q?caf=C3=A9?=", "café"),
        ("=?utf-16?B?AGYAaQ==?=", "fi"),
        ("=?utf-8?z?x?= =?", "=?utf-8?z?x?= =?"),
        ("no words", "no words"),
    ],
)
def test_encoded_words(text: str, decoded: str) -> None:
    """RFC 2047 words are decoded, everything else stays."""
    assert decode_words(text) == decoded


def test_values_hold_no_controls() -> None:
    """Folds and controls go, also those that hide in encoded words."""
    assert value_of(b" a\r\n\tb \x1b[31m=?utf-8?q?=0D=0ABcc:?=") == "a b [31mBcc:"


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("niño".encode(), "utf-8", "niño"),
        ("niño".encode("latin-1"), "iso-8859-1", "niño"),
        ("“x”".encode("cp1252"), "iso-8859-1", "“x”"),
        ("niño".encode(), "us-ascii", "niño"),
        ("niño".encode(), "x-unknown", "niño"),
        ("niño".encode(), "", "niño"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        (b"\xff\xfe", "utf-8", "\ufffd\ufffd"),
        (b"\x81\x8d", "us-ascii", "\x81\x8d"),
    ],
)
def test_charsets_never_lose_the_text(content: bytes, charset: str, text: str) -> None:
    """Unknown and untrue labels fall back to what the bytes are."""
    assert decode(content, charset) == text


@pytest.mark.parametrize("label", ["hex", "rot13", "zip", "idna", "punycode", "unicode_escape", "a\x00b", "", "\ud800"])
def test_codecs_that_are_no_charset_are_unknown(label: str) -> None:
    """Python has codecs that no mail may name."""
    assert known(label) == ""


@pytest.mark.parametrize("unit", [b"=?utf-8?q?a?= ", b"=?utf-8?q?", b"=?", b"?=", b"=?a?b?", b" \r\n"])
def test_time_is_linear(unit: bytes) -> None:
    """Repetition costs in proportion."""
    start = time.process_time()
    value_of(unit * 20_000)
    assert time.process_time() - start < allowed(0.5)


@given(st.binary(max_size=200), st.text(max_size=20))
def test_decoding_never_raises(content: bytes, charset: str) -> None:
    """Whatever bytes and label, there is a text."""
    assert isinstance(decode(content, charset), str)
    assert isinstance(guess(content), str)
    assert isinstance(value_of(content), str)
