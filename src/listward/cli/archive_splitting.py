"""Splits what an archive holds into messages: mbox of every kind, JSON lines, or one message alone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from listward.cli.archive_window import Window

MOST_OCTETS = 64 * 1024 * 1024
"""A larger record is named, and left out."""
TOO_LARGE = f"is larger than {MOST_OCTETS // (1024 * 1024)} MiB"
SNIFFED = 512
_HEADER = 65_536
_LINES = (".jsonl", ".ndjson", ".json")
_JSON = re.compile(rb'\s*\{\s*["}]')
_BLANK = re.compile(rb"[\r\n]*")
_FROM = b"From "
# RFC 4155 and those before it: the line tells when the message came. A sentence that begins with "From " does not.
_DATED = re.compile(rb"From [^\r\n]*\b\d{1,2}:\d\d\b[^\r\n]*\b\d{4}\b|From [^\r\n]*\b\d{4}\b[^\r\n]*\b\d{1,2}:\d\d\b")
_FROM_LINE = 998
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Piece:
    """One record: from `start` to `end` of its stream. `number` counts from 1, 0 where the stream is one message.

    `packed`: it is a line of JSON. `fault` says why it cannot be used, "" where it can.
    """

    start: int
    end: int
    number: int = 0
    packed: bool = False
    fault: str = ""


def pieces(name: str, window: Window, length: int | None = None) -> Iterator[Piece]:
    """Yield the records of a stream. `length` is its size where that is known without reading it."""
    start = window.octets(0, SNIFFED)
    if name.lower().endswith(_LINES) or _JSON.match(start):
        return _lines(window)
    blank = _BLANK.match(start)
    begin = blank.end() if blank else 0
    if start.startswith(_FROM, begin):
        return _mbox(window, begin)
    return iter((_whole(window, length),))


def _whole(window: Window, length: int | None) -> Piece:
    end = length
    if end is None:
        window.upto(MOST_OCTETS + 1)
        end = window.seen
    if end > MOST_OCTETS:
        return Piece(0, 0, fault=TOO_LARGE)
    return Piece(0, end) if end else Piece(0, 0, fault="is empty")


def _lines(window: Window) -> Iterator[Piece]:
    at, number = 0, 0
    while window.upto(at + 1):
        number += 1
        found, fits = _found(window, at, lambda place: window.find(b"\n", place, place + MOST_OCTETS))
        end = found if found >= 0 else window.seen
        if not fits:
            yield Piece(0, 0, number, fault=TOO_LARGE)
        elif window.octets(at, min(end, at + SNIFFED)).strip() or end - at > SNIFFED:
            yield Piece(at, end, number, packed=True)
        at = end + 1
        window.let_go(at)


def _found(window: Window, start: int, look: Callable[[int], int]) -> tuple[int, bool]:
    """Look in steps of the largest record; what lies before the last step is let go of: that record is too large."""
    at, fits = start, True
    while True:
        found = look(at)
        if found >= 0 or not window.upto(at + MOST_OCTETS):
            return found, fits
        fits = False
        at = window.seen - _FROM_LINE
        window.let_go(at)


def _mbox(window: Window, at: int) -> Iterator[Piece]:
    """Split at "From " lines behind an empty line (RFC 4155).

    Where the first one of the file tells a time, all have to: some writers quote no "From " inside a message. Where a
    message says its own length (mboxcl, mboxcl2) and another one begins there, or the file ends, that counts.
    """
    dated = _DATED.match(window.octets(at, at + _FROM_LINE)) is not None
    number = 0
    while window.upto(at + 1):
        number += 1
        start = _line_end(window, at)
        end, fits = _told(window, start), True
        if end < 0:
            end, fits = _found(window, start, lambda place: _next(window, place, dated=dated))
        rest = end if end >= 0 else window.seen - _last_blank(window)
        yield Piece(start, rest, number) if fits else Piece(0, 0, number, fault=TOO_LARGE)
        at = rest + _blank(window, rest)
        window.let_go(at)


def _line_end(window: Window, at: int) -> int:
    found = window.find(b"\n", at, at + _HEADER)
    return found + 1 if found >= 0 else min(at + _HEADER, window.seen)


def _next(window: Window, start: int, *, dated: bool) -> int:
    """Return where the message ends, which is before the empty line in front of the next one; -1 for nowhere."""
    at, most = start, start + MOST_OCTETS
    while (found := window.find(b"\n" + _FROM, at, most)) >= 0:
        before = window.octets(max(found - 2, start - 1), found)
        if before.endswith(b"\n") or before == b"\n\r":
            line = window.octets(found + 1, found + _FROM_LINE)
            if not dated or _DATED.match(line):
                return found - before.endswith(b"\r")
        at = found + 1
    return -1


def _told(window: Window, start: int) -> int:
    """Return the end that the message's own length gives, -1 where it gives none that can be true."""
    header = window.octets(start, start + _HEADER)
    ended = _HEADER_END.search(header)
    told = _LENGTH.search(header, 0, ended.start() + 1) if ended else None
    if ended is None or told is None or int(told[1]) > MOST_OCTETS:
        return -1
    end = start + ended.end() + int(told[1])
    behind = window.octets(end, end + 16)
    if window.seen < end or (behind and not behind.lstrip(b"\r\n").startswith(_FROM)):
        return -1
    return end if not behind or behind[:1] in b"\r\n" or window.octets(end - 1, end) == b"\n" else -1


def _last_blank(window: Window) -> int:
    """The length of the empty line that ends the file: it is none of the message's."""
    last = window.octets(window.seen - 4, window.seen)
    return 2 if last == b"\r\n\r\n" else int(last.endswith(b"\n\n"))


def _blank(window: Window, at: int) -> int:
    """How many octets of line ends stand there."""
    found = _BLANK.match(window.octets(at, at + SNIFFED))
    return found.end() if found else 0
