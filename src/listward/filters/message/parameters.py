"""MIME field values with parameters (RFC 2045, 2183, 2231): every value that some reader would take."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote_to_bytes

from listward.filters.message import limits
from listward.filters.message.charsets import decode, guess, is_odd, known
from listward.filters.message.defects import Defects
from listward.filters.message.words import decode_words

# The value: a token, or two with a slash (RFC 2045, section 5.1).
_VALUE = re.compile(r"\s*+([!#$%&'*+.^_`{|}~0-9A-Za-z-]++(?:/[!#$%&'*+.^_`{|}~0-9A-Za-z-]++)?)\s*+")
# One parameter. Unquoted values may hold more than RFC 2045 allows ("boundary=----=_x"): all readers take them alike.
_BEHIND_SEMICOLON = r""";\s*+([!#$%&'+.^_`{|}~0-9A-Za-z*-]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;"()\\,<>]*+))"""
_PARAMETER = re.compile(rf"\s*+{_BEHIND_SEMICOLON}", re.S)
_ANY_PARAMETER = re.compile(_BEHIND_SEMICOLON, re.S)
_NOTHING_MORE = re.compile(r"[\s;]*+\Z")
_SECTION = re.compile(r"([^*]++)(?:\*([0-9]{1,4}+))?(\*)?\Z")
# How a careless reader finds a parameter: anywhere, quotes or not.
_LOOSE = re.compile(r"""(boundary|filename|name)([*0-9]*+)\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'|([^\s;,"]*+))""", re.I)
# The most generous reader: all up to the next parameter, whatever quotes, comments or backslashes stand in between.
_GENEROUS = re.compile(
    r"(filename|name)(?:\s|\([^()]{0,80}\))*+=((?:(?!;\s*[a-z0-9*-]{1,40}\s*=)[^\r\n]){1,300})", re.IGNORECASE
)
_MARKS = str.maketrans("", "", "\"'\\;()")
_ESCAPE = re.compile(r"\\(.)", re.S)


@dataclass(frozen=True, slots=True)
class Structured:
    """A parsed field. `value` is lower case, "" where there is none; `parameters` are all readings in order.

    `strict` says that the field follows the grammar, so that all readers take it alike; `encoded` are the names written
    by RFC 2231, which old readers do not know.
    """

    value: str
    parameters: tuple[tuple[str, str], ...] = ()
    strict: bool = True
    loose: tuple[tuple[str, str], ...] = field(default=())
    encoded: frozenset[str] = frozenset()

    def get(self, name: str) -> str:
        """The first value of a parameter, "" where there is none."""
        return next((value for key, value in self.parameters if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """All different values of a parameter, those of careless readers last."""
        found = [value for key, value in (*self.parameters, *self.loose) if key == name and value]
        return tuple(dict.fromkeys(found))


def parse_structured(raw: bytes, defects: Defects) -> Structured:
    """Read a field value with parameters. Never raises; linear in its length."""
    text = guess(raw)
    head = _VALUE.match(text)
    position = head.end() if head else 0
    pairs: list[tuple[str, str, bool]] = []
    while (match := _PARAMETER.match(text, position)) is not None:
        if len(pairs) == limits.PARAMETERS:
            defects.add("too-many-parameters", f"more than {limits.PARAMETERS}")
            break
        pairs.append(_pair(match))
        position = match.end()
    strict = head is not None and _NOTHING_MORE.match(text, position) is not None
    parameters, encoded = _join_sections(pairs, defects)
    value = head.group(1).lower() if head else ""
    loose = _careless(text, parameters)
    if not strict:
        loose = (*loose, *_generous(text, parameters), *_scattered(text))
    return Structured(value, parameters, strict, loose, encoded)


def _pair(match: re.Match[str]) -> tuple[str, str, bool]:
    """Name, value and whether the value had quoted pairs (which some readers keep)."""
    name, quoted, plain = match.groups()
    if quoted is None:
        return name.lower(), plain, False
    escaped = "\\" in quoted
    return name.lower(), _ESCAPE.sub(r"\1", quoted) if escaped else quoted, escaped


_Chunk = tuple[int, str, bool]


def _join_sections(
    pairs: list[tuple[str, str, bool]], defects: Defects
) -> tuple[tuple[tuple[str, str], ...], frozenset[str]]:
    """Plain parameters as they are; RFC 2231 sections joined by number, and their names."""
    found: list[tuple[str, str]] = []
    sections: dict[str, list[_Chunk]] = {}
    for name, value, escaped in pairs:
        match = _SECTION.match(name)
        if escaped and name == "boundary":
            defects.add("odd-boundary", "quoted pair")
        if match is None or (match.group(2) is None and match.group(3) is None):
            found.append((name, value))
            continue
        base, number, encoded = match.groups()
        if number and number != "0" and number.startswith("0"):  # RFC 2231, section 3
            defects.add("disordered-parameter", base)
        sections.setdefault(base, []).append((int(number or 0), value, encoded is not None))
    for base, chunks in sections.items():
        found += [(base, value) for value in _joined(base, chunks, defects)]
    return tuple(found), frozenset(sections)


def _joined(base: str, chunks: list[_Chunk], defects: Defects) -> Iterator[str]:
    """RFC 2231, sections 3 and 4: numbered from 0 without a gap, the charset stands in the first."""
    numbers = [number for number, _, _ in chunks]
    if numbers != list(range(len(chunks))):
        defects.add("disordered-parameter", base)
    yield _join(chunks, defects)
    if len(set(numbers)) < len(numbers):  # of two with one number some readers take the first, others the last
        for order in (chunks, chunks[::-1]):
            yield _join([*{chunk[0]: chunk for chunk in order}.values()], defects)


def _join(chunks: list[_Chunk], defects: Defects) -> str:
    charset = ""
    octets: list[bytes] = []
    for position, (_, value, encoded) in enumerate(sorted(chunks, key=lambda chunk: chunk[0])):
        if encoded and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
            if is_odd(known(charset) or "ascii"):
                defects.add("odd-charset", charset)
        octets.append(unquote_to_bytes(value) if encoded else value.encode("utf-8", "replace"))
    joined = b"".join(octets)
    return decode(joined, charset) if charset else guess(joined)


def _careless(text: str, parameters: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """What a reader sees that looks for "boundary=" or "name=" anywhere in the field."""
    known = set(parameters)
    found = []
    for match in _LOOSE.finditer(text):
        name, section, *values = match.groups()
        value = next((candidate for candidate in values if candidate is not None), "")
        if not section and (name.lower(), value) not in known:
            found.append((name.lower(), value))
    return tuple(found[: limits.PARAMETERS])


def _scattered(text: str) -> tuple[tuple[str, str], ...]:
    """What a reader sees that goes on at the next semicolon, whatever stands before it."""
    pairs = [_pair(match) for match in islice(_ANY_PARAMETER.finditer(text), limits.PARAMETERS)]
    return _join_sections(pairs, Defects())[0]


def _generous(text: str, parameters: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """File names of a field that breaks the grammar, as a reader sees them that mends it."""
    known = {value for _, value in parameters}
    found = []
    for match in _GENEROUS.finditer(text):
        value = match.group(2).translate(_MARKS).strip()
        if value not in known:
            found.append((match.group(1).lower(), value))
    return tuple(found[: limits.PARAMETERS])


def readings(value: str) -> tuple[str, ...]:
    """A file name as written, decoded, and without the white space and dots at its end that systems drop."""
    decoded = decode_words(value)
    every = (decoded, value, decoded.strip(" .\t"), decoded.replace("\\", ""), value.partition("\0")[0])
    return tuple(dict.fromkeys(reading for reading in every if reading))
