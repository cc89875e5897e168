"""Display names as they compare: the same words in any order are the same name to whoever reads them."""

import re
from functools import lru_cache

from listward.filters.identity.lookalikes import letters

NameKey = tuple[str, ...]
"""The words of a name, sorted, in the shape that people see; () where it has none of its own."""

_COMMENT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_WORD = re.compile(r"[^\W_]+")
# Signs that pass for one another in a name; "j" and "i" do not: Jan is not Ian.
_ALIKE = str.maketrans(
    {"0": "o", "1": "l", "|": "l", "!": "l", "i": "l", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"}
)
_TITLES = "mr mrs ms miss mx dr prof sir dame sr sra srta herr frau don"
_FILLERS = "the a of for from and our your de del la las el los der die das des du le les von"
_OFFICES = """
    board chair chairman chairwoman chairperson president presidency secretary secretariat treasurer committee
    leadership executive moderator moderators administrator administration junta presidente presidenta presidencia
    secretaria secretario tesorero tesorera tesoreria comite vorstand vorsitz vorsitzende vorsitzender schatzmeister
    schatzmeisterin sekretariat bureau presidence tresorier tresoriere secretaire
"""
_ANY_PARTY = "party partido partei parti organisation organization"


def _shape(text: str) -> str:
    return letters(text).translate(_ALIKE).replace("rn", "m").replace("vv", "w")


def _shapes(words: str) -> frozenset[str]:
    return frozenset(map(_shape, words.split()))


TITLES, FILLERS = _shapes(_TITLES), _shapes(_FILLERS)
OFFICES, ANY_PARTY = _shapes(_OFFICES), _shapes(_ANY_PARTY)


@lru_cache(maxsize=1024)
def words_of(name: str) -> frozenset[str]:
    """Every word of two or more letters, in the shape that people see."""
    return frozenset(word for word in _WORD.findall(_shape(name)) if len(word) > 1)


def key(name: str) -> NameKey:
    """The name without initials, titles and office."""
    return tuple(sorted(words_of(name) - TITLES - OFFICES))


@lru_cache(maxsize=1024)
def readings(name: str) -> frozenset[NameKey]:
    """The name with and without what stands in brackets; only where it has two words: one is everybody's."""
    bare = _COMMENT.sub(" ", name)
    return frozenset(found for found in (key(name), key(bare)) if len(found) > 1)


@lru_cache(maxsize=64)
def keys_of_all(names: frozenset[str]) -> frozenset[NameKey]:
    """The readings of a whole roster; a roster stays the same until its file changes."""
    return frozenset(found for name in names for found in readings(name))


@lru_cache(maxsize=1024)
def claims_to_speak(name: str, organisation: str) -> bool:
    """Whether the name is the organisation's own or that of an office of it, and nobody's besides."""
    words = words_of(_COMMENT.sub(" ", name)) - FILLERS or words_of(name) - FILLERS
    ours = words_of(organisation) - FILLERS
    if ours and words == ours:
        return True
    return bool(words & OFFICES and words & (ours | ANY_PARTY)) and words <= ours | OFFICES | ANY_PARTY
