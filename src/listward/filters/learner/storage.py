"""The file format of a model: magic, SHA-256, then zstd over a JSON head and the arrays."""

import hashlib
import json
import os
import struct
import sys
import tempfile
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import zstandard

from listward.filters.learner.faults import ModelError
from listward.filters.learner.features import BUCKETS

Floats: TypeAlias = "array[float]"  # array takes no parameter at run time before Python 3.12

MAGIC = b"LWSPAM01"
DIGEST_LENGTH = 32
MAX_FILE = 16 * 2**20
MAX_CONTENT = 64 * 2**20
STEPS = 127


@dataclass(frozen=True, slots=True)
class Head:
    """What the arrays mean. `scale` > 0: weights are 8-bit steps of it, without history, as shipped; 0: full floats."""

    buckets: int
    spam: int
    ham: int
    bias: float
    slope: float
    offset: float
    first: float = 1e-4
    scale: float = 0.0


@dataclass(frozen=True, slots=True)
class Content:
    """A model at rest: head, weights and, for full floats, the sum of squared gradients per bucket."""

    head: Head
    weights: Floats
    history: Floats


def _little(values: Floats) -> bytes:
    """Bytes in little-endian order on every machine."""
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def _floats(raw: bytes) -> Floats:
    """The inverse of `_little` for 32-bit floats."""
    values = array("f", raw)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def quantise(weights: Floats) -> tuple[bytes, float]:
    """Eight-bit steps and the size of one step."""
    scale = max(1e-9, *map(abs, (min(weights), max(weights)))) / STEPS
    return array("b", (round(weight / scale) for weight in weights)).tobytes(), scale


def encode(content: Content, compact: bool = False) -> bytes:
    """The file's bytes; `compact` writes 8-bit weights and no history."""
    head = asdict(content.head)
    if compact:
        arrays, head["scale"] = quantise(content.weights)
    else:
        arrays, head["scale"] = _little(content.weights) + _little(content.history), 0.0
    text = json.dumps(head, sort_keys=True).encode()
    packed = zstandard.ZstdCompressor(level=19 if compact else 6).compress(struct.pack("<I", len(text)) + text + arrays)
    return MAGIC + hashlib.sha256(packed).digest() + packed


def _unpack(raw: bytes, name: str) -> tuple[Head, bytes]:
    """Check magic and digest, return head and arrays."""
    if not raw.startswith(MAGIC):
        raise ModelError(f"{name}: not a spam model of this version (expected {MAGIC.decode()} at the start)")
    packed = raw[len(MAGIC) + DIGEST_LENGTH :]
    if hashlib.sha256(packed).digest() != raw[len(MAGIC) : len(MAGIC) + DIGEST_LENGTH]:
        raise ModelError(f"{name}: the model file is damaged (its digest does not match); train again or restore it")
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
            content = reader.read(MAX_CONTENT)
        (length,) = struct.unpack_from("<I", content)
        return Head(**json.loads(content[4 : 4 + length])), content[4 + length :]
    except (zstandard.ZstdError, struct.error, ValueError, TypeError) as error:
        raise ModelError(f"{name}: the model file cannot be read: {type(error).__name__}") from error


def decode(raw: bytes, name: str) -> Content:
    """Read what `encode` wrote. Raises ModelError; `name` is how its message calls the file."""
    head, arrays = _unpack(raw, name)
    expected = BUCKETS if head.scale else 8 * BUCKETS
    if head.buckets != BUCKETS or len(arrays) != expected:
        raise ModelError(f"{name}: the model has {head.buckets} buckets, this version needs {BUCKETS}; train again")
    if not head.scale:
        return Content(head, _floats(arrays[: 4 * BUCKETS]), _floats(arrays[4 * BUCKETS :]))
    steps = {step: step * head.scale for step in range(-STEPS - 1, STEPS + 1)}
    return Content(head, array("f", map(steps.__getitem__, array("b", arrays))), array("f", bytes(4 * BUCKETS)))


def read(path: Path) -> Content:
    """Read a model file. Raises ModelError, also where the file is absent or too large."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ModelError(f"{path}: cannot read the spam model: {error.strerror}") from error
    if len(raw) > MAX_FILE:
        raise ModelError(f"{path}: larger than a spam model can be ({MAX_FILE} bytes)")
    return decode(raw, str(path))


def write(path: Path, raw: bytes) -> None:
    """Replace the file in one step, after fsync: a reader sees the old model or the new one."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".spam-model-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
