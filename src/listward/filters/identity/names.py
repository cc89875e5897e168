"""Display names as they compare: the same words in any order are the same name to whoever reads them."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from listward.filters.identity.lookalikes import letters

NameKey = tuple[str, ...]
"""The words of a name, sorted, in the shape that people see; () where it has none of its own."""

_COMMENT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"|“[^“”]*”|«[^«»]*»|\s'[^']+'(?=\s)")
_STRETCH = "\u0640"
"""Makes Arabic words longer and changes nothing else."""
_WORD = re.compile(r"[^\W_]+")
_LONE_NUMBER = re.compile(r"(?<![^\W_])\d+(?![^\W_])")
# What stands between a name and something else: "Ana Ruiz | Treasurer", "Ana Ruiz via Board".
_BETWEEN = re.compile(
    r"[|/\\•·:;<>()\[\]{}\"“”«»=~*]|\s[-\u2013\u2014@+]\s|\s(?:via|at|from|for|on behalf of|c/o|por|para|für|von)\s",
    re.IGNORECASE,
)
# "A n a  R u i z": single letters with one space between them.
_SPACED = re.compile(r"(?<!\w)\w(?: \w){2,40}(?!\w)")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_REVERSED = re.compile("[\u202e\u2067]([^\u202a-\u202e\u2066-\u2069]*)")
# Scripts that write a whole name without a space.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "œ": "oe", "đ": "dj", "þ": "th"}
)
_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфхъыьэіїєґў", "abvgdeziyklmnoprstufh-y-eiiegu", strict=True)),
    **{"ё": "e", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"},
}
_GREEK = {
    **dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)),
    **{"θ": "th", "χ": "ch", "ψ": "ps"},
    **dict(zip("άέήίόύώϊϋ", "aeiioyoiy", strict=True)),
}
_SOUNDS = {ord(sign): latin.replace("-", "") for sign, latin in (_CYRILLIC | _GREEK).items()}
# Signs that pass for one another in a name; "j" and "i" do not: Jan is not Ian.
_ALIKE = str.maketrans(
    {"0": "o", "1": "l", "|": "l", "!": "l", "i": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a"}
    | {"$": "s", "€": "e", "£": "l"}
)
_TITLES = """
    mr mrs ms miss mx dr prof professor sir dame sr sra srta herr frau don mme mlle comrade compañero compañera
    genosse genossin camarade rev hon jr phd md esq dott ing lic mag
"""
# What says how a person writes, and not who it is: "Ana Ruiz (new address)", "Ana's phone".
_BY_WHAT = """
    new old other second private personal work home mobile cell phone iphone ipad android handy email mail mailbox
    gmail outlook hotmail yahoo icloud proton address account urgent real verified external extern privat neu
    nuevo movil correo celular
"""
_FILLERS = "the a of for from and our your de del la las el los der die das des du le les von to in at via"
_OFFICES = """
    board chair chairman chairwoman chairperson cochair president presidency secretary secretariat treasurer committee
    leadership executive moderator moderators administrator administration junta presidente presidenta presidencia
    secretaria secretario tesorero tesorera tesoreria comite vorstand vorsitz vorsitzende vorsitzender schatzmeister
    schatzmeisterin sekretariat bureau presidence tresorier tresoriere secretaire delegate spokesperson
"""
# Words that an office's name may have besides, and that make an office of an organisation's name.
_BESIDE = """
    general national central federal regional district vice deputy acting assistant office official team desk support
    hq headquarters news newsletter info admin service services account accounts finance financial membership members
    noreply no reply help helpdesk it staff press media communications department international oficina equipo
    amt büro geschäftsstelle list lists mailing
