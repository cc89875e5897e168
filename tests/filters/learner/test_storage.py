"""The model's file: what is written is read again, and what is damaged is refused with its name and fault."""

import hashlib
import stat
from array import array
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.learner import ModelError
from listward.filters.learner.features import BUCKETS
from listward.filters.learner.storage import (
    DIGEST_LENGTH,
    MAGIC,
    MAX_FILE,
    Content,
    Head,
    decode,
    encode,
    read,
    write,
)

HEAD = Head(buckets=BUCKETS, spam=3, ham=4, bias=0.25, slope=1.5, offset=-0.5, first=0.01)


def content() -> Content:
    """A model with a few weights."""
    weights, history = array("f", bytes(4 * BUCKETS)), array("f", bytes(4 * BUCKETS))
    weights[1], weights[BUCKETS - 1], history[1] = 2.0, -1.0, 0.5
    return Content(HEAD, weights, history)


SMALL = encode(content(), compact=True)


def packed(head: bytes, arrays: bytes = b"") -> bytes:
    """A file with this head and a right digest."""
    body = zstandard.ZstdCompressor().compress(len(head).to_bytes(4, "little") + head + arrays)
    return MAGIC + hashlib.sha256(body).digest() + body


def test_full_file_is_read_as_written() -> None:
    """Weights, history and head come back exactly."""
    assert decode(encode(content()), "here") == content()


def test_compact_file_keeps_weights_within_a_step() -> None:
    """Eight-bit weights differ by half a step at most; there is no history."""
    found = decode(encode(content(), compact=True), "here")
    assert found.head.scale == pytest.approx(2.0 / 127)
    assert found.weights[1] == pytest.approx(2.0, abs=found.head.scale)
    assert found.weights[BUCKETS - 1] == pytest.approx(-1.0, abs=found.head.scale)
    assert not any(found.history)


def test_same_model_gives_same_bytes() -> None:
    """The file is deterministic."""
    assert encode(content(), compact=True) == encode(content(), compact=True)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "not a spam model of this version"),
        (b"LWSPAM00" + bytes(100), "not a spam model of this version"),
        (MAGIC + bytes(DIGEST_LENGTH) + b"x", "digest does not match"),
        (MAGIC + hashlib.sha256(b"x").digest() + b"x", "cannot be read"),
        (packed(b"not json"), "cannot be read"),
        (packed(b'{"buckets": 1}'), "cannot be read"),
        (packed(b'{"buckets":1,"spam":0,"ham":0,"bias":0,"slope":1,"offset":0}'), "this version needs"),
    ],
)
def test_damaged_file_names_its_fault(raw: bytes, fault: str) -> None:
    """Each kind of damage is refused with the file's name and what is wrong."""
    with pytest.raises(ModelError, match=fault) as caught:
        decode(raw, "models/spam-model")
    assert str(caught.value).startswith("models/spam-model: ")


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_one_changed_byte_is_found(data: st.DataObject) -> None:
    """No single changed byte passes unseen."""
    raw = bytearray(SMALL)
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ModelError):
        decode(bytes(raw), "here")


def test_absent_file(tmp_path: Path) -> None:
    """An absent file is a ModelError that says so."""
    with pytest.raises(ModelError, match="No such file"):
        read(tmp_path / "none")


def test_endless_file_is_refused(tmp_path: Path) -> None:
    """A file larger than any model is not read into memory."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(MAX_FILE + 10)
    with pytest.raises(ModelError, match="larger than a spam model can be"):
        read(path)


def test_write_replaces_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """A reader sees the old file or the new one; the file is the owner's alone."""
    path = tmp_path / "model"
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    """Where the file cannot be put in place, the old one stays and no temporary one is left."""
    path = tmp_path / "model"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        write(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]
