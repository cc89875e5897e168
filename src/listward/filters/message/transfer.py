"""Content-Transfer-Encoding: the tolerant reading, and the other readings where readers differ."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pybase64

from listward.filters.message import limits
from listward.filters.message.defects import Defects

IDENTITY = frozenset({"7bit", "8bit", "binary", ""})
_WHITE = b" \t\r\n"
_NOT_BASE64 = bytes(octet for octet in range(256) if not (chr(octet).isalnum() and octet < 128) and octet not in b"+/")
_PADDING_INSIDE = re.compile(rb"(?<!=)=++(?=[A-Za-z0-9+/])")
_SOFT_BREAK_WITH_SPACE = re.compile(rb"=[ \t]+\n")
_YENC_BEGIN = re.compile(rb"^=ybegin [^\n]{0,200}?name=([^\n]{1,200})\n(?:=ypart [^\n]{0,200}\n)?", re.MULTILINE)
_YENC = bytes((octet - 42) % 256 for octet in range(256))
_NOT_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\n|[ \t]*\Z)")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\n]{1,200})\n", re.MULTILINE)
_LEAST_BASE64 = 40  # fewer letters may be a word
_TEXT_AFTER = re.compile(rb"\n[ \t]*\n[ \t]*(?=[^\n]*[^A-Za-z0-9+/=\s])|\n(?=[_-]{5})")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The content as most readers see it, and as others do; `unshown` is what a reader may decode but nobody shows."""

    content: bytes
    others: tuple[bytes, ...] = ()
    unshown: tuple[bytes, ...] = ()


def decode_transfer(body: bytes, encoding: str, textual: bool, defects: Defects) -> Decoded:
    """Decode a body of LF lines. `encoding` is a lower-case token; `textual`: people read the content as text."""
    if encoding in IDENTITY:
        return Decoded(body)
    if encoding == "base64":
        return _base64(body, defects)
    if encoding == "quoted-printable":
        return Decoded(_quoted_printable(body, textual, defects))
    defects.add("unknown-transfer-encoding", encoding)
    return Decoded(body, every_decoding(body))


def every_decoding(body: bytes) -> tuple[bytes, ...]:
    """All decodings that some reader might choose, for a body whose encoding is in doubt."""
    scratch = Defects()
    attempts = [_base64(body, scratch).content, _quoted_printable(body, False, scratch)]
    attempts += [content for _, content in uu_files(body)]
    return tuple(dict.fromkeys(attempt for attempt in attempts if attempt and attempt != body))


def _base64(body: bytes, defects: Defects) -> Decoded:
    try:
        return Decoded(_strict(body))
    except binascii.Error:
        pass
    kept, footer = _without_footer(body)
    if footer and kept.strip():
        try:
            content = _strict(kept)
        except binascii.Error:
            pass
        else:  # a list's footer below the encoded text: all readers stop at the padding or show a few odd signs
            defects.add("base64-footer", "")
            loose = _broken_base64(body, Defects())
            return Decoded(content, (footer,), (loose.content, *loose.others))
    return _broken_base64(body, defects)


def _strict(body: bytes) -> bytes:
    """Decode what holds nothing but base64 and white space. Raises binascii.Error for anything else."""
    try:  # a seventh of the time, for all that a mail program writes
        return pybase64.b64decode(body.replace(b"\n", b""), validate=True)
    except binascii.Error:
        return binascii.a2b_base64(body.translate(None, _WHITE), strict_mode=True)


def _without_footer(body: bytes) -> tuple[bytes, bytes]:
    """Split off plain text that follows the encoded block after a blank or ruled line."""
    match = _TEXT_AFTER.search(body.rstrip())
    return (body[: match.start()], body[match.end() :]) if match else (body, b"")


