"""Finds the body parts between boundary delimiter lines (RFC 2046, section 5.1.1), in offsets: nothing is copied."""

from dataclasses import dataclass

# White space that may follow a delimiter ("transport padding").
_PADDING = b" \t\r"
_MAY_FOLLOW = frozenset(b" \t\r\n-")
_NEAR = 100
_ODD_BEFORE = frozenset(b"\r\v\f\x00 \t")


@dataclass(frozen=True, slots=True)
class Split:
    """Where the parts of a multipart body lie. `late` are parts after the closing delimiter.

    `near` are lines that only begin like the delimiter (inner boundaries may, RFC 2046 forbids others), `hidden` counts
    delimiters that do not stand at the start of a line for every reader. `begin` is where the first delimiter stands,
    `end` where the closing one ends, or the last where none closes.
    """

    parts: tuple[tuple[int, int], ...] = ()
    late: tuple[tuple[int, int], ...] = ()
    near: tuple[bytes, ...] = ()
    hidden: int = 0
    truncated: bool = False
    begin: int = 0
    end: int = 0


def split_parts(source: bytes, start: int, end: int, boundary: bytes, most: int) -> Split:
    """Split source[start:end] into at most `most` parts."""
    needle = b"--" + boundary
    spans: list[tuple[int, int]] = []
    late: list[tuple[int, int]] = []
    near: list[bytes] = []
    hidden = 0
    opened = first = last = -1
    closed = False
    position = source.find(needle, start, end)
    while position >= 0 and len(spans) + len(late) < most:
        line_end = source.find(b"\n", position, end)
        line_end = end if line_end < 0 else line_end
        after = position + len(needle)
        if position == start or source[position - 1] == 10:
            # Most lines that only begin alike are known by their next octet.
            alike = after < line_end and source[after] not in _MAY_FOLLOW
            kind = "near" if alike else _kind(source[after : min(line_end, after + 200)])
            if kind == "near":
                if len(near) < _NEAR:
                    near.append(source[position : min(line_end, position + 200)].rstrip())
            else:
                if opened >= 0:
                    (late if closed else spans).append((opened, max(opened, position - 1)))
                closed = closed or kind == "close"
                first = position if first < 0 else first
                last = line_end if kind == "open" or opened >= 0 else last
                opened = -1 if kind == "close" else min(line_end + 1, end)
        elif (
            hidden < _NEAR
            and source[position - 1] in _ODD_BEFORE
            and _kind(source[after : min(line_end, after + 200)]) != "near"
        ):
            hidden += 1
        position = source.find(needle, line_end, end)
    if opened >= 0:
        stop = end if position < 0 else max(opened, position - 1)
        (late if closed else spans).append((opened, stop))
        last = end
    return Split(tuple(spans), tuple(late), tuple(near), hidden, position >= 0, max(first, start), last)


def _kind(rest: bytes) -> str:
    """What follows the boundary on its line: "open", "close", or "near" where it is another line."""
    tail = rest.rstrip(_PADDING)
    if not tail:
        return "open"
    if tail.rstrip(_PADDING) == b"--":
        return "close"
    return "near"
