"""What worker and reader say to each other: a length (4 octets), then msgpack that is decoded by type.

What the reader says is not trusted: it has read what strangers wrote. It is bounded in size and checked by its schema;
a value that is no `Reading` is no answer.
"""

import math
from collections.abc import Sized
from dataclasses import dataclass
from typing import Any

import msgspec

from listward.config.catalogue import BY_POLICY, CATEGORY_OF, PATTERN, PHRASES
from listward.filters.context import Context
from listward.filters.findings import Finding
from listward.filters.guard import MOST_FINDINGS
from listward.filters.identity.arc_evidence import SETS
from listward.filters.identity.authres import MOST_REPORTED
from listward.filters.identity.evidence import SIGNATURES
from listward.filters.reading import FILTERS, Reading

LENGTH_OCTETS = 4
MOST_ANSWER = 4 * 1024 * 1024
"""A reading is some kilobytes; one with every bound at its end has about 1 MB."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a reader reads by: sent once over a connection, and anew whenever the configuration has changed.

    `model` is what `SpamModel.packed` gives. The reader ends itself when one message takes `cpu_s` of processor time,
    or `wall_s` in all.
    """

    context: Context
    model: bytes
    cpu_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Request:
    """One message that came `at` (Unix seconds): `head`, then `size` octets of the handed file from `start` on.

    `inside` says that it came from a network of ours.
    """

    at: float
    head: bytes
    start: int = 0
    size: int = 0
    inside: bool = False


class Garbled(Exception):
    """The other side said what makes no sense."""


_encoder = msgspec.msgpack.Encoder()
_from_worker = msgspec.msgpack.Decoder(tuple[Setup | None, Request | None])
_from_reader = msgspec.msgpack.Decoder(Reading)


def frame(content: bytes) -> bytes:
    """Return the content with its length in front."""
    return len(content).to_bytes(LENGTH_OCTETS, "big") + content


def encode_setup(setup: Setup) -> bytes:
    """Return the frame of a setup."""
    return frame(_encoder.encode((setup, None)))


def encode_request(request: Request) -> bytes:
    """Return the frame of a request."""
    return frame(_encoder.encode((None, request)))


def decode_from_worker(content: bytes | bytearray) -> Setup | Request:
    """Read a frame's content. Raises Garbled."""
    try:
        setup, request = _from_worker.decode(content)
    except msgspec.MsgspecError:
        raise Garbled from None
    if setup is not None:
        return setup
    if request is None:
        raise Garbled
    return request


def encode_reading(reading: Reading) -> bytes:
    """Return the frame of a reading. Text that no UTF-8 can hold is shown by question marks."""
    try:
        return frame(_encoder.encode(reading))
    except UnicodeEncodeError:
        return frame(_encoder.encode(_storable(msgspec.to_builtins(reading, builtin_types=(bytes,)))))


def decode_reading(content: bytes | bytearray) -> Reading:
    """Read an answer. Raises Garbled where it is no reading, its scores are none, or it holds more than any would."""
    try:
        reading = _from_reader.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Garbled from None
    scores = reading.scores
    numbers = (scores.spam, scores.solicitation, scores.internal, *(finding.weight for finding in reading.findings))
    if not all(0.0 <= number <= 1.0 for number in numbers):  # neither is "not a number"
        raise Garbled
    if not all(math.isfinite(seconds) for _, seconds in reading.seconds):
        raise Garbled
    if any(len(found) > most for found, most in _bounded(reading)):
        raise Garbled
    if not all(map(_is_named, reading.findings)):
        raise Garbled
    return reading


def _is_named(finding: Finding) -> bool:
    """Whether a check makes this finding, of this category.

    Bounds hang on the category: what a text says must not come as a fact, for which members are refused.
    """
    if finding.category in BY_POLICY:
        return finding.rule.startswith((PHRASES, PATTERN))
    return CATEGORY_OF.get(finding.rule) == finding.category


def _bounded(reading: Reading) -> tuple[tuple[Sized, int], ...]:
    """What takes the worker time for each one, with how many an honest reader gives at most."""
    claims = reading.claims
    return (
        (reading.findings, MOST_FINDINGS * len(FILTERS)),
        (claims.signatures, SIGNATURES),
        (claims.chain.sets, SETS),
        (claims.reported, MOST_REPORTED),
    )


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list | tuple | set | frozenset) else value
