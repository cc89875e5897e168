"""The relaxed body: the same octets as dkimpy's own, wherever it is cut."""

import itertools
import time

import dkim.canonicalization
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import allowed

from listward.filters.identity import canonical


def _as_shipped(body: bytes) -> bytes:
    """What dkimpy computes by its own functions."""
    shipped = dkim.canonicalization
    text = shipped.compress_whitespace(shipped.strip_trailing_whitespace(body))
    return shipped.correct_empty_body(shipped.strip_trailing_lines(text))


def _ours(body: bytes, size: int, *, relaxed: bool) -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical, "PIECE_OCTETS", size)
        return b"".join(canonical.canonical_body(body, relaxed=relaxed))


BODIES = st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"bc", b"\r", b"\n", b"\xff"]), max_size=60).map(
    b"".join
)


@settings(max_examples=300, deadline=None)
@given(BODIES, st.integers(1, 9))
def test_it_equals_dkimpy(body: bytes, size: int) -> None:
    """Every body has the same canonical form, for every size of pieces."""
    assert _ours(body, size, relaxed=True) == _as_shipped(body)
    assert _ours(body, size, relaxed=False) == dkim.canonicalization.strip_trailing_lines(body)


@settings(max_examples=300, deadline=None)
@given(BODIES, st.lists(st.integers(0, 60), max_size=6))
def test_a_body_in_blocks_has_the_same_digest(body: bytes, cuts: list[int]) -> None:
    """Wherever the blocks end."""
    places = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    blocks = [body[start:end] for start, end in itertools.pairwise(places)]
    assert canonical.relaxed_digest(blocks) == canonical.body_digest(body, relaxed=True)
    assert canonical.relaxed_digest(iter([])) == canonical.body_digest(b"", relaxed=True)


@pytest.mark.parametrize("octets", [b" ", b"\r\n", b"x ", b"\t\r\n", b" \t"])
def test_blocks_of_anything_take_time_in_proportion(octets: bytes) -> None:
    """Sixteen megabytes in blocks, without a letter or without a line end."""
    block = (octets * 262_144)[:262_144]
    began = time.monotonic()
    canonical.relaxed_digest(block for _ in range(64))
    assert time.monotonic() - began < allowed(5)


def test_many_empty_lines_take_linear_time() -> None:
    """Eight megabytes of empty lines, at the end and in the middle, are read in a moment."""
    began = time.monotonic()
    for body in (b"\r\n" * 4_000_000, b"\r\n" * 4_000_000 + b"x"):
        for relaxed in (False, True):
            assert len(canonical.body_digest(body, relaxed=relaxed)) == 32
    assert time.monotonic() - began < allowed(5)
