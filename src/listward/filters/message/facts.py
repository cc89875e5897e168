"""The few facts of a message that later steps need, so that nobody parses it twice."""

import re

from listward.filters.judgement import MessageFacts
from listward.filters.message.message import Message

FIRST_TEXT = 2000
"""Letters of the author's own text that later steps may show."""

# RFC 6376, section 3.5: the tag list of a signature; "h=" are the signed fields' names.
_SIGNED_FIELDS = re.compile(rb"(?:\A|;)\s*h\s*=([^;]*)")


def facts(message: Message) -> MessageFacts:
    """Collect them; `text` is the beginning of the author's own text, digests are hex SHA-256."""
    return MessageFacts(
        subject=message.subject,
        message_id=message.message_id,
        body_digest=message.body_digest,
        text=message.own_text[:FIRST_TEXT],
        size=len(message.raw),
        has_message_id=bool(message.all("Message-ID")),
        has_date=bool(message.all("Date")),
        author_name=message.author.name if message.author is not None else "",
        dkim_signed_fields=signed_fields(message),
        attachments=len(message.attachments),
        links=len(message.links),
    )


def signed_fields(message: Message) -> frozenset[str]:
    """Lower-case names of all fields that some DKIM signature covers."""
    names: set[str] = set()
    for field in message.all("DKIM-Signature"):
        match = _SIGNED_FIELDS.search(field.raw)
        if match:
            names.update(name.strip().lower() for name in match.group(1).decode("latin-1").split(":"))
    return frozenset(names - {""})
