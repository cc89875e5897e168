"""Text as a reader's eye takes it, in plain ASCII without accents, with the way back to the original positions."""

import re
import unicodedata
from dataclasses import dataclass

import re2

from listward.filters.message.normalise import Folded, fold
from listward.filters.message.signs import beyond_ascii

MAX_CHARACTERS = 200_000
UNKNOWN = "\x1a"  # stands for a character that has no Latin look

_SIGNS = {
    **dict.fromkeys("\u2018\u2019\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2022\u00b7", "."),
    **dict.fromkeys("€£₤¥", "$"),
    "₿": "B",
    **dict(zip("ßæÆđĐþ", "seEdDt", strict=True)),
    **dict.fromkeys("¿¡", " "),
}
# Single letters with blanks between: "h e l p  m e", "p a y . m e"; two blanks part two words.
_SPACED = re.compile(r"(?<![^\W_])[^\W_](?: {1,3}(?:[^\W_](?![^\W_])|[./@$])){3,200}")
_MAY_BE_SPACED = re2.compile(r"\b[0-9A-Za-z] {1,3}[0-9A-Za-z./@$] {1,3}[0-9A-Za-z./@$](?: |\b)")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FEW_SIGNS = 20
_BLANKS = str.maketrans("\t\r\n\v\f\u00a0", "      ")


@dataclass(frozen=True, slots=True)
class Plain:
    """`cased` is ASCII; `lower` the same in lower case. `original` is the text that was read, cut at MAX_CHARACTERS.

    `starts[i]` is the position in `seen` of character i, None where every position is its own.
    """

    original: str
    cased: str
    lower: str
    starts: list[int] | None
    seen: Folded

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original text behind [start, end)."""
        if self.starts is not None and start < end:
            start, end = self.starts[start], self.starts[end - 1] + 1
        return self.seen.original(start, end)


def _ascii(character: str) -> str:
    """The ASCII look of one other character: "" for what cannot be seen, UNKNOWN where there is none."""
    if character in _SIGNS:
        return _SIGNS[character]
    if unicodedata.category(character) in {"Cf", "Mn", "Me"}:
        return ""
    return "".join(filter(str.isascii, unicodedata.normalize("NFKD", character))) or UNKNOWN


def _flatten(text: str) -> tuple[str, list[int] | None]:
    """ASCII, and the position of each character; no positions where every character stays one."""
    looks = {character: _ascii(character) for character in set(beyond_ascii(text))}
    text = _replaced(text, {character: look for character, look in looks.items() if len(look) == 1})
    if text.isascii():
        return text, None
    pieces: list[str] = []
    starts: list[int] = []
    position = 0
    for found in _BEYOND_ASCII.finditer(text):
        at, look = found.start(), looks[found[0]]
        pieces += (text[position:at], look)
        starts += range(position, at)
        starts += [at] * len(look)
        position = at + 1
    starts += range(position, len(text))
    return "".join([*pieces, text[position:]]), starts


def _replaced(text: str, looks: dict[str, str]) -> str:
    """Put one character for each; for a few a pass each costs less than one look at every character."""
    if len(looks) > _FEW_SIGNS:
        return text.translate({ord(character): look for character, look in looks.items()})
    for character, look in looks.items():
        text = text.replace(character, look)
    return text


def _kept(run: str) -> list[int]:
    """The places in a spaced run that stay: the letters, and one blank where several stand."""
    return [place for place, letter in enumerate(run) if letter != " " or run[place - 1 : place + 1] == "  "]


def _join_spaced(text: str, starts: list[int]) -> tuple[str, list[int]]:
    """Take the blanks out of "s p a c e d" words."""
    pieces: list[str] = []
    kept: list[int] = []
    position = 0
    for found in _SPACED.finditer(text):
        places = [found.start() + place for place in _kept(found[0])]
        pieces += [text[position : found.start()], "".join(text[place] for place in places)]
        kept += starts[position : found.start()] + [starts[place] for place in places]
        position = found.end()
    return "".join([*pieces, text[position:]]), kept + starts[position:]


def plain(text: str) -> Plain:
    """Fold `text`. Time is linear in its length, which is cut at MAX_CHARACTERS."""
    text = text[:MAX_CHARACTERS]
    starts: list[int] | None = None
    seen = fold(text)
    folded = str(seen)
    if not seen.isascii():
        folded, starts = _flatten(seen)
    folded = folded.translate(_BLANKS)
    if _MAY_BE_SPACED.search(folded.encode()):
        folded, starts = _join_spaced(folded, starts if starts is not None else list(range(len(folded))))
    return Plain(text, folded, folded.lower(), starts, seen)
