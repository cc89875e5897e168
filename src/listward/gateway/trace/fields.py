"""The header block as octets. Looks for single fields by name and never splits what nobody asked for.

Everything here takes time in proportion to the header's length, whatever a stranger put into it.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice

_END = re.compile(rb"\r\n(?![ \t])")  # a line that begins with a blank goes on (RFC 5322 section 2.2.3)
_COLON = rb"[\x0b\x0c\xa0 \t]*+(?:\r\n[ \t][\x0b\x0c\xa0 \t]*+)*+:"
"""What some reader lets stand before the colon: other blanks, and folds. What is to be removed is found behind them."""
_FEW = 200  # fields that `survey` looks at one by one
_MANY = 50  # from here on one pass of the regular expression over all octets costs less than a step for each field


def header_end(content: bytes) -> int:
    """Return where the header ends: before the empty line, or at the end where there is none."""
    if content.startswith(b"\r\n"):
        return 0
    at = content.find(b"\r\n\r\n")
    return len(content) if at < 0 else at + 2


def body(content: bytes) -> bytes:
    """Return what follows the empty line."""
    return content[header_end(content) + 2 :]


@lru_cache(maxsize=64)
def _beginning(name: bytes) -> re.Pattern[bytes]:
    # With the line feed in front the search runs at the speed of `find`; with "^" it tries every octet.
    return re.compile(rb"\n" + re.escape(name) + rb"[ \t]*:", re.IGNORECASE)


@lru_cache(maxsize=64)
def _disguised(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\n" + re.escape(name) + _COLON, re.IGNORECASE)


@lru_cache(maxsize=64)
def _whole(name: bytes) -> re.Pattern[bytes]:
    return re.compile(
        rb"(?<=\n)" + re.escape(name) + _COLON + rb"[^\r\n]*(?:\r\n[ \t][^\r\n]*)*(?:\r\n|\Z)", re.IGNORECASE
    )


@lru_cache(maxsize=4)
def _any_of(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(rb"\n(" + b"|".join(map(re.escape, names)) + rb")[ \t]*:", re.IGNORECASE)


def _spans(text: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield where each field, its value and the next field begin, in a header with a line feed in front."""
    for found in pattern.finditer(text):
        end = _END.search(text, found.end())
        yield found.start() + 1, found.end(), end.end() if end is not None else len(text)


def values(header: bytes, name: bytes, most: int | None = None) -> list[bytes]:
    """Return the raw values of the topmost `most` fields of that name, folds kept; its case and blanks do not count."""
    text = b"\n" + header
    return [text[value:end].removesuffix(b"\r\n") for _, value, end in islice(_spans(text, _beginning(name)), most)]


def first(header: bytes, name: bytes) -> bytes:
    """Return the first raw value, b"" where there is none."""
    return next(iter(values(header, name, 1)), b"")


def count(header: bytes, name: bytes, most: int) -> int:
    """Return how many fields of that name there are, `most` where there are more; in any spelling of the colon."""
    return sum(1 for _ in islice(_disguised(name).finditer(b"\n" + header), most))


def survey(header: bytes, names: tuple[bytes, ...], counted: bytes, most: int) -> tuple[dict[bytes, bytes], int]:
    """Return the topmost raw value of each of the names that is there, and how many `counted` there are, up to `most`.

    One look at an ordinary header; one for each name where somebody has written very many of these fields.
    """
    text, known, hops = b"\n" + header, {name.lower(): name for name in names}, 0
    found: dict[bytes, bytes] = {}
    for place, match in enumerate(_any_of((*names, counted)).finditer(text)):
        if place >= _FEW:
            tops = {name: values(header, name, 1) for name in names}
            return {name: top[0] for name, top in tops.items() if top}, count(header, counted, most)
        name = known.get(match[1].lower())
        if name is None:
            hops += 1
        elif name not in found:
            end = _END.search(text, match.end())
            found[name] = text[match.end() : end.end() if end is not None else len(text)].removesuffix(b"\r\n")
    return found, min(hops, most)


def unfolded(value: bytes) -> str:
    """Return a raw value on one line (RFC 5322 section 2.2.3); octets that are not UTF-8 are replaced."""
    return value.replace(b"\r\n", b"").decode("utf-8", "replace").strip()


def without(header: bytes, name: bytes, doomed: Callable[[bytes], bool]) -> bytes:
    """Return the header without those fields of that name, however its colon is hidden, whose raw value is doomed."""
    text, kept, at = b"\n" + header, [], 1
    for start, value, end in _spans(text, _disguised(name)):
        if doomed(text[value:end]):
            kept.append(text[at:start])
            at = end
    return b"".join([*kept, text[at:]]) if kept else header


def without_all(header: bytes, name: bytes) -> bytes:
    """Return the header without any field of that name."""
    if count(header, name, _MANY) < _MANY:
        return without(header, name, lambda value: True)
    return _whole(name).sub(b"", b"\n" + header)[1:]
