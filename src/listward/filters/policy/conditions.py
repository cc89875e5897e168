"""Whether the conditions of a rule hold for one recipient, and what was seen, in words.

Conditions are compiled once per policy: a message meets some thirty rules for each recipient.
"""

from collections.abc import Callable

from listward.config.conditions import Asked, Conditions, ScoreTest
from listward.filters.policy import authors, measures
from listward.filters.policy.seen import ALWAYS, Seen, Test, any_of, one_of
from listward.filters.policy.situation import Situation


def compiled(when: Conditions) -> Test:
    """Return the test of all conditions together; `holds` is None where it hangs on a fact that could not be had."""
    tests = tuple(make(when) for given, make in _MAKERS if given(when))
    return tests[0] if len(tests) == 1 else lambda situation: _all(tests, situation)


def without_finding(when: Conditions) -> Seen | None:
    """What is seen, whatever else is true, where none of the findings that a rule is about is there.

    None where the rule is about no finding.
    """
    return Seen(False, f"no finding {any_of(when.finding)}") if when.finding else None


def _all(tests: tuple[Test, ...], situation: Situation) -> Seen:
    """Try every condition until one fails. A missing fact matters only where all the others hold."""
    unknown: list[Seen] = []
    held: list[str] = []
    for test in tests:
        seen = test(situation)
        if seen.holds is False:
            return seen
        if seen.holds is None:
            unknown.append(seen)
        else:
            held.append(seen.words)
    if unknown:
        return Seen(None, "; ".join(seen.words for seen in unknown), unknown[0].lacks)
    return Seen(True, "; ".join(held)) if held else ALWAYS


def asking(when: Conditions, unless: Conditions | None) -> Test:
    """Return the test of a whole rule: all of `when`, and not all of `unless`."""
    holds = compiled(when)
    if unless is None:
        return holds
    excepted = compiled(unless)

    def test(situation: Situation) -> Seen:
        seen = holds(situation)
        if seen.holds is False:
            return seen
        exception = excepted(situation)
        if exception.holds:
            return Seen(False, f"excepted: {exception.words}")
        return seen if exception.holds is False or seen.holds is None else exception

    return test


def _finding(when: Conditions) -> Test:
    wanted = frozenset(when.finding)
    missing = without_finding(when)

    def test(situation: Situation) -> Seen:
        if missing and wanted.isdisjoint(situation.rules):
            return missing
        return Seen(True, f"found {any_of(name for name in when.finding if name in situation.rules)}")

    return test


def _category(when: Conditions) -> Test:
    wanted = frozenset(when.category)
    missing = Seen(False, f"no finding of kind {any_of(when.category)}")

    def test(situation: Situation) -> Seen:
        if wanted.isdisjoint(situation.categories):
            return missing
        found = (finding.rule for finding in situation.findings if finding.category in wanted)
        return Seen(True, f"found {any_of(found)}")

    return test


def _phrases(when: Conditions) -> Test:
    wanted = {f"phrases-{name}": name for name in when.phrases}
    missing = Seen(False, f"no words of the list {any_of(when.phrases)}")

    def test(situation: Situation) -> Seen:
        found = [name for finding, name in wanted.items() if finding in situation.rules]
        counting = [name for name in found if name not in situation.ended]
        if found and not counting:
            return Seen(False, f"it has words of the list {any_of(found)}, which has expired")
        return Seen(True, f"it has words of the list {any_of(counting)}") if counting else missing

    return test


def _asked(wanted: tuple[Asked, ...], where: str, shown: tuple[str, ...]) -> Test:
    """Readers have looked for the patterns already."""
    names = frozenset(asked.name for asked in wanted)
    missing = Seen(False, f"nothing in {where} is like {any_of(shown)}")

    def test(situation: Situation) -> Seen:
        found = [text for asked, text in zip(wanted, shown, strict=True) if asked.name in situation.rules]
        return Seen(True, f"{where} has something like {any_of(found)}") if names & situation.rules else missing

    return test


def _score(when: Conditions) -> Test:
    bound = when.score or ScoreTest(name="spam", at_least=0)

    def test(situation: Situation) -> Seen:
        value: float = getattr(situation.scores, bound.name)
        holds = value >= bound.at_least
        digits = max(2, len(f"{bound.at_least:g}".partition(".")[2]))  # 0.995 is not "1.00"
        relation = "at least" if holds else "below"
        return Seen(holds, f"{bound.name} {value:.{digits}f} is {relation} {bound.at_least:.{digits}f}")

    return test


def _zone(when: Conditions) -> Test:
    return lambda situation: one_of("the recipient's zone", situation.target.zone.value, when.zone)


def _list(when: Conditions) -> Test:
    """A list may be written as its address or as its short name."""

    def test(situation: Situation) -> Seen:
        address = situation.target.list
        holds = address in when.list or address.partition("@")[0] in when.list
        return Seen(holds, f"the list is {address or 'none'}")

    return test


_Maker = Callable[[Conditions], Test]
# Cheap and telling ones first: the first that fails is what people read.
_MAKERS: tuple[tuple[Callable[[Conditions], bool], _Maker], ...] = (
    (lambda when: bool(when.finding), _finding),
    (lambda when: bool(when.category), _category),
    (lambda when: bool(when.phrases), _phrases),
    (lambda when: bool(when.subject), lambda when: _asked(when.in_subject, "the subject", when.subject)),
    (lambda when: bool(when.text), lambda when: _asked(when.in_text, "the text", when.text)),
    (lambda when: bool(when.header), lambda when: _asked(when.in_header, "the header", when.header_shown)),
    (lambda when: when.score is not None, _score),
    (lambda when: when.size is not None, measures.size),
    (lambda when: when.count is not None, measures.count),
    (lambda when: when.time is not None, measures.time),
    (lambda when: bool(when.zone), _zone),
    (lambda when: bool(when.list), _list),
    (lambda when: bool(when.origin), authors.origin),
    (lambda when: bool(when.author), authors.author),
    (lambda when: bool(when.group), authors.group),
    (lambda when: bool(when.role), authors.role),
    (lambda when: when.first_posts is not None, authors.first_posts),
)
