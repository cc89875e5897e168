"""The digest of a large body, read in pieces, is that of the body read at once."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.message import digest, limits

BODY = st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b"a", b"bc"]), max_size=40).map(b"".join)
FRONT = 10


def _at_once(body: bytes) -> str:
    """The same, with the whole body in memory several times."""
    if len(body) <= FRONT:
        lines = b"\r\n".join(map(bytes.rstrip, body.splitlines()))
        return hashlib.sha256(lines.rstrip() + b"\r\n").hexdigest()
    text = body.rstrip().replace(b"\r\n", b"\n")
    cut = text.find(b"\n", FRONT) + 1 or len(text)
    front = b"\r\n".join(map(bytes.rstrip, text[:cut].splitlines()))
    rest = text[cut:].replace(b"\n", b"\r\n")
    return hashlib.sha256(b"\r\n".join(filter(None, (front, rest))) + b"\r\n").hexdigest()


@settings(max_examples=500, deadline=None)
@given(BODY, st.integers(1, 8))
def test_pieces_change_nothing(body: bytes, size: int) -> None:
    """Whatever the body and wherever it is cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "DIGEST_BYTES", FRONT)
        patch.setattr(digest, "_PIECE", size)
        assert digest.body_digest(b"header" + body, 6) == _at_once(body)
