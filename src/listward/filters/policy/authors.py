"""Conditions on who wrote a message. What hangs on a fact that could not be had is open, never a pass."""

from listward.config.conditions import Conditions
from listward.filters.identity.origin import Basis
from listward.filters.policy.seen import Fact, Seen, Test, any_of, one_of
from listward.filters.policy.situation import Situation

ALL_ORIGINS = 5
_UNCONFIRMED = Seen(False, "nobody could confirm the author")


def origin(when: Conditions) -> Test:
    """How sure we are of the author."""
    unless_all = len(set(when.origin)) < ALL_ORIGINS

    def test(situation: Situation) -> Seen:
        if situation.origin.undecided and unless_all:
            return _open(situation, "who wrote this")
        return one_of("the author", situation.origin.kind.value, when.origin)

    return test


def author(when: Conditions) -> Test:
    """Whose address it is: one of these, or in one of these domains ("@party.example"). It must be proven."""

    def test(situation: Situation) -> Seen:
        address = situation.origin.address.lower()
        if (seen := _confirmed(situation)) is not None:
            return seen
        domain = f"@{address.rpartition('@')[2]}"
        holds = address in when.author or domain in when.author
        return Seen(holds, f"the author is {'' if holds else 'not '}{any_of(when.author)}")

    return test


def group(when: Conditions) -> Test:
    """Which of the organisation's groups the author is in. It must be proven: who is in one is nobody else's matter."""

    def test(situation: Situation) -> Seen:
        if (seen := _confirmed(situation)) is not None:
            return seen
        found = [name for name in when.group if name in situation.groups]
        if found:
            return Seen(True, f"the author is in the group {any_of(found)}")
        return Seen(False, f"the author is not in the group {any_of(when.group)}")

    return test


def role(when: Conditions) -> Test:
    """What the roster says the author is."""

    def test(situation: Situation) -> Seen:
        if situation.origin.undecided:
            return _open(situation, "the author's role")
        found = situation.origin.role
        return one_of("the author's role", found.value if found else "none", when.role)

    return test


def first_posts(when: Conditions) -> Test:
    """Whether the roster wants this person's first posts read."""

    def test(situation: Situation) -> Seen:
        if situation.origin.undecided:
            return _open(situation, "whether first posts are moderated")
        moderated = situation.origin.first_posts_moderated
        words = f"the author's first posts are {'' if moderated else 'not '}moderated"
        return Seen(moderated is when.first_posts, words)

    return test


def _confirmed(situation: Situation) -> Seen | None:
    """What is seen of an author who is not proven, None where the author is."""
    if situation.origin.undecided:
        return _open(situation, "who wrote this")
    return None if situation.origin.kind.authenticated else _UNCONFIRMED


def _open(situation: Situation, what: str) -> Seen:
    lacks = Fact.ROSTER if situation.origin.basis is Basis.NO_ROSTER else Fact.DNS
    return Seen(None, f"{what} could not be established", lacks)
