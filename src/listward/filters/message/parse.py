"""Parses one message. Never raises, whatever the bytes, and takes time linear in their number."""

from listward.filters.message.defects import Defects
from listward.filters.message.headers import decoded, header_end, split_fields
from listward.filters.message.message import Message
from listward.filters.message.walk import Walker


def parse_message(raw: bytes) -> Message:
    """Parse a message with CRLF (or LF) line ends; what is beyond the limits is a defect, not an error."""
    defects = Defects()
    stop, begin = header_end(raw)
    fields = split_fields(raw[:stop], defects, top=True)
    if begin == stop == len(raw) and raw:
        defects.add("no-body-separator", "")
    walker = Walker(defects, len(raw) - begin)
    walker.walk(fields, raw[begin:].replace(b"\r\n", b"\n"))
    return Message(
        raw=raw,
        fields=tuple(map(decoded, fields)),
        body_start=begin,
        parts=tuple(walker.parts),
        defects=defects.take(),
        alternatives=tuple(walker.alternatives),
    )
