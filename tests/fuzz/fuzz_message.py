"""A whole message: parsing and every view never raise, and what they give stays within its bounds."""

from listward.filters.message import limits
from listward.filters.message.facts import facts
from listward.filters.message.parse import parse_message

GROW = (
    b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"\r\n--b\r\n",
    b"\r\nbegin 644 a\r\n",
    b"\r\n=ybegin line=1 name=a\r\n",
    b"=?utf-8?q?a?= ",
    b"A: b\r\n \r\n",
)


def one(data: bytes) -> None:
    """Ask for everything."""
    message = parse_message(data)
    assert len(message.fields) <= limits.FIELDS
    assert len(message.parts) <= limits.PARTS + 1
    assert len(message.alternatives) <= limits.ALTERNATIVES
    assert data.endswith(message.body)
    assert all(defect.name.replace("-", "").isalnum() and len(defect.detail) <= 80 for defect in message.all_defects)
    assert len(message.visible_text) <= 3 * limits.TEXT_BYTES
    assert isinstance(message.own_text + message.quoted_text + message.hidden_text + message.attached_text, str)
    assert len(message.links) <= limits.LINKS
    assert isinstance(message.attachments, tuple)
    assert len(facts(message).body_digest) == 64
