"""The reading of last resort: whatever looks like a body part, whatever the declared structure says."""

import re
from collections.abc import Iterator

from listward.filters.message import limits
from listward.filters.message.defects import Defects
from listward.filters.message.headers import split_fields
from listward.filters.message.heads import Head, read_head
from listward.filters.message.transfer import every_decoding, uu_files
from listward.filters.message.values import Part

# Any line that begins with two hyphens may be a delimiter for somebody.
_DELIMITER = re.compile(rb"(?:^|[\r\n\v\f])[ \t]*--[^\n]{1,200}(?:\n|\Z)")
# Where a part's header ends for somebody: a blank line, or one of white space only.
_HEAD_END = re.compile(rb"\n[ \t\v\f\r]*\n")
_FIELDS = re.compile(rb"\n*+(?:[!-9;-~]++[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n)*+")


def carve(body: bytes) -> Iterator[Part]:
    """Parts cut at every delimiter-like line, each decoded in every way. Bounded; never raises."""
    start = 0
    for count, match in enumerate(_DELIMITER.finditer(body)):
        if count >= limits.ALTERNATIVES:
            break
        yield from _piece(body[start : match.start()])
        start = match.end()
    yield from _piece(body[start:])


def _piece(piece: bytes) -> Iterator[Part]:
    if not piece.strip():
        return
    match = _HEAD_END.search(piece)
    stop, begin = match.span() if match else (0, 0)
    scratch = Defects()
    head = read_head(split_fields(piece[:stop].replace(b"\r", b"\n"), scratch), scratch)
    # For some readers a header ends at the first line that is none.
    fields = _FIELDS.match(piece)
    starts = dict.fromkeys((begin, fields.end() if fields else begin))
    for content in (piece[start:] for start in starts):
        yield from _readings(head, content)


def _readings(head: Head, content: bytes) -> Iterator[Part]:
    contents = [content, *every_decoding(content), *(decoded for _, decoded in uu_files(content))]
    for reading in dict.fromkeys(contents):
        yield Part(head.content_type, head.charset, head.disposition, head.filename, reading, 0, head.names)
