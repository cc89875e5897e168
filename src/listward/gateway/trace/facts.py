"""The few facts of a message that acting needs even when nobody could judge it: names, ids, a digest."""

import hashlib
from dataclasses import dataclass

from listward.gateway.trace import fields


@dataclass(frozen=True, slots=True)
class Facts:
    """Taken from the raw header. `digest` is the hex SHA-256 of the body; `message_id` as it will be relayed."""

    author: str
    message_id: str
    digest: str
    has_message_id: bool
    has_date: bool


def read_facts(header: bytes, content: bytes, hostname: str) -> Facts:
    """Read them. A missing Message-ID is derived from what a retry brings again, so that it gets the same one."""
    author = fields.unfolded(fields.first(header, b"From"))
    given = fields.unfolded(fields.first(header, b"Message-ID"))
    digest = hashlib.sha256(memoryview(content)[len(header) :]).hexdigest()
    has_id = bool(fields.values(header, b"Message-ID"))
    message_id = given or f"<{_derived(header, author, digest)}@{hostname}>"
    return Facts(author, message_id, digest, has_id, bool(fields.values(header, b"Date")))


def _derived(header: bytes, author: str, digest: str) -> str:
    parts = (author, fields.unfolded(fields.first(header, b"Date")), fields.unfolded(fields.first(header, b"Subject")))
    return hashlib.sha256("\0".join((*parts, digest)).encode()).hexdigest()[:32]
