"""The few facts of a message that acting needs even when nobody could judge it: names, ids, a digest."""

import hashlib
from dataclasses import dataclass

from listward.gateway.trace import fields
from listward.wire.payload import Payload

MOST_HOPS = 100  # RFC 5321 section 6.3: at least this many before a message is taken to loop
_MOST_OCTETS = 998  # of one field that take part in names and keys: one line of RFC 5322 section 2.1.1
_NAMES = (b"From", b"Message-ID", b"Date", b"Subject")


@dataclass(frozen=True, slots=True)
class Facts:
    """Taken from the raw header. `digest` is the hex SHA-256 of the body; `message_id` as it will be relayed."""

    author: str
    message_id: str
    digest: str
    has_message_id: bool
    has_date: bool
    hops: int = 0

    @property
    def loops(self) -> bool:
        """Whether the message has been passed on too often."""
        return self.hops > MOST_HOPS


def read_facts(header: bytes, content: Payload, hostname: str) -> Facts:
    """Read them. A missing Message-ID is derived from what a retry brings again, so that it gets the same one."""
    found, hops = fields.survey(header, _NAMES, b"Received", MOST_HOPS + 1)
    author, given, date, subject = (fields.unfolded(found.get(name, b"")[:_MOST_OCTETS]) for name in _NAMES)
    digest = content.digest_behind(len(header))
    message_id = given or f"<{_derived(author, date, subject, digest)}@{hostname}>"
    return Facts(
        author,
        message_id,
        digest,
        b"Message-ID" in found,
        b"Date" in found,
        hops,
    )


def _derived(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