"""
_ANY_PARTY = "party partido partei parti organisation organization"


def _shape(text: str) -> str:
    return letters(text).translate(_ALIKE).replace("rn", "m").replace("vv", "w")


def _shapes(words: str) -> frozenset[str]:
    return frozenset(map(_shape, words.split()))


TITLES, FILLERS = _shapes(_TITLES), _shapes(_FILLERS)
OFFICES, ANY_PARTY, BESIDE = _shapes(_OFFICES), _shapes(_ANY_PARTY), _shapes(_BESIDE)
BY_WHAT = _shapes(_BY_WHAT)
_LIST, _RUNNING = _shapes("list"), _shapes("moderator moderators owner owners administrator admin administrators")


@lru_cache(maxsize=1024)
def words_of(name: str) -> frozenset[str]:
    """Every word of two or more letters, in the shape that people see; a number that stands alone is none."""
    plain = unicodedata.normalize("NFKC", name.replace(_STRETCH, ""))
    return frozenset(word for word in _WORD.findall(_shape(_LONE_NUMBER.sub(" ", plain))) if len(word) > 1)


def key(name: str) -> NameKey:
    """The name without initials, titles and office."""
    return tuple(sorted(words_of(name) - TITLES - OFFICES))


@lru_cache(maxsize=1024)
def readings(name: str) -> frozenset[NameKey]:
    """The name with and without what stands in brackets, as written and as spelled or sounded in plain letters.

    Only where it has two words: one is everybody's. Rosters are searched by these.
    """
    bare = _COMMENT.sub(" ", name)
    return frozenset(found for each in {name, bare} for found in _keys(each))


@lru_cache(maxsize=1024)
def shown_readings(name: str) -> frozenset[NameKey]:
    """Every name that people may read in this one: also its parts, run together, spread out, or turned round."""
    found = {key for each in _shown(name) for key in readings(each)}
    bare = {tuple(word for word in key if word not in BY_WHAT) for key in found}
    return frozenset(found | {key for key in bare if len(key) > 1})


def _shown(name: str) -> Iterator[str]:
    yield name
    yield from _BETWEEN.split(name)
    before, comma, _ = name.partition(",")
    if comma and len(before.split()) > 1:
        yield before
    if _SPACED.search(name):
        joined = _SPACED.sub(lambda spread: spread.group().replace(" ", ""), name)
        yield from (joined, _CAMEL.sub(" ", joined))
    if _CAMEL.search(name):
        yield _CAMEL.sub(" ", name)
    for turned in _REVERSED.findall(name):
        yield turned[::-1]
        yield _REVERSED.sub(lambda found: found.group(1)[::-1], name)


def _keys(name: str) -> Iterator[NameKey]:
    unspaced = _UNSPACED.findall(name)
    if unspaced and len(joined := "".join(unspaced)) > 1:
        yield (joined,)
    for spelling in (name, *_spellings(name)):
        if len(found := key(spelling)) > 1:
            yield found


def _spellings(name: str) -> Iterator[str]:
    """The same name where some letters are written by two, and where it is written as it sounds."""
    if name.isascii():
        return
    composed = unicodedata.normalize("NFKC", name).casefold()
    for table in (_SPELLED, _SOUNDS):
        if (spelled := composed.translate(table)) != composed:
            yield spelled


@lru_cache(maxsize=1024)
def claims_to_speak(name: str, organisation: str, lists: frozenset[str] = frozenset()) -> bool:
    """Whether the name is the organisation's own or that of an office or list of it, and nobody's besides.

    `lists` are the words of the lists' short names.
    """
    words = words_of(_COMMENT.sub(" ", name)) - FILLERS or words_of(name) - FILLERS
    ours = words_of(organisation) - FILLERS
    if ours and ours <= words <= ours | OFFICES | ANY_PARTY | BESIDE | lists:
        return True
    office = words & OFFICES and words & (ours | ANY_PARTY)
    return bool(office) and words <= ours | OFFICES | ANY_PARTY | BESIDE


def is_list_name(words: frozenset[str], listed: frozenset[str]) -> bool:
    """Whether words name a list, or those who run it; `listed` are the words of its short name and "list"."""
    short = listed - _LIST
    running = bool(words & _RUNNING) and short <= words
    return (listed <= words or running) and words <= listed | BESIDE | OFFICES | _RUNNING
