"""Whether the conditions of a rule hold for one recipient, and what was seen, in words.

Conditions are compiled once per policy: a message meets some thirty rules for each recipient.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from listward.config.policy import Conditions, ScoreTest
from listward.filters.policy.situation import Situation

ALL_ORIGINS = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether something holds (None: a fact is missing), and what was seen."""

    holds: bool | None
    words: str


Test = Callable[[Situation], Seen]
ALWAYS = Seen(True, "it always applies")


def compiled(when: Conditions) -> Test:
    """Return the test of all conditions together; `holds` is None where it hangs on a fact that could not be had."""
    tests = tuple(make(when) for given, make in _MAKERS if given(when))
    return tests[0] if len(tests) == 1 else lambda situation: _all(tests, situation)


def without_finding(when: Conditions) -> Seen | None:
    """What is seen, whatever else is true, where none of the findings that a rule is about is there.

    None where the rule is about no finding.
    """
    return Seen(False, f"no finding {_any_of(when.finding)}") if when.finding else None


def _all(tests: tuple[Test, ...], situation: Situation) -> Seen:
    """Try every condition until one fails. A missing fact matters only where all the others hold."""
    unknown: list[str] = []
    held: list[str] = []
    for test in tests:
        seen = test(situation)
        if seen.holds is False:
            return seen
        (held if seen.holds else unknown).append(seen.words)
    if unknown:
        return Seen(None, "; ".join(unknown))
    return Seen(True, "; ".join(held)) if held else ALWAYS


def _finding(when: Conditions) -> Test:
    wanted = frozenset(when.finding)
    missing = without_finding(when)

    def test(situation: Situation) -> Seen:
        if missing and wanted.isdisjoint(situation.rules):
            return missing
        return Seen(True, f"found {_any_of(name for name in when.finding if name in situation.rules)}")

    return test


def _category(when: Conditions) -> Test:
    wanted = frozenset(when.category)
    missing = Seen(False, f"no finding of kind {_any_of(when.category)}")

    def test(situation: Situation) -> Seen:
        if wanted.isdisjoint(situation.categories):
            return missing
        found = (finding.rule for finding in situation.findings if finding.category in wanted)
        return Seen(True, f"found {_any_of(found)}")

    return test


def _score(when: Conditions) -> Test:
    bound = when.score or ScoreTest(name="spam", at_least=0)

    def test(situation: Situation) -> Seen:
        value: float = getattr(situation.scores, bound.name)
        holds = value >= bound.at_least
        return Seen(holds, f"{bound.name} {value:.2f} is {'at least' if holds else 'below'} {bound.at_least:.2f}")

    return test


def _zone(when: Conditions) -> Test:
    return lambda situation: _one_of("the recipient's zone", situation.target.zone.value, when.zone)


def _list(when: Conditions) -> Test:
    """A list may be written as its address or as its short name."""

    def test(situation: Situation) -> Seen:
        address = situation.target.list
        holds = address in when.list or address.partition("@")[0] in when.list
        return Seen(holds, f"the list is {address or 'none'}")

    return test


def _origin(when: Conditions) -> Test:
    unless_all = len(set(when.origin)) < ALL_ORIGINS

    def test(situation: Situation) -> Seen:
        if situation.origin.undecided and unless_all:
            return Seen(None, "who wrote this could not be established")
        return _one_of("the author", situation.origin.kind.value, when.origin)

    return test


def _role(when: Conditions) -> Test:
    def test(situation: Situation) -> Seen:
        if situation.origin.undecided:
            return Seen(None, "the author's role could not be established")
        role = situation.origin.role
        return _one_of("the author's role", role.value if role else "none", when.role)

    return test


def _first_posts(when: Conditions) -> Test:
    def test(situation: Situation) -> Seen:
        if situation.origin.undecided:
            return Seen(None, "whether first posts are moderated could not be established")
        moderated = situation.origin.first_posts_moderated
        words = f"the author's first posts are {'' if moderated else 'not '}moderated"
        return Seen(moderated is when.first_posts, words)

    return test


@lru_cache(maxsize=4096)
def _one_of(what: str, value: str, wanted: tuple[str, ...]) -> Seen:
    if value in wanted:
        return Seen(True, f"{what} is {value}")
    return Seen(False, f"{what} is {value}, not {_any_of(wanted)}")


def _any_of(values: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(values))


_Maker = Callable[[Conditions], Test]
# Cheap and telling ones first: the first that fails is what people read.
_MAKERS: tuple[tuple[Callable[[Conditions], bool], _Maker], ...] = (
    (lambda when: bool(when.finding), _finding),
    (lambda when: bool(when.category), _category),
    (lambda when: when.score is not None, _score),
    (lambda when: bool(when.zone), _zone),
    (lambda when: bool(when.list), _list),
    (lambda when: bool(when.origin), _origin),
    (lambda when: bool(when.role), _role),
    (lambda when: when.first_posts is not None, _first_posts),
)
