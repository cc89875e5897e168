"""The mail log: one JSON line per event on a stream, with the message's id; never an address, never text."""

import hmac
import json
import sys
from datetime import UTC, datetime
from typing import TextIO

from listward.runtime.clock import Clock, SystemClock

_MOST_HASHES = 1024
_encoded = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class MailLog:
    """Writes events. Addresses enter as keyed hashes, so that `trace` can find them while the key lives."""

    def __init__(self, key: bytes, stream: TextIO | None = None, clock: Clock | None = None) -> None:
        self._key = key
        self._stream = stream or sys.stderr
        self._clock = clock or SystemClock()
        self._hashes: dict[str, str] = {}  # the same few addresses write all day
        self._missing = 0

    def hashed(self, address: str) -> str:
        """Return the keyed hash of an address in lower case, 16 hex digits; "" stays ""."""
        if not address:
            return ""
        found = self._hashes.get(address)
        if found is None:
            octets = address.lower().encode(errors="surrogateescape")
            found = hmac.digest(self._key, octets, "sha256").hex()[:16]  # one call into C, unlike hmac.new
            if len(self._hashes) >= _MOST_HASHES:
                self._hashes.clear()
            self._hashes[address] = found
        return found

    def event(self, verb: str, message_id: str = "", **facts: str | float | list[str]) -> None:
        """Write one line. `verb` is one past participle ("relayed", "held"); `message_id` our id of the message.

        Never raises for a full disk or a closed pipe: what is logged has happened, and no message may fail for want of
        its line. The next line that can be written says how many are missing.
        """
        at = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "event": verb, "id": message_id, **facts}
        if self._missing:
            line["missing"] = self._missing
        try:
            self._stream.write(_encoded(line) + "\n")
            self._stream.flush()
        except OSError:
            self._missing += 1
        else:
            self._missing = 0
