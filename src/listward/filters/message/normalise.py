"""Folds a text so that look-alikes compare equal, and leads back from the folded text to the original."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from listward.filters.message.signs import beyond_ascii

# Zero-width, joiners, bidi controls, fillers, variation selectors, soft hyphen, and tag characters: nobody sees them.
# Strokes and frames over letters (U+0334, U+20DD) and the Arabic stretch (U+0640) are seen and say nothing.
_UNSEEN_SIGNS = (
    "\u00ad\u0334-\u0338\u034f\u061c\u0640\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\ufff9-\ufffc\U0001d173-\U0001d17a\U000e0000-\U000e01ef"
)
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters by their category; people see a space
_UNSEEN = re.compile(f"[{_UNSEEN_SIGNS}]")
_BLANK = re.compile(f"[{_BLANK_LETTERS}]")
# An ASCII letter belongs to the mark behind it: "o" and U+0301 are one "ó".
_RUN = re.compile(r"[\x00-\x7f]+(?![\u0300-\u036f])|[\x00-\x7f]?[^\x00-\x7f]+")
_SIGN = re.compile(r"(?s:.)[\u0300-\u036f\u3099\u309a]*")
_SHORT = 5  # letters
_MOST_LETTERS = 8  # a page of a sign that is a phrase (U+FDFA) would fold to eighteen pages
_WORD = re.compile(r"[^\W\d_]+")
# "d o n a t e", "d.o - n/a.t.e": four or more single letters with up to three signs between them, but no whole line.
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:(?!\n\s*\n)[\W_]{1,3}[^\W\d_]){3,60}(?![^\W_])")
_LETTER = re.compile(r"[^\W\d_]")
_SCRIPTS = (
    ("аеорсухіјѕһԁԛԝкмтвнгпӏАВЕКМНОРСТХУІЈЅԌӀ", "aeopcyxijshdqwkmtbhrnlABEKMHOPCTXYIJSGI"),  # Cyrillic
    ("αοενικρτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aoevikptuxwABEZHIKMNOPTYX"),  # Greek
    ("օոսհցյզւՕՏՍԼ", "onuhgjqiOSUL"),  # Armenian
    ("ᎪᏴᏟᎠᎬᏀᎻᎢᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "ABCDEGHTJKLMPRSTVWZ"),  # noqa: RUF001 - Cherokee: look-alikes are the point
    ("ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPDTGKJCZFMNLSRVHWXYAEIOU"),  # noqa: RUF001 - Lisu: as above
    ("ⲁⲓⲕⲟⲣⲥⲧⲩⲭⲀⲂⲈⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬ", "aikopctyxABEHIKMNOPCTYX"),  # Coptic
    ("ıɑɡɩɪʟɴʀʙɢʜʏꜰꜱᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢØøİł", "iagiilnrbghyfsacdejkmoptuvwzOoIl"),
    ("ƀƃɓƈɖɗđɇƒǥɠħɦɨɉƙƚɫɬɭɱɲŋƞƥʠɍɽʂŧƭʈʉʋƴɏƶȥʐ", "bbbcdddefgghhijkllllmnnnpqrrstttuvyyzzz"),
)
_LOOKALIKES = {sign: latin for signs, letters in _SCRIPTS for sign, latin in zip(signs, letters, strict=True)}
# Letters in boxes and discs, and those that flags are made of, have no compatible form (UAX 15).
_BOXED = {first + at: chr(ord("A") + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)}
_TRANSLATION = {ord(sign): latin for sign, latin in _LOOKALIKES.items()}
_LOOKALIKE = re.compile(f"[{''.join(_LOOKALIKES)}]")
_BOX = "\U0001f150-\U0001f169\U0001f170-\U0001f189\U0001f1e6-\U0001f1ff"
_MAPPED = re.compile(f"[{_UNSEEN_SIGNS}{_BLANK_LETTERS}{_BOX}]")
_FOLDED = re.compile(f"[{_UNSEEN_SIGNS}{_BLANK_LETTERS}{_BOX}{''.join(_LOOKALIKES)}]")


class Folded(str):
    """A folded text that knows where each of its characters stood in the original."""

    _starts: list[int]
    _sources: list[int]
    _length: int

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that became [start, end) of this one."""
        return self._locate(start), max(self._locate(end - 1) + 1, self._locate(end)) if end > start else self._locate(
            end
        )

    def _locate(self, position: int) -> int:
        if position >= len(self):
            return self._length
        index = bisect_right(self._starts, position) - 1
        source = self._sources[index] + position - self._starts[index]
        # One sign may fold to several ("ﬁ" to "fi"): they all stand where it stood.
        following = self._sources[index + 1] if index + 1 < len(self._sources) else self._length
        return min(source, max(following - 1, self._sources[index]))


def _folded(text: str, starts: list[int], sources: list[int], length: int) -> Folded:
    folded = Folded(text)
    folded._starts, folded._sources, folded._length = starts or [0], sources or [0], length
    return folded


def fold(text: str) -> Folded:
    """Compatibility forms (NFKC), unseen characters removed, look-alikes in Latin-looking words as Latin letters.

    Upper and lower case, spacing and line ends stay. Words wholly in another script stay as they are.
    """
    if text.isascii() or (not _FOLDED.search(beyond_ascii(text)) and unicodedata.is_normalized("NFKC", text)):
        return _folded(text, [0], [0], len(text))
    pieces: list[str] = []
    starts: list[int] = []
    sources: list[int] = []
    length = 0
    for source, piece in _pieces(text):
        starts.append(length)
        sources.append(source)
        pieces.append(piece)
        length += len(piece)
    joined = "".join(pieces)
    if _LOOKALIKE.search(beyond_ascii(joined)):
        joined = _WORD.sub(_latin, joined)
    return _folded(joined, starts, sources, len(text))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Folded pieces with their places in the original; a run that folding leaves alone is one piece."""
    for match in _RUN.finditer(text):
        run = match.group()
        if run.isascii() or (unicodedata.is_normalized("NFKC", run) and not _MAPPED.search(run)):
            yield match.start(), run
            continue
        for sign in _SIGN.finditer(run):
            piece = _plain_sign(sign.group()) if len(sign.group()) < _SHORT else _plain(sign.group())
            if piece:
                yield match.start() + sign.start(), piece


def _plain(text: str) -> str:
    return _BLANK.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFKC", text))).translate(_BOXED)


@lru_cache(maxsize=4096)
def _plain_sign(sign: str) -> str:
    """The same for one sign with its marks; itself where it would become a whole phrase."""
    piece = _plain(sign)
    return piece if len(piece) <= _MOST_LETTERS else sign


def _latin(match: re.Match[str]) -> str:
    """A word of Latin letters and look-alikes as Latin; one with a letter of its own script stays."""
    word = match.group()
    if word.isascii():
        return word
    latin = word.translate(_TRANSLATION)
    return latin if all(_is_latin(letter) for letter in latin) else word


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter < "\u1f00"


def join_spaced(text: str) -> Folded:
    """Words written with spaces, dots or dashes between all letters, joined: "d o n a t e" becomes "donate"."""
    pieces: list[str] = []
    starts: list[int] = []
    sources: list[int] = []
    length = position = 0
    for match in _SPACED.finditer(text):
        letters = (letter.span() for letter in _LETTER.finditer(text, match.start(), match.end()))
        for start, end in [(position, match.start()), *letters]:
            starts.append(length)
            sources.append(start)
            pieces.append(text[start:end])
            length += end - start
        position = match.end()
    starts.append(length)
    sources.append(position)
    pieces.append(text[position:])
    return _folded("".join(pieces), starts, sources, len(text))