def _broken_base64(body: bytes, defects: Defects) -> Decoded:
    """Readings: junk and padding skipped; stopping at the padding; each padded piece by itself; line by line."""
    compact = body.translate(None, _WHITE)
    junk = compact.translate(None, _NOT_BASE64) != compact.rstrip(b"=")
    if junk or len(compact) % 4 == 1:
        defects.add("broken-base64", "")
    elif compact:
        defects.add("base64-padding", "")
    through = _loose(compact)
    readings = [_loose(compact.partition(b"=")[0])]
    pieces = _PADDING_INSIDE.split(compact, limits.PIECES)
    if len(pieces) > 1:
        readings.append(b"".join(map(_loose, pieces)))
    if junk:
        lines = body.split(b"\n", limits.LINES)[: limits.LINES]
        clean_lines = [line for line in lines if line and line == line.translate(None, _NOT_BASE64_OR_PAD)]
        readings.append(_loose(b"".join(clean_lines)))
    return Decoded(through, tuple(dict.fromkeys(reading for reading in readings if reading != through)))


_BASE64_SIGNS = bytes(set(range(256)) - set(_NOT_BASE64)) + b"="
_NOT_BASE64_OR_PAD = _NOT_BASE64.replace(b"=", b"")


def _loose(compact: bytes) -> bytes:
    """Decode what is of the alphabet, as far as it goes."""
    letters = compact.translate(None, _NOT_BASE64)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _quoted_printable(body: bytes, textual: bool, defects: Defects) -> bytes:
    if b"= " in body or b"=\t" in body:
        body = _SOFT_BREAK_WITH_SPACE.sub(b"=\n", body)
    # In text a stray "=" is shown as it stands by all readers (RFC 2045, section 6.7, note 1).
    if not textual and _NOT_ESCAPE.search(body):
        defects.add("broken-quoted-printable", "")
    return binascii.a2b_qp(body)


def is_base64(body: bytes) -> bool:
    """Whether a body that is not declared to be in base64 is nothing else."""
    compact = body.translate(None, _WHITE)
    if len(compact) < _LEAST_BASE64 or compact.translate(None, _BASE64_SIGNS):
        return False
    try:
        return bool(binascii.a2b_base64(compact, strict_mode=True))
    except binascii.Error:
        return False


def says_binhex(body: bytes) -> bool:
    """Whether a text holds a file in BinHex, which some readers unpack (RFC 1741, section 2)."""
    return b"(This file must be converted with BinHex" in body


def uu_files(body: bytes) -> tuple[tuple[str, bytes], ...]:
    """Files in uuencode or yEnc inside a text: their names and contents."""
    found = list(_yenc_files(body))
    match = _UU_BEGIN.search(body) if b"begin " in body else None
    while match is not None and len(found) < limits.UU_FILES:
        stop = body.find(b"\nend", match.end() - 1)
        stop = stop if stop >= 0 else len(body)
        found.append((match.group(1).decode("latin-1").strip(), _uu(body[match.end() : stop])))
        match = _UU_BEGIN.search(body, stop)
    return tuple(found)


def _yenc_files(body: bytes) -> Iterator[tuple[str, bytes]]:
    """Files in yEnc (its draft 1.3, section "General format")."""
    match = _YENC_BEGIN.search(body) if b"=ybegin " in body else None
    for _ in range(limits.UU_FILES):
        if match is None:
            return
        following = _YENC_BEGIN.search(body, match.end())
        stop = body.find(b"\n=yend", match.end() - 1, following.start() if following else len(body))
        stop = stop if stop >= 0 else following.start() if following else len(body)
        first, *escaped = body[match.end() : stop].translate(None, b"\r\n").split(b"=")
        octets = first + b"".join(map(_unescaped, escaped))
        yield match.group(1).decode("latin-1").strip(), octets.translate(_YENC)
        match = following


def _unescaped(piece: bytes) -> bytes:
    return bytes([(piece[0] - 64) % 256]) + piece[1:] if piece else b""


def _uu(encoded: bytes) -> bytes:
    """Decode up to the first line that is none."""
    lines = []
    for line in encoded.split(b"\n", limits.LINES)[: limits.LINES]:
        try:
            lines.append(_uu_line(line))
        except binascii.Error:
            break
    return b"".join(lines)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Encoders that write too much: take what the length byte promises, as uudecode does.
        promised = (((line[0] - 32) & 63) * 4 + 5) // 3
        return binascii.a2b_uu(line[:promised])
