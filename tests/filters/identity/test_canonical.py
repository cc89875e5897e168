"""The relaxed body: the same octets as dkimpy's own, wherever it is cut."""

import dkim.canonicalization
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.identity import canonical


def _as_shipped(body: bytes) -> bytes:
    """What dkimpy computes by its own functions."""
    shipped = dkim.canonicalization
    text = shipped.compress_whitespace(shipped.strip_trailing_whitespace(body))
    return shipped.correct_empty_body(shipped.strip_trailing_lines(text))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"bc", b"\r", b"\n", b"\xff"]), max_size=60),
    st.integers(1, 9),
)
def test_it_equals_dkimpy(pieces: list[bytes], size: int) -> None:
    """Every body has the same canonical form, for every size of pieces."""
    body = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical, "PIECE_OCTETS", size)
        assert canonical.relaxed_body(body) == _as_shipped(body)


def test_it_is_in_place() -> None:
    """Importing the module makes dkimpy use it."""
    assert dkim.canonicalization.Relaxed.canonicalize_body is canonical.relaxed_body
