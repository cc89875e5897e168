"""The one emitter of header fields (RFC 5322 section 2.2): nothing of ours writes a field in any other way.

What a stranger wrote reaches a field only through here, so no value can end its line and begin another field.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.charset import Charset
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache

from listward.wire.addresses import is_safe_address

LINE = 78  # RFC 5322 section 2.1.1: should
LINE_LIMIT = 998  # and must, both without CRLF

_NAME = re.compile(r"[!-9;-~]{1,76}")
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_WORD = re.compile(r" *[^ ]+")
# Free text, where a reader decodes encoded words: a literal "=?" has to be encoded to stay literal.
_TEXT_FIELDS = frozenset({"subject", "comments", "content-description"})
_UTF8 = Charset("utf-8")


def field(name: str, value: str, *, utf8: bool = False) -> bytes:
    """Return the field folded, ending in CRLF.

    Non-ASCII text is encoded by RFC 2047, or left as UTF-8 with `utf8` (RFC 6532). Raises ValueError for a name that
    is none, for control characters, CR, LF or NUL in the value, and for a word too long for any line.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a header field")
    if _FORBIDDEN.search(value):
        raise ValueError(f"control characters are not allowed in the field {name}")
    return _emit(name, value.strip(" "), utf8).encode()


def address_field(name: str, mailboxes: Iterable[tuple[str, str]], *, utf8: bool = False) -> bytes:
    """Return a field of (display name, address) pairs, such as To. Raises ValueError like `field`."""
    return field(name, ", ".join(mailbox(display, address, utf8=utf8) for display, address in mailboxes), utf8=utf8)


def mailbox(display: str, address: str, *, utf8: bool = False) -> str:
    """Return `display <address>` with the display name quoted or encoded as it needs. Raises ValueError."""
    if _FORBIDDEN.search(display):
        raise ValueError("control characters are not allowed in a display name")
    if not is_safe_address(address) or not (utf8 or address.isascii()):
        raise ValueError("not an address that can stand in a header field")
    if not display.strip():
        return address
    return f"{_phrase(display.strip(), utf8)} <{address}>"


def printable(text: str) -> str:
    """Return a stranger's text with a space for everything that `field` would refuse."""
    return _FORBIDDEN.sub(" ", text)


def date_now(unix: float) -> str:
    """Return the value of a Date field in UTC (RFC 5322 section 3.3)."""
    return _date(int(unix))


@lru_cache(maxsize=4)
def _date(unix: int) -> str:
    return format_datetime(datetime.fromtimestamp(unix, UTC))


def fold(name: str, value: str) -> str:
    """Return `name: value` with line breaks before words, so that lines keep to 78 characters where words allow it.

    Only whitespace that is there becomes the break, so unfolding (section 2.2.3) gives the value back unchanged.
    """
    lines: list[str] = []
    line = head = f"{name}:"
    for word in _WORD.findall(f" {value}" if value else ""):
        if len(line) + len(word) > LINE and line != head:
            lines.append(line)
            line = word
        else:
            line += word
    return "\r\n".join([*lines, line])


def _emit(name: str, value: str, utf8: bool) -> str:
    text_field = name.lower() in _TEXT_FIELDS
    literal = not (text_field and "=?" in value)
    if literal and (utf8 or value.isascii()):
        folded = fold(name, value)
        if max(len(line.encode()) for line in folded.split("\r\n")) <= LINE_LIMIT:
            return folded + "\r\n"
        if not text_field:
            raise ValueError(f"a word of the field {name} is longer than a line may be")
    return f"{name}: {_encoded(value, name)}\r\n"


def _encoded(text: str, name: str = "") -> str:
    """Return RFC 2047 encoded words, one a line, each whole characters of UTF-8 (section 5 (3))."""
    header = Header(text, _UTF8, maxlinelen=LINE - 2, continuation_ws=" ", header_name=name)
    encoded = header.encode(linesep="\r\n")
    if not all(line.isascii() and not _FORBIDDEN.search(line) for line in encoded.split("\r\n")):
        raise ValueError("the text cannot be encoded")  # pragma: no cover - the library would have to misbehave
    return encoded


def _phrase(display: str, utf8: bool) -> str:
    if not utf8 and (not display.isascii() or "=?" in display):
        return _encoded(display).replace("\r\n", "")
    if _ATOM.fullmatch(display):
        return display
    escaped = display.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
