"""Splits a header block into fields, in order, on bytes; what readers could split otherwise is a defect."""

import re
from dataclasses import dataclass
from itertools import dropwhile

from listward.filters.message import limits
from listward.filters.message.defects import Defects
from listward.filters.message.values import Field
from listward.filters.message.words import value_of

_FIELD_END = re.compile(rb"\r?\n(?![ \t])")
# RFC 5322, section 2.2: a name is printable ASCII without colon; white space before the colon is obsolete (4.5).
_NAME = re.compile(rb"([!-9;-~]++)([ \t]*+):")
_MBOX_LINE = re.compile(rb">?From ")
_NOT_NAME = re.compile(rb"[^!-9;-~]")
_BLANK_FOLD = re.compile(rb"\n[ \t\v\f\r]+(?:\r?\n|$)")

DECISIVE = frozenset({b"from", b"mime-version", b"content-type", b"content-transfer-encoding", b"content-disposition"})
_DECISIVE_NAME = re.compile(
    rb"(?:content-(?:type|transfer-encoding|disposition)|mime-version)[\s\x00]*+:", re.IGNORECASE
)
_BLANKS = b" \t\r\n\v\f\x00"
_BREAK = re.compile(rb"[\r\n\v\f\x00]")
# Fields whose values list other fields' names with colons between them.
_LISTS_NAMES = re.compile(rb"dkim|arc-|domainkey|signature|seal", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawField:
    """A field before decoding: `name` without white space as written, `key` lower case, `raw` after the colon."""

    name: bytes
    key: bytes
    raw: bytes


def header_end(raw: bytes, start: int = 0, end: int | None = None) -> tuple[int, int]:
    """Where the header block ends and the body starts (RFC 5322, section 2.1); both `end` where no blank line is."""
    end = len(raw) if end is None else end
    if raw.startswith((b"\r\n", b"\n"), start, end):
        return start, start + (2 if raw.startswith(b"\r\n", start, end) else 1)
    strict = raw.find(b"\n\r\n", start, end)
    loose = raw.find(b"\n\n", start, strict if strict >= 0 else end)
    if loose >= 0:
        return loose + 1, loose + 2
    if strict >= 0:
        return strict + 1, strict + 3
    return end, end


def split_fields(block: bytes, defects: Defects, top: bool = False) -> list[RawField]:
    """The fields of a header block in order, at most as many and as long as the limits allow."""
    block = _bounded(block, defects)
    _note_breaks(block, defects)
    fields: list[RawField] = []
    for position, line in enumerate(_FIELD_END.split(block, limits.FIELDS)):
        if position == limits.FIELDS:
            defects.add("too-many-fields", f"more than {limits.FIELDS}")
            break
        field = _field(line, defects)
        if field is not None:
            fields.append(field)
        elif line.strip() and not (top and position == 0 and _MBOX_LINE.match(line)):
            defects.add("malformed-header-line", repr(line[:40]))
    if _BLANK_FOLD.search(block):
        _note_blank_folds(fields, defects)
    return fields


def _note_blank_folds(fields: list[RawField], defects: Defects) -> None:
    """A reader that takes a line of white space for the blank one sees no decisive field from there on."""
    later = dropwhile(lambda field: _BLANK_FOLD.search(field.raw) is None, fields)
    found = next((field for field in later if field.key in DECISIVE), None)
    if found is not None:
        defects.add("blank-fold-line", found.key.decode("latin-1"))


def decoded(field: RawField) -> Field:
    """The field as a value for people and rules."""
    return Field(field.name.decode("latin-1"), field.raw, value_of(field.raw))


def _bounded(block: bytes, defects: Defects) -> bytes:
    if len(block) <= limits.HEADER_BYTES:
        return block
    defects.add("header-too-large", f"{len(block)} bytes")
    return block[: block.rfind(b"\n", 0, limits.HEADER_BYTES) + 1]


def _note_breaks(block: bytes, defects: Defects) -> None:
    """Line ends that only some readers see, and white space that some take for the blank line."""
    pairs = block.count(b"\r\n")
    if pairs and block.count(b"\n") != pairs:
        defects.add("mixed-line-ends", "header")
    # A line end for some readers only: bare CR, or what old terminals call a line break.
    if block.count(b"\r") != pairs or b"\v" in block or b"\f" in block or b"\x00" in block:
        defects.add("odd-line-break", "header")


def _field(line: bytes, defects: Defects) -> RawField | None:
    match = _NAME.match(line)
    if match is None:
        return _odd_field(line, defects)
    name, space = match.groups()
    raw = line[match.end() :]
    key = name.lower()
    if space and key in DECISIVE:
        defects.add("space-before-colon", name.decode("latin-1"))
    if len(raw) > limits.FIELD_BYTES:
        defects.add("field-too-long", name.decode("latin-1"))
        raw = raw[: limits.FIELD_BYTES]
    if b"\n" in raw or b"\r" in raw or b"\v" in raw:
        _note_folds(key, raw, defects)
    return RawField(name, key, raw)


def _note_folds(key: bytes, raw: bytes, defects: Defects) -> None:
    if _hides_field(raw) and not _LISTS_NAMES.search(key):
        defects.add("hidden-field", key.decode("latin-1"))


def _hides_field(raw: bytes) -> bool:
    """Whether some reader sees a decisive field begin in a value: behind a line break, and blanks at most."""
    for name in _DECISIVE_NAME.finditer(raw):
        before = raw[: name.start()]
        if _BREAK.search(before, len(before.rstrip(_BLANKS))):
            return True
    return False


def _odd_field(line: bytes, defects: Defects) -> RawField | None:
    """A line whose name holds controls or 8-bit bytes: a reader that drops them sees a decisive field."""
    name, colon, raw = line.partition(b":")
    key = _NOT_NAME.sub(b"", name).lower()
    if not colon or key not in DECISIVE:
        return None
    defects.add("odd-field-name", repr(name[:40]))
    return RawField(key, key, raw[: limits.FIELD_BYTES])
