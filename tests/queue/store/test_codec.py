"""Text at rest: what was sealed opens in its own place only, and damage is always noticed."""

import hashlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.queue.store.codec import PIECE, Codec, pieces_of
from listward.queue.store.keys import KeyRing, key_id
from listward.queue.store.ports import DamagedBody
from listward.wire.payload import Payload

KEY, OTHER = b"k" * 32, b"o" * 32
CODEC = Codec(KeyRing(KEY, {key_id(KEY): KEY}))


def sealed(body: bytes, number: str = "10008") -> tuple[bytes, ...]:
    """Seal a message as the store does."""
    plain = list(Payload(body).pieces(PIECE)) or [b""]
    assert len(plain) == pieces_of(len(body))
    return tuple(CODEC.seal_piece(piece, number, index, len(plain)) for index, piece in enumerate(plain))


def reopened(pieces: tuple[bytes, ...], body: bytes, number: str = "10008", size: int | None = None) -> bytes:
    """Open pieces as the store does, which finds count, size and digest in the case."""
    digest = hashlib.sha256(body).hexdigest()
    opener = CODEC.opener(number, len(pieces), len(body) if size is None else size, digest)
    opened = b"".join(opener.open(piece) for piece in pieces)
    opener.end()
    return opened


@given(st.binary(max_size=3000))
def test_every_message_comes_back(body: bytes) -> None:
    """Byte for byte, also the empty one."""
    assert reopened(sealed(body, "10008"), body) == body


def test_a_large_message_is_in_pieces() -> None:
    """No piece is larger than 256 KiB and its seal."""
    body = os.urandom(3 * PIECE)
    pieces = sealed(body, "10008")
    assert len(pieces) == 3
    assert max(map(len, pieces)) <= PIECE + 64
    assert reopened(pieces, body) == body


def test_nothing_readable_is_stored() -> None:
    """The words of a message are not in what is written."""
    kept = b"".join(sealed(b"the minutes of the board " * 5))
    assert b"minutes" not in kept
    assert kept[:4] == key_id(KEY)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    """Key id, nonce, text and tag are all covered."""
    body = b"Dear members, " * 20
    (piece,) = sealed(body, "10008")
    place = data.draw(st.integers(0, len(piece) - 1))
    changed = piece[:place] + bytes([piece[place] ^ data.draw(st.integers(1, 255))]) + piece[place + 1 :]
    with pytest.raises(DamagedBody):
        reopened((changed,), body)


def test_pieces_cannot_be_moved_dropped_or_taken_from_another_case() -> None:
    """Case, place and count of pieces belong to each piece."""
    body = os.urandom(2 * PIECE + 1)
    first, second, third = sealed(body, "10008")
    other = sealed(body, "10013")
    for wrong in ((second, first, third), (first, second), (first, second, third, third), other, (first, second, b"")):
        with pytest.raises(DamagedBody):
            reopened(wrong, body)


def test_a_wrong_digest_or_size_is_noticed() -> None:
    """The whole is checked too, however well its pieces open."""
    pieces = sealed(b"one", "10008")
    with pytest.raises(DamagedBody, match="digest"):
        reopened(pieces, b"two")
    for size in (2, 4):
        with pytest.raises(DamagedBody):
            reopened(pieces, b"one", size=size)


def test_an_unknown_key_is_said_plainly() -> None:
    """Sealed with a key that is gone, nothing opens."""
    stranger = Codec(KeyRing(OTHER, {key_id(OTHER): OTHER}))
    with pytest.raises(DamagedBody, match="key that is not here"):
        CODEC.open(stranger.seal(b"x", "a"), "a")
    both = Codec(KeyRing(KEY, {key_id(KEY): KEY, key_id(OTHER): OTHER}))
    assert both.open(stranger.seal(b"x", "a"), "a") == b"x"


def test_pseudonyms_need_the_key() -> None:
    """The same address has the same name, case aside; another key gives another name."""
    assert CODEC.pseudonym("Ana@member.example") == CODEC.pseudonym("ana@member.example")
    assert CODEC.pseudonym("ben@member.example") != CODEC.pseudonym("ana@member.example")
    assert Codec(KeyRing(OTHER, {})).pseudonym("ana@member.example") != CODEC.pseudonym("ana@member.example")


def test_a_record_that_is_no_frame_is_damage() -> None:
    """Sealed text that was never packed is refused."""
    with pytest.raises(DamagedBody, match="unpacked"):
        CODEC.open_record(CODEC.seal(b"plain", "a"), "a")
