"""The digest of a body: the same on every way, whatever its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listward.filters.message import limits
from listward.filters.message.digest import body_digest

LARGE = b"line \r\n" * (limits.DIGEST_BYTES // 5)


@pytest.mark.parametrize("body", [b"a b  \r\nc\r\n\r\n", LARGE + b"end\r\n\r\n", LARGE + b"\r\n" * 9])
def test_line_ends_and_blank_lines_at_the_end_do_not_matter(body: bytes) -> None:
    """Archives keep LF, and relays drop or add lines at the end."""
    assert body_digest(body) == body_digest(body.replace(b"\r\n", b"\n")) == body_digest(body.rstrip())


def test_the_bound_makes_no_difference() -> None:
    """A body just beyond the bound in CRLF, and below it in LF, is the same."""
    body = b"a \r\n" * (limits.DIGEST_BYTES // 4 + 1)
    assert len(body) > limits.DIGEST_BYTES > len(body.replace(b"\r\n", b"\n"))
    assert body_digest(body) == body_digest(body.replace(b"\r\n", b"\n"))


def test_all_of_a_large_body_counts() -> None:
    """A change at the very end changes the digest."""
    assert body_digest(LARGE + b"a") != body_digest(LARGE + b"b")


@given(st.binary(max_size=80))
def test_every_body_has_a_digest(body: bytes) -> None:
    """And what follows it in white space is forgotten."""
    assert body_digest(body) == body_digest(body + b"\r\n \r\n")


@given(st.text(st.sampled_from("ab \t\v\f\n"), max_size=60))
def test_the_short_way_for_plain_bodies_gives_the_same_digest(text: str) -> None:
    """Lines that need no change and lines that do are one body, whichever way they are read."""
    body = text.encode()
    bare = b"\n".join(line.rstrip() for line in body.split(b"\n"))
    assert body_digest(bare.replace(b"\n", b"\r\n")) == body_digest(body) == body_digest(body.replace(b"\n", b"\r\n"))
