"""What the case page shows of a message: its text with the marked words, never its HTML, and what is attached."""

from collections.abc import Sequence
from dataclasses import dataclass

from listward.filters.content import filetypes
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.queue.cases.case import Reason
from listward.queue.cases.reasons import COVERED
from listward.queue.desk.console.marks import HIDDEN_VIEWS, MOST_SHOWN, Segment, marked
from listward.queue.desk.plain import plain

MOST_ATTACHMENTS, MOST_HIDDEN = 50, 2000


@dataclass(frozen=True, slots=True)
class Attached:
    """One attachment, as it calls itself and as what it is."""

    name: str
    claimed: str
    found: str
    size: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A message laid out for reading, words of reasons marked. `covered` text is shown only when it is touched."""

    segments: tuple[Segment, ...]
    cut: bool
    hidden: tuple[Segment, ...]
    attached: tuple[Attached, ...]
    links: int
    to: str
    covered: bool


def lay_out(body: bytes, reasons: Sequence[Reason]) -> CaseFile:
    """Read a message for the case page. Takes as long as parsing takes: call it in a thread."""
    message = parse_message(body)
    text = message.visible_text
    return CaseFile(
        segments=marked(text, reasons),
        cut=len(text) > MOST_SHOWN,
        hidden=marked(message.hidden_text[:MOST_HIDDEN], reasons, HIDDEN_VIEWS),
        attached=attachments(message),
        links=len(message.links),
        to=plain(", ".join(message.first(name) for name in ("To", "Cc") if message.first(name)))[:1000],
        covered=any(reason.category in COVERED for reason in reasons),
    )


def attachments(message: Message) -> tuple[Attached, ...]:
    """The message's attachments, at most fifty."""
    return tuple(
        Attached(
            plain(part.filename)[:200] or "without a name",
            plain(part.content_type)[:100],
            true_type(part.content),
            len(part.content),
        )
        for part in message.attachments[:MOST_ATTACHMENTS]
    )


# First bytes and the words for people; what runs is told by the filters' own table first.
_MAGIC = (
    (b"%PDF-", "PDF document"),
    (b"\x89PNG\r\n", "PNG picture"),
    (b"\xff\xd8\xff", "JPEG picture"),
    (b"GIF8", "GIF picture"),
    (b"PK\x03\x04", "ZIP archive or office document"),
    (b"\xd0\xcf\x11\xe0", "old office document"),
    (b"Rar!", "RAR archive"),
    (b"7z\xbc\xaf", "7z archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"BEGIN:VCALENDAR", "calendar entry"),
    (b"BEGIN:VCARD", "contact card"),
    (b"<?xml", "XML text"),
    (b"{\\rtf", "RTF document"),
    (b"#!", "script"),
)


def true_type(content: bytes) -> str:
    """What the first bytes say that a file is, whatever it calls itself."""
    if filetypes.kind(content) == "executable":
        return "a program"
    start = content[:1024].lstrip()
    for magic, name in _MAGIC:
        if start.startswith(magic):
            return name
    lowered = start.lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<svg", b"<script")):
        return "web page or picture with code"
    return "unknown data" if b"\0" in start else "text"
