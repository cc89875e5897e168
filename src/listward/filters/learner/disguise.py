"""Words in disguise: letters parted by signs ("v-i-a-g-r-a"), digits in place of letters ("m0rtgage")."""

import re
from collections.abc import Iterator
from itertools import islice

import re2

MAX_TEXT = 6_000
MOST = 60

_PARTED = re.compile(r"(?<![^\W_])[A-Za-z](?:[^\w\s]{1,2}_?[A-Za-z0-9]{1,2}|_{1,2}[A-Za-z0-9]{1,2}){3,20}(?![^\W_])")
_DIGITS = re.compile(
    r"(?<![^\W_])[A-Za-z]{1,12}[013457@|$!][A-Za-z]{1,12}(?:[013457@|$!][A-Za-z]{1,12}){0,3}(?![^\W_])"
)
# What stands between white space and may hold a disguise, told apart in linear passes; most mail has little of it.
_MAY_BE_PARTED = re2.compile(r"\S*[A-Za-z](?:[^A-Za-z0-9\s]{1,9}[A-Za-z0-9]{1,2}){3}\S*")
_MAY_BE_DIGITS = re2.compile(r"\S*[A-Za-z][013457@|$!][A-Za-z]\S*")
_SIGNS = re.compile(r"[\W_]+")
_PLAIN = str.maketrans("013457@|$!", "oieastalsi")


def disguised_words(text: str) -> list[bytes]:
    """The plain words behind disguised ones in the first MAX_TEXT characters, at most MOST."""
    head = text[:MAX_TEXT]
    octets = head.encode("utf-8", "replace")
    found = [_SIGNS.sub("", one.translate(_PLAIN)) for one in _matches(_PARTED, _MAY_BE_PARTED, octets)]
    found += [one.translate(_PLAIN) for one in _matches(_DIGITS, _MAY_BE_DIGITS, octets)]
    return [word.lower().encode("ascii", "ignore") for word in found[:MOST]]


def _matches(pattern: re.Pattern[str], may_hold: re2._Regexp, octets: bytes) -> Iterator[str]:
    chunks = b" ".join(octets[slice(*found.span())] for found in may_hold.finditer(octets))
    return (found[0] for found in islice(pattern.finditer(chunks.decode("utf-8", "replace")), MOST))
