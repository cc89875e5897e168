"""Walks the MIME tree once, within bounds, and gathers the parts of every reading."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from listward.filters.message import limits
from listward.filters.message.carve import carve
from listward.filters.message.defects import Defects
from listward.filters.message.delimiters import Split, split_parts
from listward.filters.message.headers import RawField, header_end, split_fields
from listward.filters.message.heads import Head, read_head
from listward.filters.message.transfer import (
    IDENTITY,
    decode_transfer,
    every_decoding,
    is_base64,
    says_binhex,
    uu_files,
)
from listward.filters.message.values import Part

_NESTED_MESSAGE = frozenset({"message/rfc822", "message/global", "message/news"})
# Contents no gateway can put together: parts of one message sent as several, and bodies that lie elsewhere.
_OUT_OF_REACH = {"message/partial": "partial-message", "message/external-body": "external-body"}
# What is in doubt is not where parts begin and end, so that no other reading of them is looked for.
_PARTS_ARE_CLEAR = frozenset({"embedded-file", "odd-charset", "conflicting-charsets"})
# Where a part begins with a blank line, some readers still take what follows for its header.
_LATE_FIELD = re.compile(rb"\n{0,3}content-(?:type|transfer-encoding|disposition)\s*:", re.IGNORECASE)
# Fields of a body part where no part is: before the first, behind the last, or in a text below a line like a delimiter.
_FIELD_OUTSIDE = re.compile(rb"\n(?i:content-(?:type|transfer-encoding|disposition))[ \t]*+:")
_LIKE_DELIMITER = re.compile(rb"[\r\v\f \t]*+-[^\n]{1,200}\Z")


@dataclass(frozen=True, slots=True)
class Span:
    """A body: bytes [start, end) of `source`, `depth` levels down, within multiparts of the boundaries `around`."""

    source: bytes = field(repr=False)
    start: int
    end: int
    depth: int
    around: frozenset[bytes] = frozenset()

    def content(self) -> bytes:
        """The bytes themselves."""
        return self.source[self.start : self.end]


class Walker:
    """One walk. `parts` are the usual reading, `alternatives` what other readers would see besides."""

    def __init__(self, defects: Defects, size: int) -> None:
        self.parts: list[Part] = []
        self.alternatives: list[Part] = []
        self._defects = defects
        self._budget = limits.READINGS * size + 1_000_000
        self._near: list[bytes] = []
        self._declared: set[bytes] = set()

    def walk(self, fields: list[RawField], body: bytes) -> None:
        """Walk a whole message with header `fields` and LF-ended `body`."""
        self._entity(fields, Span(body, 0, len(body), 0), "text/plain")
        self._judge_near()
        if any(defect.name not in _PARTS_ARE_CLEAR for defect in self._defects.take()):
            self._carve(body[: limits.CARVED_BYTES])

    def _entity(self, fields: list[RawField], span: Span, default_type: str) -> None:
        head = read_head(fields, self._defects, default_type)
        if not self._affordable(span):
            return
        if head.content_type.startswith("multipart/"):
            self._multipart(head, span)
        elif head.content_type in _NESTED_MESSAGE:
            self._nested_message(head, span)
        else:
            self._note_unused_boundary(head, span)
            self._leaf(head, span)

    def _note_unused_boundary(self, head: Head, span: Span) -> None:
        """A boundary without "multipart": readers that look for the boundary alone see parts."""
        delimiters = (b"--" + boundary.encode("utf-8", "replace") for boundary in head.boundaries)
        if any(span.source.find(delimiter, span.start, span.end) >= 0 for delimiter in delimiters):
            self._defects.add("malformed-content-type", head.content_type)

    def _affordable(self, span: Span) -> bool:
        """Whether count, depth and the sum of bytes read leave room for one entity more."""
        self._budget -= span.end - span.start
        if span.depth > limits.DEPTH or self._budget < 0:
            self._defects.add("nested-too-deep", f"depth {span.depth}")
            return False
        if len(self.parts) >= limits.PARTS:
            self._defects.add("too-many-parts", f"more than {limits.PARTS}")
            return False
        return True

    def _multipart(self, head: Head, span: Span) -> None:
        self.parts.append(_part(head, b"", span.depth))
        declared = frozenset(boundary.encode("utf-8", "replace") for boundary in head.boundaries)
        self._declared |= declared
        if declared & span.around:  # RFC 2046, section 5.1.2: whose delimiter a line is, nobody knows
            self._defects.add("nested-same-boundary", head.boundaries[0])
        span = replace(span, around=span.around | declared)
        if head.encoding not in IDENTITY:
            self._encoded_multipart(head, span)
        split = self._best_split(head, span)
        if not split.parts:
            self._no_parts(head, span)
            return
        self._note_split(split)
        self._note_outside(split, span)
        default_type = "message/rfc822" if head.content_type == "multipart/digest" else "text/plain"
        for start, end in (*split.parts, *split.late):
            if len(self.parts) >= limits.PARTS:
                self._defects.add("too-many-parts", f"more than {limits.PARTS}")
                return
            self._body_part(replace(span, start=start, end=end, depth=span.depth + 1), default_type)

    def _best_split(self, head: Head, span: Span) -> Split:
        """The split by the first boundary that occurs; the others' parts are carved out later."""
        for boundary in head.boundaries:
            most = limits.PARTS - len(self.parts) + 1
            split = split_parts(span.source, span.start, span.end, boundary.encode("utf-8", "replace"), most)
            self._near += split.near
            if split.parts or split.hidden:
                return split
        return Split()

    def _note_split(self, split: Split) -> None:
        if split.late:
            self._defects.add("parts-after-end", f"{len(split.late)} parts")
        if split.hidden:
            self._defects.add("hidden-boundary", f"{split.hidden} lines")
        if split.truncated:
            self._defects.add("too-many-parts", f"more than {limits.PARTS}")

    def _note_outside(self, split: Split, span: Span) -> None:
        """What looks like a part in the preamble or epilogue (RFC 2046, section 5.1.1: readers ignore both)."""
        gaps = ((max(span.start - 1, 0), split.begin), (split.end, span.end))
        if any(_FIELD_OUTSIDE.search(span.source, start, end) for start, end in gaps if start < end):
            self._defects.add("parts-outside", "")

    def _no_parts(self, head: Head, span: Span) -> None:
        """A multipart without a delimiter is one text to some readers and several parts to others."""
        self._defects.add("boundary-not-found", head.content_type)
        self._leaf(replace(head, content_type="text/plain", encoding=""), span)

    def _encoded_multipart(self, head: Head, span: Span) -> None:
        """RFC 2045, section 6.4 forbids it; some readers decode first and see other parts."""
        decoded = decode_transfer(span.content(), head.encoding, True, Defects()).content
        delimiters = b"\n--" + (head.boundaries[0].encode("utf-8", "replace") if head.boundaries else b"")
        changed = (b"\n" + decoded).count(delimiters) != (b"\n" + span.content()).count(delimiters)
        if head.encoding != "quoted-printable" or changed:
            self._defects.add("encoded-multipart", head.encoding)
            self._carve(decoded)

    def _body_part(self, span: Span, default_type: str) -> None:
        stop, begin = header_end(span.source, span.start, span.end)
        fields = split_fields(span.source[span.start : stop], self._defects)
        if not fields and _LATE_FIELD.match(span.source, begin, span.end):
            self._defects.add("fields-after-blank-line", "")
        self._entity(fields, replace(span, start=begin), default_type)

    def _nested_message(self, head: Head, span: Span) -> None:
        """A message in a message; some programs encode it although RFC 2046, section 5.2.1 forbids that."""
        content = decode_transfer(span.content(), head.encoding, True, self._defects).content
        self.parts.append(_part(head, content, span.depth))
        if head.encoding not in IDENTITY:
            span = Span(content.replace(b"\r\n", b"\n"), 0, len(content.replace(b"\r\n", b"\n")), span.depth)
        self._body_part(replace(span, depth=span.depth + 1), "text/plain")

    def _leaf(self, head: Head, span: Span) -> None:
        content = span.content()
        if head.content_type in _OUT_OF_REACH:
            self._defects.add(_OUT_OF_REACH[head.content_type], head.content_type)
        textual = head.main == "text" and head.disposition != "attachment"
        decoded = decode_transfer(content, head.encoding, textual, self._defects)
        self.parts.append(_part(head, decoded.content, span.depth))
        others = decoded.others
        if span.around and head.main == "text" and _has_part(decoded.content):
            self._defects.add("parts-outside", head.content_type)
        if head.main != "text" and head.encoding in IDENTITY and is_base64(content):
            self._defects.add("undeclared-base64", head.content_type)
            others = (*others, *every_decoding(content))
        if head.doubtful and head.encoding not in {"base64", "quoted-printable"}:
            others = (*others, *every_decoding(content))
        self._add_alternatives(replace(_part(head, b"", span.depth), content=other) for other in others)
        self._add_alternatives(_unshown(content, span.depth) for content in decoded.unshown)
        if textual:
            self._uu_files(head, decoded.content, span.depth)

    def _uu_files(self, head: Head, content: bytes, depth: int) -> None:
        found = uu_files(content)
        if found or says_binhex(content):
            self._defects.add("embedded-file", found[0][0] if found else "")
        self._add_alternatives(
            Part("application/octet-stream", "", "attachment", name, decoded, depth, (name,)) for name, decoded in found
        )

    def _judge_near(self) -> None:
        """Lines that begin like a boundary are fine where they are a boundary of their own."""
        declared = {b"--" + boundary for boundary in self._declared}
        for line in self._near:
            if line not in declared and line.removesuffix(b"--") not in declared:
                self._defects.add("near-boundary", repr(line[:60]))
                return

    def _carve(self, body: bytes) -> None:
        if self._budget > 0:
            self._budget -= len(body)
            self._add_alternatives(carve(body))

    def _add_alternatives(self, parts: Iterable[Part]) -> None:
        for part in parts:
            if len(self.alternatives) >= limits.ALTERNATIVES:
                return
            self.alternatives.append(part)


def _has_part(text: bytes) -> bool:
    """Whether a line like a delimiter with a body part's field below it stands in a text."""
    for match in _FIELD_OUTSIDE.finditer(text):
        line = text[max(text.rfind(b"\n", 0, match.start()) + 1, match.start() - 300) : match.start()]
        if _LIKE_DELIMITER.match(line):
            return True
    return False


def _unshown(content: bytes, depth: int) -> Part:
    return Part("application/octet-stream", "", "attachment", "", content, depth)


def _part(head: Head, content: bytes, depth: int) -> Part:
    return Part(
        content_type=head.content_type,
        charset=head.charset,
        disposition=head.disposition,
        filename=head.filename,
        content=content,
        depth=depth,
        names=head.names,
    )
