"""Bytes to text, tolerantly: an unknown or untrue charset never loses the text."""

import codecs
from functools import lru_cache

# Codecs of Python that are no charset of mail, or whose cost is not linear.
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
# Readers show these as windows-1252 (WHATWG Encoding, section 4.2).
_PRINTABLE = bytes(range(0x20, 0x7F))
_WESTERN = frozenset({"ascii", "iso8859-1"})


@lru_cache(maxsize=256)
def known(charset: str) -> str:
    """The codec's name for a charset label, "" where there is none."""
    try:
        info = codecs.lookup(charset.strip())
    except (LookupError, ValueError):  # ValueError: a NUL or a lone surrogate in the label
        return ""
    usable = info._is_text_encoding and info.name.replace("-", "_") not in _NOT_CHARSETS
    return info.name if usable else ""


@lru_cache(maxsize=256)
def is_odd(name: str) -> bool:
    """Whether plain ASCII letters and signs are something else in this codec, as in UTF-7, UTF-16 and EBCDIC."""
    return _PRINTABLE.decode(name, "replace") != _PRINTABLE.decode("ascii")


def decode(content: bytes, charset: str = "") -> str:
    """Text of `content` in `charset`; where that fails as UTF-8, else as windows-1252. Never raises."""
    name = known(charset) if charset else "ascii"
    if not name or name in _WESTERN:
        return guess(content)
    if name == "utf-16" and not content.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        name = "utf-16-be" if content[:1] == b"\x00" else "utf-16-le"
    return content.decode(name, "replace")


def guess(content: bytes) -> str:
    """Text of bytes without a usable charset: UTF-8 where valid, else windows-1252."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")
