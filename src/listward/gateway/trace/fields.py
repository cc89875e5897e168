"""The header block as octets. Looks for single fields by name and never splits what nobody asked for."""

import re
from collections.abc import Callable
from functools import lru_cache

_VALUE = rb"[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)(?:\r\n|\Z)"


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
def _pattern(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"^" + re.escape(name) + _VALUE, re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=64)
def _either(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    return re.compile(rb"^(" + b"|".join(map(re.escape, names)) + rb")" + _VALUE, re.IGNORECASE | re.MULTILINE)


def values(header: bytes, name: bytes) -> list[bytes]:
    """Return the raw values of all fields of that name, folds kept; its case and a space after it do not count."""
    return [match[1] for match in _pattern(name).finditer(header)]


def first(header: bytes, name: bytes) -> bytes:
    """Return the first raw value, b"" where there is none."""
    match = _pattern(name).search(header)
    return match[1] if match else b""


def several(header: bytes, names: tuple[bytes, ...]) -> dict[bytes, list[bytes]]:
    """Return the raw values of the fields of several lower-case names, found in one pass."""
    found: dict[bytes, list[bytes]] = {name: [] for name in names}
    for match in _either(names).finditer(header):
        found[match[1].lower()].append(match[2])
    return found


def unfolded(value: bytes) -> str:
    """Return a raw value on one line (RFC 5322 section 2.2.3); octets that are not UTF-8 are replaced."""
    return value.replace(b"\r\n", b"").decode("utf-8", "replace").strip()


def without(header: bytes, name: bytes, doomed: Callable[[str], bool]) -> bytes:
    """Return the header without those fields of that name whose unfolded value is doomed."""
    return _pattern(name).sub(lambda match: b"" if doomed(unfolded(match[1])) else match[0], header)
