"""A digest of the body that survives the small changes relays make."""

import hashlib
import re
from collections.abc import Iterator

from listward.filters.message import limits

_PIECE = 65_536
# A CR without its LF, or with something white before it; and an LF without its CR.
_ODD_CR = re.compile(rb"\r(?:(?!\n)|(?<=[ \t\v\f\r]\r))")
_ODD_LF = re.compile(rb"\n(?<!\r\n)")


def body_digest(raw: bytes, start: int = 0) -> str:
    """Hex SHA-256 over the body, which stands from `start` on: with CRLF, without white space at line ends and the end.

    Behind the first 1 MiB (up to the end of a line) white space at line ends counts. Large bodies are read in pieces.
    """
    if _is_plain(raw, start):
        digest = hashlib.sha256(memoryview(raw)[start : _text_end(raw, start)])
        digest.update(b"\r\n")
        return digest.hexdigest()
    if len(raw) - start <= limits.DIGEST_BYTES:
        lines = b"\r\n".join(map(bytes.rstrip, raw[start:].splitlines()))
        return hashlib.sha256(lines.rstrip() + b"\r\n").hexdigest()
    digest = hashlib.sha256()
    front, rest, at = _front(raw, start, _text_end(raw, start))
    front = b"\r\n".join(map(bytes.rstrip, front.splitlines()))
    digest.update(front)
    for number, piece in enumerate(_pieces(rest, raw, at, _text_end(raw, start))):
        digest.update(b"\r\n" if front and not number else b"")
        digest.update(piece.replace(b"\n", b"\r\n"))
    digest.update(b"\r\n")
    return digest.hexdigest()


def _is_plain(raw: bytes, start: int) -> bool:
    """Whether every line ends with CRLF and nothing white before it, as nearly all do."""
    return _ODD_CR.search(raw, start) is None and _ODD_LF.search(raw, start) is None


def _text_end(raw: bytes, start: int) -> int:
    """Where the white space at the end of the body begins."""
    end = len(raw)
    while end > start:
        begin = max(start, end - _PIECE)
        left = len(raw[begin:end].rstrip())
        if left:
            return begin + left
        end = begin
    return start


def _front(raw: bytes, start: int, end: int) -> tuple[bytes, bytes, int]:
    """The lines that begin in the first 1 MiB, with LF; what follows them in the piece that was read, and its end."""
    size = 2 * limits.DIGEST_BYTES
    while True:
        stop = _whole(raw, min(start + size, end), end)
        text = raw[start:stop].replace(b"\r\n", b"\n")
        cut = text.find(b"\n", limits.DIGEST_BYTES) + 1
        if cut or stop == end:
            return text[: cut or len(text)], text[cut or len(text) :], stop
        size *= 2


def _pieces(first: bytes, raw: bytes, at: int, end: int) -> Iterator[bytes]:
    """The text behind the front, with LF, in pieces that are not empty."""
    if first:
        yield first
    while at < end:
        stop = _whole(raw, min(at + _PIECE, end), end)
        yield raw[at:stop].replace(b"\r\n", b"\n")
        at = stop


def _whole(raw: bytes, stop: int, end: int) -> int:
    """The same place, or the next where no line end is cut in two."""
    return stop + 1 if stop < end and raw[stop - 1 : stop + 1] == b"\r\n" else stop
