"""Whether the conditions of a rule hold for one recipient, and what was seen, in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from listward.config.policy import Conditions
from listward.filters.policy.situation import Situation

ALL_ORIGINS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One condition: whether it holds (None: a fact is missing), and what was seen."""

    holds: bool | None
    words: str


@dataclass(frozen=True, slots=True)
class Match:
    """All conditions of one rule together. `holds` None: it hangs on a fact that could not be had."""

    holds: bool | None
    words: str


def match(when: Conditions, situation: Situation) -> Match:
    """Try every condition until one fails. A missing fact matters only where all the others hold."""
    unknown: list[str] = []
    held: list[str] = []
    for seen in _seen(when, situation):
        if seen.holds is False:
            return Match(False, seen.words)
        (held if seen.holds else unknown).append(seen.words)
    if unknown:
        return Match(None, "; ".join(unknown))
    return Match(True, "; ".join(held) or "it always applies")


def _seen(when: Conditions, situation: Situation) -> Iterator[Seen]:
    for given, test in _TESTS:
        if given(when):
            yield test(when, situation)


def _finding(when: Conditions, situation: Situation) -> Seen:
    found = [finding.rule for finding in situation.findings if finding.rule in when.finding]
    return Seen(bool(found), f"found {_any_of(found)}" if found else f"no finding {_any_of(when.finding)}")


def _category(when: Conditions, situation: Situation) -> Seen:
    found = [finding.rule for finding in situation.findings if finding.category in when.category]
    return Seen(bool(found), f"found {_any_of(found)}" if found else f"no finding of kind {_any_of(when.category)}")


def _score(when: Conditions, situation: Situation) -> Seen:
    test = when.score
    if test is None:
        return Seen(True, "")
    value: float = getattr(situation.scores, test.name)
    holds = value >= test.at_least
    return Seen(holds, f"{test.name} {value:.2f} is {'at least' if holds else 'below'} {test.at_least:.2f}")


def _zone(when: Conditions, situation: Situation) -> Seen:
    zone = situation.target.zone.value
    return _one_of("the recipient's zone", zone, when.zone)


def _list(when: Conditions, situation: Situation) -> Seen:
    """A list may be written as its address or as its short name."""
    address = situation.target.list
    holds = address in when.list or address.partition("@")[0] in when.list
    return Seen(holds, f"the list is {address or 'none'}")


def _origin(when: Conditions, situation: Situation) -> Seen:
    if situation.origin.undecided and len(set(when.origin)) < ALL_ORIGINS:
        return Seen(None, "who wrote this could not be established")
    return _one_of("the author", situation.origin.kind.value, when.origin)


def _role(when: Conditions, situation: Situation) -> Seen:
    if situation.origin.undecided:
        return Seen(None, "the author's role could not be established")
    return _one_of("the author's role", situation.origin.role.value if situation.origin.role else "none", when.role)


def _first_posts(when: Conditions, situation: Situation) -> Seen:
    if situation.origin.undecided:
        return Seen(None, "whether first posts are moderated could not be established")
    moderated = situation.origin.first_posts_moderated
    return Seen(moderated is when.first_posts, f"the author's first posts are {'' if moderated else 'not '}moderated")


def _one_of(what: str, value: str, wanted: tuple[str, ...]) -> Seen:
    holds = value in wanted
    return Seen(holds, f"{what} is {value}" if holds else f"{what} is {value}, not {_any_of(wanted)}")


def _any_of(values: tuple[str, ...] | list[str]) -> str:
    return " or ".join(dict.fromkeys(values))


_Given = Callable[[Conditions], bool]
_Test = Callable[[Conditions, Situation], Seen]
# Cheap and telling ones first: the first that fails is what people read.
_TESTS: tuple[tuple[_Given, _Test], ...] = (
    (lambda when: bool(when.finding), _finding),
    (lambda when: bool(when.category), _category),
    (lambda when: when.score is not None, _score),
    (lambda when: bool(when.zone), _zone),
    (lambda when: bool(when.list), _list),
    (lambda when: bool(when.origin), _origin),
    (lambda when: bool(when.role), _role),
    (lambda when: when.first_posts is not None, _first_posts),
)
