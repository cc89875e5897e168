"""RFC 2047 encoded words, and the readable value of a header field."""

import base64
import binascii
import re

from listward.filters.message.charsets import decode, guess

_FOLD = re.compile(r"[\r\n]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# RFC 2047, section 2; the language suffix is RFC 2231, section 5.
_WORD = re.compile(r"=\?([^?*\s]{1,40}+)(?:\*[^?\s]{0,40}+)?\?([bBqQ])\?([^?]*+)\?=")
# White space between adjacent encoded words is not shown (RFC 2047, section 6.2).
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,80}+\?[bBqQ]\?)")


def value_of(raw: bytes) -> str:
    """The field's text as people read it: unfolded, decoded, without control characters."""
    text = guess(raw).strip()
    if "=?" in text:
        text = decode_words(text)
    return text if text.isprintable() else clean(text).strip()


def clean(text: str) -> str:
    """Unfold, and drop control characters."""
    if text.isprintable():
        return text
    return _CONTROL.sub("", _FOLD.sub("", text).replace("\t", " "))


def decode_words(text: str) -> str:
    """Replace each encoded word by its text; what does not decode stays as written."""
    if "=?" not in text:
        return text
    return _WORD.sub(_decoded, _BETWEEN.sub(r"\1", _FOLD.sub("", text)))


def _decoded(match: re.Match[str]) -> str:
    charset, encoding, payload = match.group(1), match.group(2).lower(), match.group(3)
    octets = payload.encode("utf-8", "replace")
    try:
        plain = _base64(octets) if encoding == "b" else binascii.a2b_qp(octets, header=True)
    except (binascii.Error, ValueError):
        return match.group(0)
    return decode(plain, charset)


def _base64(octets: bytes) -> bytes:
    compact = octets.translate(None, b" \t\r\n=")
    return base64.b64decode(compact + b"=" * (-len(compact) % 4))
