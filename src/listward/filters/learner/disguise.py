"""Words in disguise: letters parted by signs ("v-i-a-g-r-a"), digits in place of letters ("m0rtgage")."""

import re
from itertools import islice

import re2

MAX_TEXT = 6_000
MOST = 60

_PARTED = re.compile(r"(?<![^\W_])[A-Za-z](?:[^\w\s]{1,2}_?[A-Za-z0-9]{1,2}|_{1,2}[A-Za-z0-9]{1,2}){3,20}(?![^\W_])")
_DIGITS = re.compile(
    r"(?<![^\W_])[A-Za-z]{1,12}[013457@|$!][A-Za-z]{1,12}(?:[013457@|$!][A-Za-z]{1,12}){0,3}(?![^\W_])"
)
# Bytes that cannot hold a disguise are told apart in one linear pass; most mail has none.
_MAY_BE_PARTED = re2.compile(r"[A-Za-z](?:[^A-Za-z0-9\s]{1,9}[A-Za-z0-9]{1,2}){3}")
_MAY_BE_DIGITS = re2.compile(r"[A-Za-z][013457@|$!][A-Za-z]")
_SIGNS = re.compile(r"[\W_]+")
_PLAIN = str.maketrans("013457@|$!", "oieastalsi")


def disguised_words(text: str) -> list[bytes]:
    """The plain words behind disguised ones in the first MAX_TEXT characters, at most MOST."""
    head = text[:MAX_TEXT]
    octets = head.encode("utf-8", "replace")
    found: list[str] = []
    if _MAY_BE_PARTED.search(octets):
        found += (_SIGNS.sub("", one[0].translate(_PLAIN)) for one in islice(_PARTED.finditer(head), MOST))
    if _MAY_BE_DIGITS.search(octets):
        found += (one[0].translate(_PLAIN) for one in islice(_DIGITS.finditer(head), MOST))
    return [word.lower().encode("ascii", "ignore") for word in found[:MOST]]
