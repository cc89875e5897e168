"""Words in disguise: letters parted by signs ("v-i-a-g-r-a"), digits in place of letters ("m0rtgage")."""

import re

MAX_TEXT = 6_000
MOST = 60

_PARTED = re.compile(r"(?<![^\W_])[A-Za-z](?:[^\w\s]{1,2}_?[A-Za-z0-9]{1,2}|_{1,2}[A-Za-z0-9]{1,2}){3,20}(?![^\W_])")
_DIGITS = re.compile(
    r"(?<![^\W_])[A-Za-z]{1,12}[013457@|$!][A-Za-z]{1,12}(?:[013457@|$!][A-Za-z]{1,12}){0,3}(?![^\W_])"
)
_SIGNS = re.compile(r"[\W_]+")
_PLAIN = str.maketrans("013457@|$!", "oieastalsi")


def disguised_words(text: str) -> list[bytes]:
    """The plain words behind disguised ones in the first MAX_TEXT characters, at most MOST."""
    head = text[:MAX_TEXT]
    parted = (_SIGNS.sub("", found[0].translate(_PLAIN)) for found in _PARTED.finditer(head))
    digits = (found[0].translate(_PLAIN) for found in _DIGITS.finditer(head))
    words = [word.lower().encode("ascii", "ignore") for words in (parted, digits) for word in words]
    return words[:MOST]
