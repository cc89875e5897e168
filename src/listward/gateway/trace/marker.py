"""X-Listward-Id: our id of the message, with a keyed check, one keyed mark for each list it went to, and one for the
results we wrote.

A mark tells nobody what it stands for, and only we can write one. Mail that comes back to the same list is a loop; on
the way out, only results with their mark are those that we found when this very message came in.
"""

import hmac
import re
from collections.abc import Iterable

from listward.gateway.trace import fields
from listward.gateway.trace.results import MOST_FIELDS, RESULTS
from listward.wire import headers

NAME = "X-Listward-Id"
_FIELD = re.compile(r"([0-9a-z]{20}) ([0-9a-f]{16})((?: [0-9a-f]{16})*)")
_MOST_FIELDS = 8


class Marker:
    """Writes and reads the field with one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def field(self, message_id: str, lists: Iterable[str], bound: str = "") -> bytes:
        """Return the field for a message of this id on its way to these lists; `bound` is what `binding` gives."""
        marks = [self._mark(message_id, name) for name in (*sorted(set(lists)), *filter(None, [bound]))]
        return headers.field(NAME, " ".join([message_id, self._mark(message_id, ""), *marks]))

    def passed(self, header: bytes, lists: Iterable[str]) -> frozenset[str]:
        """Return those of the lists that this message has gone to before, by fields that only we can have written."""
        known = self._known(header)
        return frozenset(name for name in lists for message_id, marks in known if self._has(message_id, name, marks))

    def results(self, header: bytes, letter: str) -> str:
        """Return the value of the results that we wrote for the message of this Message-ID, "" where none are there."""
        known = self._known(header)
        values = fields.values(header, RESULTS.encode(), MOST_FIELDS) if known else []
        for value in values:
            if any(self._has(message_id, _binding(value, letter), marks) for message_id, marks in known):
                return spaced(value)
        return ""

    def _known(self, header: bytes) -> list[tuple[str, list[str]]]:
        """The ids and marks of the fields that only we can have written."""
        found = fields.values(header, NAME.encode(), _MOST_FIELDS)
        return [(match[1], match[3].split()) for value in found if (match := self._read(value))]

    def _has(self, message_id: str, name: str, marks: list[str]) -> bool:
        mark = self._mark(message_id, name)
        return any(hmac.compare_digest(mark, each) for each in marks)

    def _read(self, value: bytes) -> re.Match[str] | None:
        match = _FIELD.fullmatch(fields.unfolded(value))
        if match is None or not hmac.compare_digest(match[2], self._mark(match[1], "")):
            return None
        return match

    def _mark(self, message_id: str, name: str) -> str:
        return hmac.digest(self._key, f"{message_id}\0{name}".encode(), "sha256").hex()[:16]


def binding(results_field: bytes, letter: str) -> str:
    """Return what the mark of a results field is made from, for the message of this Message-ID.

    Without the Message-ID, results with their mark could be put into another message. No list has such a name.
    """
    return _binding(results_field.partition(b":")[2], letter)


def _binding(value: bytes, letter: str) -> str:
    return f"\0{spaced(value)}\0{letter}"


def spaced(value: bytes) -> str:
    """A field's value with one space for each run of blanks: servers on the way may fold it anew."""
    return " ".join(fields.unfolded(value).split())


def without_markers(header: bytes) -> bytes:
    """Return the header without any field of this name."""
    return fields.without_all(header, NAME.encode())
