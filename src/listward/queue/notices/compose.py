"""Makes the message of a notice: safe header fields, plain text, an id that a second try repeats."""

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from listward.config.site import Site
from listward.queue.notices.letters import Letter
from listward.wire.envelope import Envelope, Recipient
from listward.wire.headers import address_field, date_now, field, printable


@dataclass(frozen=True, slots=True)
class Notice:
    """A message ready to be delivered."""

    envelope: Envelope
    data: bytes


def compose(site: Site, to: str, letter: Letter, event_id: str, at: float, reply_to: str = "") -> Notice:
    """Make a notice to one mailbox; answers go to `reply_to`, where one is given.

    Raises ValueError for an address that cannot stand in a field.

    The null envelope sender and Auto-Submitted keep machines from answering (RFC 3834 sections 3.3 and 5).
    """
    utf8 = not to.isascii()
    fields = [
        address_field("From", [(site.organisation.name, site.notices.sender)], utf8=utf8),
        address_field("To", [("", to)], utf8=utf8),
        *([address_field("Reply-To", [("", reply_to)])] if reply_to else ()),
        field("Subject", printable(letter.subject), utf8=utf8),
        field("Date", date_now(at)),
        field("Message-ID", message_id(event_id, site.notices.sender)),
        field("Auto-Submitted", "auto-replied"),
        field("X-Auto-Response-Suppress", "All"),
        field("Content-Language", ", ".join(letter.languages)),
    ]
    # RFC 6531 section 3.4: an address outside ASCII needs the extension on its way.
    envelope = Envelope("", (Recipient(to),), ("SMTPUTF8",) if utf8 else ())
    return Notice(envelope, b"".join(fields) + _body(letter.text))


def message_id(event_id: str, sender: str) -> str:
    """The same event gives the same id, so that a repeated notice can be recognised."""
    digest = hashlib.sha256(f"notice {event_id}".encode()).hexdigest()[:32]
    return f"<{digest}@{sender.rpartition('@')[2] or 'localhost'}>"


def _body(text: str) -> bytes:
    """The MIME fields, an empty line, and the text in quoted-printable: seven bits, short lines."""
    part = EmailMessage(policy=SMTP)
    part.set_content(text, charset="utf-8", cte="quoted-printable")
    return part.as_bytes()
