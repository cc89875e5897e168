"""List-Id (RFC 2919): which list a message says it comes from."""

import re
from collections.abc import Container

from listward.gateway.trace import fields

NAME = b"List-Id"
_IDENTIFIER = re.compile(r"<([^<>]*)>\s*\Z")
_MOST_OCTETS = 1000


def identifier(value: bytes) -> str:
    """Return the identifier of a raw value in lower case, "" where there is none."""
    found = _IDENTIFIER.search(fields.unfolded(value[-_MOST_OCTETS:]))
    return found[1].strip().lower() if found is not None else ""


def without_ours(header: bytes, ours: Container[str]) -> bytes:
    """Return the header without fields that name a list of ours: only its list server says so, on the way out."""
    return fields.without(header, NAME, lambda value: identifier(value) in ours)
