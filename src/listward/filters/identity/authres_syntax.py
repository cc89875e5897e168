"""The syntax of Authentication-Results (RFC 8601 section 2.2), strict: a field read by guess must not be trusted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

VALUE_OCTETS = 16_384
HEAD_OCTETS = 1000
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPECIALS = frozenset(";=./")
_TOKEN = re.compile(r"""[^\s;=()"]+""")
_KEYWORD = re.compile(r"[A-Za-z0-9-]+")
_PROPERTY = re.compile(r"[a-z0-9-]+(\.[a-z0-9_-]+)?")


@dataclass(frozen=True, slots=True)
class Reported:
    """One result as a field reports it; names are in lower case, `properties` are ("smtp.mailfrom", value)."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, *names: str) -> str:
        """The value of the first of these properties that is there, else ""."""
        values = dict(self.properties)
        return next((values[name] for name in names if name in values), "")


@dataclass(frozen=True, slots=True)
class Field:
    """One Authentication-Results field."""

    authserv_id: str
    version: int
    results: tuple[Reported, ...]


class Malformed(Exception):
    """The value is not RFC 8601; such a field is never trusted."""


def parse(raw_value: bytes) -> Field | None:
    """Read a field's value; None where it is malformed, of another version, or holds control characters."""
    try:
        parts = segments(raw_value)
        authserv_id, version = _head(parts[0])
        results = tuple(_reported(segment) for segment in parts[1:] if segment and segment != ["none"])
    except Malformed:
        return None
    return Field(authserv_id, version, results) if version == 1 else None


def segments(raw_value: bytes) -> list[list[str]]:
    """The value's tokens, cut at semicolons. A quoted string is one token, marked by a quotation mark in front."""
    if len(raw_value) > VALUE_OCTETS:
        raise Malformed
    text = raw_value.decode("utf-8", "replace")
    if CONTROLS.search(text):
        raise Malformed
    parts: list[list[str]] = [[]]
    for word in _words(text):
        if word == ";":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def first_segment(text: str) -> tuple[list[str], bool]:
    """Return the tokens before the first semicolon, and whether there is one. Reads no further. Raises Malformed."""
    if CONTROLS.search(text):
        raise Malformed
    tokens: list[str] = []
    for word in _words(text):
        if word == ";":
            return tokens, True
        tokens.append(word)
    return tokens, False


def _words(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "(":
            at = _comment_end(text, at)
        elif text[at] == '"':
            quoted, at = _quoted(text, at)
            yield quoted
        elif match := _TOKEN.match(text, at):
            at = match.end()
            yield match[0]
        elif text[at] in _SPECIALS:
            yield text[at]
            at += 1
        else:
            raise Malformed


def _comment_end(text: str, at: int) -> int:
    """Where a comment, which may hold others, ends."""
    depth = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] in "()":
            depth += 1 if text[at] == "(" else -1
            if depth == 0:
                return at + 1
        at += 1
    raise Malformed


def _quoted(text: str, at: int) -> tuple[str, int]:
    """A quoted string without its escapes, with one quotation mark in front, and where it ends."""
    value = ""
    at += 1
    while at < len(text):
        if text[at] == '"':
            return '"' + value, at + 1
        if text[at] == "\\":
            at += 1
        value += text[at : at + 1]
        at += 1
    raise Malformed


def _head(tokens: list[str]) -> tuple[str, int]:
    """The authserv-id and the version, 1 where none is named (RFC 8601 section 2.2)."""
    if not tokens or len(tokens) > 2 or tokens[0] in _SPECIALS:
        raise Malformed
    version = tokens[1] if len(tokens) == 2 else "1"
    if not (version.isascii() and version.isdigit() and len(version) < 4):
        raise Malformed
    return tokens[0].removeprefix('"'), int(version)


def _reported(tokens: list[str]) -> Reported:
    """One resinfo: method [/version] = result, then reason= and properties."""
    if "=" not in tokens:
        raise Malformed
    at = tokens.index("=")
    method = "".join(tokens[:at]).partition("/")[0].lower()
    if at + 1 >= len(tokens) or not _KEYWORD.fullmatch(method) or not _KEYWORD.fullmatch(tokens[at + 1]):
        raise Malformed
    return Reported(method, tokens[at + 1].lower(), tuple(_properties(tokens[at + 2 :])))


def _properties(words: list[str]) -> Iterator[tuple[str, str]]:
    """ptype.property = value, with blanks and comments anywhere between."""
    start = 0
    while "=" in words[start:]:
        equals = words.index("=", start)
        name = "".join(words[start:equals]).lower()
        value = words[equals + 1 : equals + 2]
        start = equals + 2
        if words[start : start + 1] and words[start].startswith("@"):
            # A quoted local part runs on into "@domain": what would be read by halves is not read.
            start += 1
        elif value and _PROPERTY.fullmatch(name):
            yield name, value[0].removeprefix('"')
