"""Signs that nobody sees in what is written: they would hide from whoever reads and approves what a machine obeys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from listward.config.source import Key

# Controls of a terminal, line ends of another kind, and what turns the direction of reading round (UAX 9 section 2.2).
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Said in one line: as a heading, in a table, in the header of a letter (RFC 5322 section 2.2).
_ONE_LINE = frozenset({"name", "words", "words_in", "number", "title", "approved_by", "resolution", "queue", "clause"})


def unseen(values: Mapping[str, Any]) -> Iterator[tuple[Key, str]]:
    """Yield key and message of each text that holds such a sign."""
    for key, text in _texts((), values):
        if match := _UNSEEN.search(text):
            yield (
                key,
                f"holds the sign U+{ord(match.group()):04X}, which nobody sees; write it as \\x{{...}} in a pattern",
            )
        elif "\n" in text and any(part in _ONE_LINE for part in key[-2:]):
            yield key, "is more than one line; allowed: one line"


def _texts(key: Key, value: Any) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts((*key, name), each)
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from _texts((*key, at), each)
