"""Letters that look like others: one shape for what people cannot tell apart."""

import re
import unicodedata

from listward.filters.message.normalise import fold

# More than texts are folded by, since names and domains are short: Cyrillic, Greek, Armenian, Cherokee, and Latin
# letters with strokes and hooks, in lower case.
_STRANGE = (
    "аеорсухіјѕһԁԛԝкмтвнгпьүұӏԍҫқҝӄңҥӊҽөћџѵѡґғзӡ"
    "αοενικρτυχωησγμςϲϳδθϱβ"
    "օսոհցզքյաւղըռե"
    "\u13aa\u13f4\u13df\u13a0\u13ac\u13c0\u13bb\u13a5\u13ab\u13e6\u13de\u13b7\u13e2\u13a1\u13da\u13a2\u13d9\u13b3\u13bd\u13c3"
    "đħŧŋƅɓɗɠɦƙƴʏɴʀɪʜɢꜱꞁǀʋɯłɫɛəɔɋȷʃƒƿʙʟɨʉɍƈƥƭʂʐƶɵꭥıø"
    "ᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜰɑɡɩ"
)
_PLAIN = (
    "aeopcyxijshdqwkmtbhrnbyylgckkkhhheohuvwrf33"
    "aoevikptuxwnoyuccjoopb"
    "ounhgqpjwlnnnt"
    "abcdeghijklmprstvwyz"
    "dhtnbbdghkyynrihgslluwlleecqjffpbliurcptszzooio"
    "acdejkmoptuvwzfagi"
)
_LATIN = str.maketrans(_STRANGE, _PLAIN) | {ord("æ"): "ae", ord("œ"): "oe", ord("ð"): "d", ord("þ"): "p"}
_WORD = re.compile(r"[^\W\d_]+")
_PAIRS = (
    ("0", "o"),
    ("1", "l"),
    ("3", "e"),
    ("4", "a"),
    ("5", "s"),
    ("7", "t"),
    ("8", "b"),
    ("rn", "m"),
    ("vv", "w"),
    ("cl", "d"),
    ("l", "i"),
    ("j", "i"),
)


def letters(text: str) -> str:
    """Return the text with look-alike letters of other scripts as Latin ones, without case or accents."""
    folded = str(fold(text)).casefold()
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFD", folded)
    bare = unicodedata.normalize("NFC", "".join(mark for mark in apart if not unicodedata.combining(mark)))
    return _WORD.sub(_latin, bare)


def _latin(match: re.Match[str]) -> str:
    """A word that can be read as Latin as such; one with a letter of its own script stays."""
    word = match.group()
    latin = word.translate(_LATIN)
    return latin if latin.isascii() else word


def skeleton(label: str) -> str:
    """Return what a domain label looks like at a glance; equal skeletons are easily taken for each other."""
    text = letters(label)
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text
