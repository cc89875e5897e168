"""From a message's text to the words a learner may count: folded, bounded, without footers and personal addresses."""

import re
import unicodedata

MAX_TEXT = 20_000
MAX_SUBJECT = 300
MAX_WORDS = 1_500
LONGEST_WORD = 28
FOOTER_LENGTH = 900

_PREFIXES = re.compile(r"^(?:\s{0,9}(?:(?:re|fwd?|aw|sv|rv|tr)\s{0,3}:|\[[^\[\]]{1,40}\]))+", re.IGNORECASE)
_TAG = re.compile(r"\[[^\[\]]{1,40}\]")
_FOOTER = re.compile(r"^(?:_{20,}|={40,}|-{40,}|-- ?)\s*$", re.MULTILINE)
_ADDRESS = re.compile(r"(?<![^\s<>()\[\]@])[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,255}")
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x180E])
_NOT_WORD = re.compile(r"[^\w\s'.\-$!%]|_")
_WORD = re.compile(rb"[a-z0-9\x80-\xff]+(?:['.\-][a-z0-9\x80-\xff]+)*|[$!%]+")


def without_footer(text: str) -> str:
    """Cut a list footer or signature: a ruled line with at most FOOTER_LENGTH characters after it.

    A footer names the list, not the matter; a learner that counts it learns where mail came from.
    """
    start = max(len(text) - FOOTER_LENGTH, 0)
    found = _FOOTER.search(text, start)
    return text[: found.start()] if found else text


def fold(text: str) -> bytes:
    """Return lower-case UTF-8 in which compatibility forms are unified and invisible characters are gone."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
        text = _NOT_WORD.sub(" ", text)
    return text.lower().encode("utf-8", "replace")


def _word(word: bytes) -> bytes:
    """Numbers count by their length, endless words as one."""
    if word.isdigit():
        return b"#%d" % min(len(word), 12)
    return word if len(word) <= LONGEST_WORD else b"~long"


def words_of(text: str) -> list[bytes]:
    """The words of a body, at most MAX_WORDS; mail addresses are one word, for nobody is to be learnt by name."""
    text = text[:MAX_TEXT]
    if "@" in text:
        text = _ADDRESS.sub(" ~addr ", text)
    words: list[bytes] = _WORD.findall(fold(text))[:MAX_WORDS]
    return [word if word.isalpha() and len(word) <= LONGEST_WORD else _word(word) for word in words]


def subject_words(subject: str) -> list[bytes]:
    """The words of a subject without reply prefixes and list tags."""
    subject = _TAG.sub(" ", _PREFIXES.sub("", subject[:MAX_SUBJECT]))
    return [_word(word) for word in _WORD.findall(fold(_ADDRESS.sub(" ~addr ", subject)))[:60]]
