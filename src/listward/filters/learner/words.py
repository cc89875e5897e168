"""From a message's text to the words a learner may count: folded, bounded, without footers and personal addresses."""

import re
import unicodedata
from collections.abc import Iterable

from listward.filters.message.signs import beyond_ascii

MAX_TEXT = 20_000
MAX_SUBJECT = 300
MAX_WORDS = 1_500
MAX_SUBJECT_WORDS = 60
LONGEST_WORD = 28
FOOTER_LENGTH = 900

_PREFIXES = re.compile(r"^(?:\s{0,9}(?:(?:re|fwd?|aw|sv|rv|tr)\s{0,3}:|\[[^\[\]]{1,40}\]))+", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]]{1,40}\]")
_FOOTER = re.compile(r"^(?:_{20,}|={40,}|-{40,}|-- ?)\s*$", re.MULTILINE)
_ADDRESS = re.compile(r"(?<![^\s<>()\[\]@])[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u180e")
_NOT_WORD = re.compile(r"[^\w\s\x00-\x7f]")
_WORD = re.compile(rb"[a-z0-9\x80-\xff]+(?:['.\-][a-z0-9\x80-\xff]+)*|[$!%]+")
# Octets that no word holds, as blanks: what stands between blanks is read once and then known.
_IN_WORDS = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789'.-$!%")
_BLANKED = bytes(octet if octet >= 0x80 or octet in _IN_WORDS else 0x20 for octet in range(256))
_FEW_SIGNS = 20
_MOST_KNOWN = 16_384
_LONGEST_KNOWN = 40


def without_footer(text: str) -> str:
    """Cut a list footer or signature: a ruled line with at most FOOTER_LENGTH characters after it.

    A footer names the list, not the matter; a learner that counts it learns where mail came from.
    """
    start = max(len(text) - FOOTER_LENGTH, 0)
    found = _FOOTER.search(text, start)
    return text[: found.start()] if found else text


def fold(text: str) -> bytes:
    """Return lower-case UTF-8 in which compatibility forms are unified and invisible characters are gone.

    Signs outside ASCII that are in no word are blanks.
    """
    if text.isascii():
        return text.encode().lower()
    text = unicodedata.normalize("NFKC", _without(text, _INVISIBLE.intersection(beyond_ascii(text)), ""))
    signs = {sign for sign in beyond_ascii(text) if not (sign.isalnum() or sign.isspace())}
    text = _without(text, signs, " ") if len(signs) <= _FEW_SIGNS else _NOT_WORD.sub(" ", text)
    return text.lower().encode("utf-8", "replace")


def _without(text: str, signs: Iterable[str], instead: str) -> str:
    """Replace a few signs: for each one a pass that costs less than one look at every character."""
    for sign in signs:
        text = text.replace(sign, instead)
    return text


def _word(word: bytes) -> bytes:
    """Numbers count by their length, endless words as one."""
    if word.isdigit():
        return b"#%d" % min(len(word), 12)
    return word if len(word) <= LONGEST_WORD else b"~long"


class _Known(dict[bytes, tuple[bytes, ...]]):
    """The words in what stands between blanks, remembered: most of any mail is a few thousand words."""

    def __missing__(self, chunk: bytes) -> tuple[bytes, ...]:
        words = tuple(map(_word, _WORD.findall(chunk)))
        if len(chunk) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[chunk] = words
        return words


_KNOWN = _Known()


def _words(folded: bytes, most: int) -> list[bytes]:
    """The first words of a folded text."""
    words: list[bytes] = []
    for known in map(_KNOWN.__getitem__, folded.translate(_BLANKED).split()):
        words += known
    return words[:most]


def words_of(text: str) -> list[bytes]:
    """The words of a body, at most MAX_WORDS; mail addresses are one word, for nobody is to be learnt by name."""
    return _words(fold(_nameless(text[:MAX_TEXT])), MAX_WORDS)


def subject_words(subject: str) -> list[bytes]:
    """The words of a subject without reply prefixes and list tags."""
    subject = _TAG.sub(" ", _PREFIXES.sub("", subject[:MAX_SUBJECT]))
    return _words(fold(_nameless(subject)), MAX_SUBJECT_WORDS)


def _nameless(text: str) -> str:
    """Addresses end with their line, so that only lines with one are looked at closely."""
    if "@" not in text:
        return text
    return "\n".join([_ADDRESS.sub(" ~addr ", line) if "@" in line else line for line in text.split("\n")])
