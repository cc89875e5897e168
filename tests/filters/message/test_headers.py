"""The header splitter: order, names as written, limits, and what readers could split otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message import limits
from listward.filters.message.defects import Defects
from listward.filters.message.headers import decoded, header_end, split_fields


def split(block: bytes, top: bool = True) -> tuple[list[tuple[bytes, bytes]], set[str]]:
    defects = Defects()
    fields = split_fields(block, defects, top=top)
    return [(field.name, field.raw) for field in fields], {defect.name for defect in defects.take()}


def test_fields_keep_their_order_names_and_folds() -> None:
    """Names stay as written and raw values keep their folds."""
    fields, defects = split(b"B: 2\r\na: 1\r\n folded\r\nB: 3\r\n")
    assert fields == [(b"B", b" 2"), (b"a", b" 1\r\n folded"), (b"B", b" 3")]
    assert not defects


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_header_ends_at_the_first_blank_line(line_end: bytes) -> None:
    """Both kinds of line ends are understood."""
    raw = line_end.join([b"A: 1", b"", b"body", b"", b"more"])
    stop, begin = header_end(raw)
    assert raw[:stop] == b"A: 1" + line_end
    assert raw[begin:].startswith(b"body")


def test_message_may_begin_with_its_body() -> None:
    """A blank first line means that there is no header."""
    assert header_end(b"\r\nbody") == (0, 2)
    assert header_end(b"\nbody") == (0, 1)


def test_header_without_blank_line_is_all_header() -> None:
    """Without a blank line there is no body."""
    assert header_end(b"A: 1\r\n") == (6, 6)


def test_mixed_blank_lines_end_the_header_at_the_first() -> None:
    """The earliest blank line counts, however it is written."""
    raw = b"A: 1\n\nbody\r\n\r\n"
    assert header_end(raw) == (5, 6)


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (b"From: a@b.c\r\njunk\r\n", "malformed-header-line"),
        (b"From : a@b.c\r\n", "space-before-colon"),
        (b"Content-Type\x00: text/html\r\n", "odd-field-name"),
        (b"X: y\r\n Content-Type: text/html\r\n", "hidden-field"),
        (b"X: y\rContent-Type: text/html\r\n", "odd-line-break"),
        (b"X: y\vContent-Type: text/html\r\n", "hidden-field"),
        (b"X: y\nContent-Type: text/html\r\n", "mixed-line-ends"),
        (b"Content-Type: text/html\r\n \t\r\n x=y\r\n", "blank-fold-line"),
    ],
)
def test_what_readers_split_otherwise_is_named(block: bytes, name: str) -> None:
    """Each way of hiding a field has its own name."""
    assert name in split(block)[1]


@pytest.mark.parametrize(
    "block",
    [
        b"From x@y.example Mon Sep 10 10:00:00 2001\r\nFrom: a@b.c\r\n",
        b"DKIM-Signature: v=1; h=from:to:\r\n content-type:mime-version; b=x\r\n",
        b"X-Odd : value\r\n",
        b"Subject: caf\xe9\r\n",
        b"X-Empty:\r\n",
        b"References: <a@b>\r\n \r\n <c@d>\r\n",
    ],
)
def test_ordinary_oddities_are_no_defect(block: bytes) -> None:
    """What real programs write and all readers read alike is not held against anybody."""
    assert not split(block)[1]


def test_odd_name_still_counts_as_its_field() -> None:
    """A reader that drops controls sees the field: so do we."""
    fields, _ = split(b"Fr\x00om: a@b.c\r\n")
    assert fields == [(b"from", b" a@b.c")]


def test_limits_cut_and_say_so() -> None:
    """Fields beyond the number, and bytes beyond the length, are not read."""
    fields, defects = split(b"A: 1\r\n" * (limits.FIELDS + 1))
    assert len(fields) == limits.FIELDS
    assert "too-many-fields" in defects
    fields, defects = split(b"A: " + b"x" * limits.FIELD_BYTES + b"\r\nB: 1\r\n")
    assert len(fields[0][1]) == limits.FIELD_BYTES
    assert fields[1] == (b"B", b" 1")
    assert "field-too-long" in defects


def test_large_header_is_cut_at_a_line() -> None:
    """Beyond 256 KiB nothing is read, and no line is torn."""
    line = b"A: " + b"x" * 1000 + b"\r\n"
    fields, defects = split(line * 400)
    assert "header-too-large" in defects
    assert {len(raw) for _, raw in fields} == {1001}


def test_decoded_field_is_readable() -> None:
    """Encoded words are decoded, folds and controls removed."""
    defects = Defects()
    raw = split_fields(b"Subject: =?utf-8?q?caf=C3=A9?=\r\n =?utf-8?q?_bar?=\x07\r\n", defects)[0]
    assert decoded(raw).value == "café bar"
    assert decoded(raw).name == "Subject"


@given(st.binary(max_size=400))
def test_splitting_never_raises_and_loses_nothing_strange(block: bytes) -> None:
    """Whatever the bytes, fields come out whose names are printable."""
    for name, _ in split(block)[0]:
        assert name
        assert name.decode("ascii").isprintable()
