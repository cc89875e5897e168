"""The canonical body of DKIM (RFC 6376 section 3.4) in linear time, piece by piece, so that no large copy is made.

dkimpy's own takes quadratic time on a long run of spaces and holds the body several times; this gives the same octets.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

PIECE_OCTETS = 65_536
_BLANKS = re.compile(rb"  +")
_TWO_LETTERS = re.compile(rb"[^\t \r\n]{2}")
_LINE_END = b"\r\n"
_MANY_LINE_ENDS = _LINE_END * 4096


def body_digest(raw: bytes, start: int = 0, *, relaxed: bool) -> bytes:
    """Return the SHA-256 digest of the canonical body, which stands from `start` on."""
    digest = hashlib.sha256()
    for piece in canonical_body(raw, start, relaxed=relaxed):
        digest.update(piece)
    return digest.digest()


def relaxed_digest(blocks: Iterable[bytes]) -> bytes:
    """Return the same for a body that comes in blocks cut anywhere, "relaxed"; none of it is kept."""
    digest = hashlib.sha256()
    for piece in _canonical(_rejoined(blocks), relaxed=True):
        digest.update(piece)
    return digest.digest()


def canonical_body(raw: bytes, start: int = 0, *, relaxed: bool) -> Iterator[bytes]:
    """Yield the canonical body in pieces: no empty lines at the end; relaxed also without blanks that do not show."""
    return _canonical(_pieces(raw, start), relaxed=relaxed)


def _canonical(pieces: Iterable[bytes], *, relaxed: bool) -> Iterator[bytes]:
    waiting, empty = 0, True  # line ends that count only where something follows
    for piece in pieces:
        text = _relaxed(piece) if relaxed else piece
        end = _content_end(text)
        if end:
            yield from _line_ends(waiting)
            yield text[:end]
            waiting, empty = 0, False
        waiting += (len(text) - end) // 2
    # RFC 6376 sections 3.4.3 and 3.4.4: an empty body is one line end in "simple", and nothing in "relaxed".
    if not (relaxed and empty):
        yield _LINE_END


def canonical_field(name: bytes, value: bytes, *, relaxed: bool) -> bytes:
    """The canonical form of a field whose `value` has CRLF line ends, the last one too (sections 3.4.1, 3.4.2)."""
    if not relaxed:
        return name + b":" + value
    return name.lower() + b":" + _single_spaced(value.replace(_LINE_END, b"")).strip() + _LINE_END


def _relaxed(piece: bytes) -> bytes:
    return _single_spaced(piece).replace(b" \r\n", _LINE_END)


def _single_spaced(text: bytes) -> bytes:
    """One space for each run of blanks; most mail has hardly one."""
    return _BLANKS.sub(b" ", text.replace(b"\t", b" "))


def _content_end(text: bytes) -> int:
    """Where the line ends at the end begin."""
    end = len(text)
    while text.endswith(_MANY_LINE_ENDS, 0, end):
        end -= len(_MANY_LINE_ENDS)
    while text.endswith(_LINE_END, 0, end):
        end -= len(_LINE_END)
    return end


def _line_ends(count: int) -> Iterator[bytes]:
    whole, rest = divmod(count, len(_MANY_LINE_ENDS) // 2)
    for _ in range(whole):
        yield _MANY_LINE_ENDS
    yield _LINE_END * rest


def _pieces(body: bytes, start: int) -> Iterator[bytes]:
    """Cut after a line end, or between two letters: never inside what is rewritten."""
    while start < len(body):
        end = _cut(body, start + PIECE_OCTETS)
        yield body[start:end]
        start = end


def _rejoined(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut after a line end or before blanks; what is carried over is a run of blanks, which counts as one."""
    kept = b""
    for block in blocks:
        text = kept + block
        cut = max(text.rfind(b"\n") + 1, len(text.rstrip(b" \t\r\n")))
        kept = _single_spaced(text[cut:])
        yield text[:cut]
    yield kept


def _cut(body: bytes, earliest: int) -> int:
    line_end = body.find(b"\n", earliest, earliest + PIECE_OCTETS)
    if line_end >= 0:
        return line_end + 1
    letters = _TWO_LETTERS.search(body, earliest)
    return letters.start() + 1 if letters else len(body)
