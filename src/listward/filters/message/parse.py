"""Parses one message. Never raises, whatever the bytes, and takes time linear in their number."""

import re

from listward.filters.message.defects import Defects
from listward.filters.message.headers import decoded, header_end, split_fields
from listward.filters.message.message import Message
from listward.filters.message.walk import Walker

_BARE_CR = re.compile(rb"\r(?!\n)")


def parse_message(raw: bytes) -> Message:
    """Parse a message with CRLF (or LF) line ends; what is beyond the limits is a defect, not an error."""
    defects = Defects()
    stop, begin = header_end(raw)
    fields = split_fields(raw[:stop], defects, top=True)
    if begin == stop == len(raw) and raw:
        defects.add("no-body-separator", "")
    walker = Walker(defects, len(raw) - begin)
    walker.walk(fields, _with_lf(raw, begin))
    return Message(
        raw=raw,
        fields=tuple(map(decoded, fields)),
        body_start=begin,
        parts=tuple(walker.parts),
        defects=defects.take(),
        alternatives=tuple(walker.alternatives),
    )


def _with_lf(raw: bytes, start: int) -> bytes:
    """What stands from `start` on, with LF for CRLF. Where no CR stands alone, dropping all of them costs a tenth."""
    body = raw[start:]
    return body.replace(b"\r\n", b"\n") if _BARE_CR.search(body) else body.replace(b"\r", b"")
