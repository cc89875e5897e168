"""Domains that can be taken for one of ours: other letters, one edit, another ending, our name beside a word."""

import re
from functools import lru_cache

from listward.filters.identity.domains import is_within, organisational_domain, public_suffix, unicode_domain
from listward.filters.identity.lookalikes import letters, skeleton

LABEL_LETTERS = 5
"""Shorter labels have too many honest neighbours for one edit or another ending to mean anything."""
_SHORTEST = 3
_PARTS = re.compile(r"[^-\d]+")
_WORDS_BESIDE = """
    a account accounts admin administration alert alerts app apps auth ballot billing board bulletin campaign central
    chair cloud com committee conference congress connect contact dept desk direct docs donate donation donations dues
    email en es eu finance forum forums global go group groups headquarters help helpdesk home hq id info int
    international intl invoice join leadership list lists live login mail mailer mailing mails mailserver media meet
    member members membership message messages mobile mx my national net network new news newsletter notice notices
    notify now office official online org pay payment payments portal post press pro register reply report reports
    safe secretary secure security server service services share shop signin site smtp staff store support survey sys
    system team the tech treasurer treasury uk update updates us usa user users verify vote voting web webmail world
    www
"""
_BESIDE = frozenset(_WORDS_BESIDE.split())


@lru_cache(maxsize=1024)
def resembles(domain: str, ours: tuple[str, ...], friends: tuple[str, ...] = ()) -> str:
    """Return which of our domains this foreign one can be taken for, "" for none. Domains are A-labels.

    `friends` are domains that the configuration knows as others'.
    """
    if not domain or is_within(domain, ours) or is_within(domain, friends):
        return ""
    return next((own for own in ours if _alike(domain, own)), "")


def shows(text: str, ours: tuple[str, ...]) -> str:
    """Return which of our domains stands written out in a local part, "" for none: "ana.party.example" before the @."""
    plain = re.sub(r"[^a-z0-9]+", ".", letters(text))
    return next((own for own in ours if own.count(".") and f".{plain}.".find(f".{own.replace('-', '.')}.") >= 0), "")


def _alike(domain: str, own: str) -> bool:
    """Whether one registered name can be taken for the other."""
    theirs, mine = organisational_domain(domain), organisational_domain(own)
    shown, plain = unicode_domain(theirs), unicode_domain(mine)
    if _holds(unicode_domain(domain), unicode_domain(own)) or _holds(unicode_domain(domain), plain):
        return True
    if theirs == mine:
        return False
    if skeleton(shown) == skeleton(plain) or _is_below(domain, theirs, _label(plain)):
        return True
    return _label_alike(_label(shown), _label(plain), same_ending=public_suffix(theirs) == public_suffix(mine))


def _is_below(domain: str, theirs: str, own: str) -> bool:
    """Whether our name stands as a label below somebody else's: party.attack.net."""
    below = unicode_domain(domain.removesuffix(theirs)).split(".")
    return len(own) >= LABEL_LETTERS and any(skeleton(label) == skeleton(own) for label in below)


def _holds(shown: str, own: str) -> bool:
    """Whether our whole name stands within theirs: party.example.attack.net, party-example.net, partyexample.net."""
    within, whole = f".{skeleton(shown)}.", skeleton(own)
    if within.find(f".{whole}.") >= 0 and not within.endswith(f".{whole}."):
        return True
    squeezed = whole.replace(".", "").replace("-", "")
    if len(squeezed) < 2 * LABEL_LETTERS:
        return any(label.startswith(whole.replace(".", "-")) for label in within.split("."))
    return any(squeezed in label.replace("-", "") for label in within.split("."))


def _label_alike(label: str, own: str, *, same_ending: bool) -> bool:
    """Whether one label, without its ending, can be taken for the other."""
    # Skeletons first, so that several look-alikes do not add up; one edit only under the same ending.
    if len(own) >= LABEL_LETTERS:
        if skeleton(label).replace("-", "") == skeleton(own).replace("-", ""):
            return True
        if same_ending and _one_edit(letters(label), letters(own)):
            return True
    return len(own) >= _SHORTEST and _with_something_beside(label, own)


def _with_something_beside(label: str, own: str) -> bool:
    """Whether the label is ours with a word beside it that says nothing: party-mail, mailparty, my-party-2026."""
    parts, mine = _PARTS.findall(letters(label)), "".join(_PARTS.findall(letters(own)))
    joined = "".join(parts)
    if joined == mine:
        return label != own and len(mine) >= LABEL_LETTERS
    if "".join(part for part in parts if part not in _BESIDE) == mine:
        return True
    beside = {joined.removeprefix(mine), joined.removesuffix(mine)} - {joined}
    return len(mine) >= LABEL_LETTERS and not beside.isdisjoint(_BESIDE)


def _label(domain: str) -> str:
    return domain.partition(".")[0]


def _one_edit(one: str, other: str) -> bool:
    """Whether one letter added, left out, changed, or two neighbours swapped make one of the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    if one == other:
        return True
    same = next((at for at, letter in enumerate(one) if letter != other[at]), len(one))
    rest, other_rest = one[same:], other[same:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    swapped = rest[:2] == other_rest[:2][::-1] and rest[2:] == other_rest[2:]
    return swapped or rest[1:] == other_rest[1:]
