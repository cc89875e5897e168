"""What signs a text is made of, found in passes over its octets: a loop over characters would cost many times more."""

from itertools import islice
from string import ascii_uppercase

_ASCII = bytes(range(128))
_CAPITALS = ascii_uppercase.encode()


def beyond_ascii(text: str) -> str:
    """The characters outside ASCII, in order; "" costs next to nothing."""
    if text.isascii():
        return ""
    return text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def capitals(text: str) -> int:
    """How many characters are upper case."""
    octets = text.encode("utf-8", "surrogatepass")
    return len(octets) - len(octets.translate(None, _CAPITALS)) + sum(map(str.isupper, beyond_ascii(text)))


def has_letters(text: str, number: int) -> bool:
    """Whether at least `number` (above 0) characters are letters; reads no further than that."""
    return next(islice(filter(str.isalpha, text), number - 1, None), None) is not None
