"""Domains that can be taken for one of ours: other letters, one edit, another ending, our name beside a word."""

import re
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Look:
    """How a domain looks, worked out once. `whole` and `label` are of the registered name, `below` stands before it.

    What is `seen` is skeletons, so that several look-alikes do not add up.
    """

    organisation: str
    ending: str
    seen: str
    whole: str
    label: str
    label_letters: str
    label_seen: str
    parts: tuple[str, ...]
    below: frozenset[str]

    @property
    def core(self) -> str:
        """The registered label without hyphens and digits."""
        return "".join(self.parts)


@lru_cache(maxsize=4096)
def _look(domain: str) -> _Look:
    organisation = organisational_domain(domain)
    shown = unicode_domain(domain)
    registered = ".".join(shown.split(".")[-organisation.count(".") - 1 :])
    label = registered.partition(".")[0]
    below = shown.removesuffix(registered).split(".")
    return _Look(
        organisation=organisation,
        ending=public_suffix(organisation),
        seen=skeleton(shown),
        whole=skeleton(registered),
        label=label,
        label_letters=letters(label),
        label_seen=skeleton(label).replace("-", ""),
        parts=tuple(_PARTS.findall(letters(label))),
        below=frozenset(skeleton(part).replace("-", "") for part in below if part),
    )


@lru_cache(maxsize=1024)
def resembles(domain: str, ours: tuple[str, ...], friends: tuple[str, ...] = ()) -> str:
    """Return which of our domains this foreign one can be taken for, "" for none. Domains are A-labels.

    `friends` are domains that the configuration knows as others'.
    """
    if not domain or is_within(domain, ours) or is_within(domain, friends):
        return ""
    look = _look(domain)
    return next((own for own in ours if _alike(look, _look(own))), "")


def shows(text: str, ours: tuple[str, ...]) -> str:
    """Return which of our domains stands written out in a local part, "" for none: "ana.party.example" before the @."""
    plain = re.sub(r"[^a-z0-9]+", ".", letters(text))
    return next((own for own in ours if own.count(".") and f".{plain}.".find(f".{own.replace('-', '.')}.") >= 0), "")


def _alike(theirs: _Look, own: _Look) -> bool:
    """Whether one registered name can be taken for the other."""
    if _holds(theirs.seen, own.seen) or _holds(theirs.seen, own.whole):
        return True
    if theirs.organisation == own.organisation:
        return False
    if theirs.whole == own.whole:
        return True
    if len(own.label) >= LABEL_LETTERS and _is_near(theirs, own):
        return True
    return len(own.label) >= _SHORTEST and _has_something_beside(theirs, own)


def _is_near(theirs: _Look, own: _Look) -> bool:
    """Whether our name stands there with another ending or below somebody else's, or one edit away with the same."""
    if own.label_seen == theirs.label_seen or own.label_seen in theirs.below:
        return True
    return theirs.ending == own.ending and _one_edit(theirs.label_letters, own.label_letters)


def _holds(seen: str, own: str) -> bool:
    """Whether our whole name stands within theirs: party.example.attack.net, party-example.net, partyexample.net."""
    dotted = f".{seen}."
    if f".{own}." in dotted and not dotted.endswith(f".{own}."):
        return True
    tokens, wanted = dotted.replace(".", "-"), f"-{own.replace('.', '-')}-"
    if wanted in tokens and not tokens.endswith(wanted):
        return True
    squeezed = own.replace(".", "").replace("-", "")
    return len(squeezed) >= 2 * LABEL_LETTERS and any(squeezed in label.replace("-", "") for label in seen.split("."))


def _has_something_beside(theirs: _Look, own: _Look) -> bool:
    """Whether the label is ours with a word beside it that says nothing: party-mail, mailparty, my-party-2026."""
    joined, mine = theirs.core, own.core
    if joined == mine:
        return theirs.label != own.label and len(mine) >= LABEL_LETTERS
    if "".join(part for part in theirs.parts if part not in _BESIDE) == mine:
        return True
    beside = {joined.removeprefix(mine), joined.removesuffix(mine)} - {joined}
    return len(mine) >= LABEL_LETTERS and not beside.isdisjoint(_BESIDE)


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
