"""A message as signatures see it: header fields as octets, canonical digests. DKIM and ARC read the same.

Fields are split once and each kind of body digest is computed once, in linear time and within our own bounds.
"""

import base64
import hashlib
import re
from functools import cached_property

from listward.filters.identity.canonical import body_digest, canonical_field
from listward.filters.message import limits

FIELD_OCTETS = 8192
"""What a signature field may have."""
DIGITS = 12  # RFC 6376 section 3.5: t= may have so many

HeaderField = tuple[bytes, bytes]
"""Name, and value with CRLF line ends, the last one too."""

_FIELD_END = re.compile(rb"\r?\n(?![\t ])")
_FOLD = re.compile(rb"\r?\n")
_NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]+):")
_BLANKS = re.compile(rb"\s+")
_B_VALUE = re.compile(rb"([;\s]b\s*+=)(?:\s*+[a-zA-Z0-9+/=]++)*+(?:\r?\n\Z)?")


class Unreadable(Exception):
    """The header is larger than we look at, or no two readers would agree on its fields."""


class Source:
    """A message's header, with no empty line at its end, and its body from `start` on in `raw`."""

    def __init__(self, header_block: bytes, raw: bytes, start: int) -> None:
        self.block = header_block
        self._raw, self._start = raw, start
        self._digests: dict[bool, bytes] = {}

    @classmethod
    def of(cls, raw: bytes) -> "Source":
        """Take a whole message with CRLF line ends."""
        end = raw.find(b"\r\n\r\n")
        return cls(raw, raw, len(raw)) if end < 0 else cls(raw[:end], raw, end + 4)

    @cached_property
    def header(self) -> list[HeaderField]:
        """Every field, from the top. Raises Unreadable."""
        return read_header(self.block)

    def body_digest(self, relaxed: bool) -> bytes:
        """The SHA-256 digest of the canonical body."""
        if relaxed not in self._digests:
            self._digests[relaxed] = body_digest(self._raw, self._start, relaxed=relaxed)
        return self._digests[relaxed]


def read_header(block: bytes) -> list[HeaderField]:
    """The fields as dkimpy splits them, in linear time and within our bounds. Raises Unreadable."""
    lines = _FIELD_END.split(block, limits.FIELDS + 1) if len(block) <= limits.HEADER_BYTES else []
    if not lines or len(lines) > limits.FIELDS or lines[0][:1] in {b" ", b"\t"}:
        raise Unreadable
    return [one for one in map(_header_field, lines) if one]


def _header_field(line: bytes) -> HeaderField | None:
    name = _NAME.match(line)
    if name is not None:
        value = line[name.end() :]
        return name[1], (_FOLD.sub(b"\r\n", value) if b"\n" in value else value) + b"\r\n"
    if not line or line.startswith(b"From "):
        return None
    raise Unreadable


def chosen(header: list[HeaderField], names: list[bytes]) -> list[HeaderField]:
    """The field for each name in h=, from the bottom up where a name is there again (RFC 6376 section 5.4.2)."""
    left: dict[bytes, list[HeaderField]] = {}
    for one in header:
        left.setdefault(one[0].lower(), []).append(one)
    return [left[name].pop() for name in names if left.get(name)]


def header_digest(signed: list[HeaderField], written: HeaderField, *, relaxed: bool) -> bytes:
    """The digest of the signed fields, then of the signature's own without b= and its last line end (section 3.7)."""
    octets = [canonical_field(*one, relaxed=relaxed) for one in signed]
    return hashlib.sha256(b"".join((*octets, unsigned(written, relaxed=relaxed)))).digest()


def unsigned(written: HeaderField, *, relaxed: bool) -> bytes:
    """A signature field as it is signed: canonical, without the value of b= and its last line end (section 3.7).

    dkimpy gives the same, and takes half the time of a verification to find where b= ends.
    """
    name, value = written
    return canonical_field(name, _B_VALUE.sub(rb"\1", value), relaxed=relaxed).rstrip()


def octets(value: bytes) -> bytes:
    """The octets of a base64 tag with blanks anywhere. Raises ValueError."""
    return base64.b64decode(_BLANKS.sub(b"", value))
