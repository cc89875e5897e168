"""X-Listward-Id: our id of the message, with a keyed check and one keyed mark for each list it went to.

A mark tells nobody which list it is, and only we can write one: mail that comes back to the same list is a loop.
"""

import hmac
import re
from collections.abc import Iterable

from listward.gateway.trace import fields
from listward.wire import headers

NAME = "X-Listward-Id"
_FIELD = re.compile(r"([0-9a-z]{20}) ([0-9a-f]{16})((?: [0-9a-f]{16})*)")
_MOST_FIELDS = 8


class Marker:
    """Writes and reads the field with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def field(self, message_id: str, lists: Iterable[str]) -> bytes:
        """Return the field for a message of this id on its way to these lists."""
        marks = [self._mark(message_id, name) for name in sorted(set(lists))]
        return headers.field(NAME, " ".join([message_id, self._mark(message_id, ""), *marks]))

    def passed(self, header: bytes, lists: Iterable[str]) -> frozenset[str]:
        """Return those of the lists that this message has gone to before, by fields that only we can have written."""
        found = fields.values(header, NAME.encode(), _MOST_FIELDS)
        known = [(match[1], match[3].split()) for value in found if (match := self._read(value))]
        return frozenset(name for name in lists for message_id, marks in known if self._mark(message_id, name) in marks)

    def _read(self, value: bytes) -> re.Match[str] | None:
        match = _FIELD.fullmatch(fields.unfolded(value))
        if match is None or not hmac.compare_digest(match[2], self._mark(match[1], "")):
            return None
        return match

    def _mark(self, message_id: str, name: str) -> str:
        return hmac.digest(self._key, f"{message_id}\0{name}".encode(), "sha256").hex()[:16]


def without_markers(header: bytes) -> bytes:
    """Return the header without any field of this name."""
    return fields.without_all(header, NAME.encode())
