"""In which language a text is written, by its small words or its script. Where that is not plain, it is unknown."""

import re
import unicodedata
from collections import Counter

UNKNOWN = ""
LEAST_WORDS = 25
"""Fewer words are a greeting or a quotation, and say nothing of how somebody writes."""
MOST_CHARACTERS = 1600
_LEAST_KINDS = 6  # different small words: a name in a program may read like one of them
_LEAST_SHARE = 0.15  # small words among all words; running text has 0.25 to 0.5 of them, lists and code have few
_LEAD = 2.0  # so many times more of them than of any other language
_SCRIPT_SHARE = 0.6

# Frequent small words that the other languages here do not have, or hardly use. Accents are written as they are.
_SMALL_WORDS = {
    "en": "the of and to that is was for it with as on be by this are you not have from they but we an or which what"
    " there would their if will can all my has been when who your more about them some were our out so up how than",
    "es": "el los las y que del por con una se su para es lo como más pero sus le ya este sí porque esta entre cuando"
    " muy sin sobre también hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso había"
    " ante ellos esto mí antes algunos qué unos yo otro otras otra él tanto esa estos mucho nosotros",
    "de": "der die und das ist nicht ich sie mit sich den auf für dem ein eine auch es von zu wir im nach bei aus wie"
    " oder aber wenn nur noch werden dass daß wird sind einen einer haben hat kann mehr über so zum zur bis wurde sein"
    " ihr mir uns durch vor",
    "fr": "le les des et est pas vous une dans qui pour ce il sur ne je nous au avec plus par mais ou si ont cette"
    " être sont aux leur comme même ces tout fait elle deux aussi bien peut sans notre votre où très était du",
    "it": "il di che è per una sono non con gli della si anche più ma come nel alla del dei questo ha lo delle ho io"
    " mi ci noi essere perché cosa sul dalla nella questa quando molto tutti loro suo ancora tra fra abbiamo",
    "pt": "o os as e do da em um uma não que com para dos das no na por mais se como mas ao ele foi seu sua ou quando"
    " muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse eles você",
    "nl": "de het een en van ik te dat die in niet zijn is op aan met voor er maar om hem dan zou wat mijn men dit zo"
    " door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal wij",
}
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _language, _words in _SMALL_WORDS.items():
    for _word in _words.split():
        _BY_WORD[_word] = (*_BY_WORD.get(_word, ()), _language)
# Scripts by the first word of a letter's Unicode name; one that several languages share stands for all of them.
_SCRIPTS = {
    "CYRILLIC": "cyrillic",
    "GREEK": "el",
    "ARABIC": "arabic",
    "HEBREW": "he",
    "DEVANAGARI": "devanagari",
    "CJK": "chinese",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
}
LANGUAGES = frozenset({*_SMALL_WORDS, *_SCRIPTS.values()})
_WORD = re.compile(r"[^\W\d_]{1,30}")
_PLAIN_WORD = re.compile(r"[a-z]{1,30}")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_NO_PROSE = re.compile(r"[@\\/=<>{}]")


def language_of(text: str) -> str:
    """Return a language code, a script's name where several languages share it, UNKNOWN where nothing is plain.

    Linear in the text, which is cut at MOST_CHARACTERS. Addresses, paths and code are not looked at.
    """
    prose = text[:MOST_CHARACTERS]
    if _NO_PROSE.search(prose):
        prose = " ".join(piece for piece in prose.split() if not _NO_PROSE.search(piece))
    plain = prose.isascii()  # most text is, and then no letter has to be looked up
    words = (_PLAIN_WORD if plain else _WORD).findall(prose.lower())
    if not plain and (script := _script("".join(words))):
        return script
    return _by_small_words(words) if len(words) >= LEAST_WORDS else UNKNOWN


def _by_small_words(words: list[str]) -> str:
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for word, times in Counter(words).items():
        for language in _BY_WORD.get(word, ()):
            counts[language] += times
            kinds[language] += 1
    (first, most), (_, next_most) = (*counts.most_common(2), (UNKNOWN, 0), (UNKNOWN, 0))[:2]
    plain = most >= _LEAST_SHARE * len(words) and most >= _LEAD * next_most
    return first if plain and kinds[first] >= _LEAST_KINDS else UNKNOWN


def _script(letters: str) -> str:
    """The script other than Latin that most letters are of, "" where there is none, or too little of it."""
    others = _BEYOND_ASCII.findall(letters)
    counts = Counter(_SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "") for letter in others)
    if not counts:
        return ""
    first = "ja" if counts["ja"] else max(counts, key=counts.__getitem__)
    found = counts[first] + (counts["chinese"] if first == "ja" else 0)
    enough = found >= 2 * LEAST_WORDS and found >= _SCRIPT_SHARE * len(letters)
    return first if first and enough else ""
