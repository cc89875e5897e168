"""Names and domains that look like others: one skeleton for what people cannot tell apart."""

import unicodedata
from functools import lru_cache

from listward.filters.identity.domains import is_within, organisational_domain, public_suffix, unicode_domain
from listward.filters.message.normalise import fold

LABEL_LETTERS = 5
"""Shorter labels have too many honest neighbours for one edit to mean anything."""

_PAIRS = (("0", "o"), ("1", "l"), ("rn", "m"), ("vv", "w"), ("cl", "d"), ("l", "i"), ("j", "i"))


def letters(text: str) -> str:
    """Return the text with look-alike letters of other scripts as Latin ones, without case or accents."""
    folded = str(fold(text)).casefold()
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFD", folded)
    return unicodedata.normalize("NFC", "".join(mark for mark in apart if not unicodedata.combining(mark)))


def skeleton(label: str) -> str:
    """Return what a domain label looks like at a glance; equal skeletons are easily taken for each other."""
    text = letters(label)
    for pair, single in _PAIRS:
        text = text.replace(pair, single)
    return text


@lru_cache(maxsize=1024)
def resembles(domain: str, ours: tuple[str, ...]) -> str:
    """Return which of our domains this foreign one can be taken for, "" for none. Domains are A-labels."""
    if not domain or is_within(domain, ours):
        return ""
    return next((own for own in ours if _alike(domain, own)), "")


def _alike(domain: str, own: str) -> bool:
    """Whether one registered name can be taken for the other."""
    # Our whole name in front of theirs: party.example.attack.example.
    if f".{domain}".find(f".{own}.") >= 0:
        return True
    theirs, mine = organisational_domain(domain), organisational_domain(own)
    if theirs == mine:
        return False
    shown, plain = unicode_domain(theirs), unicode_domain(mine)
    if skeleton(shown) == skeleton(plain):
        return True
    # One edit within the label under the same suffix; skeletons first, so that several look-alikes do not add up.
    if public_suffix(theirs) != public_suffix(mine):
        return False
    label, own_label = _label(shown), _label(plain)
    return len(own_label) >= LABEL_LETTERS and _one_edit(label, own_label)


def _label(domain: str) -> str:
    return domain.partition(".")[0]


def _one_edit(one: str, other: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped make one of the other."""
    if len(one) > len(other):
        one, other = other, one
    if one == other or len(other) - len(one) > 1:
        return False
    same = next((at for at, letter in enumerate(one) if letter != other[at]), len(one))
    rest, other_rest = one[same:], other[same:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    swapped = rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:]
    return swapped or rest[1:] == other_rest[1:]
