"""Many honest and many posing messages, and what changes of spelling make of them: both rates, and no exception.

`python -m pytest tests/filters/identity/test_posing_cases.py -q -rP` prints the rates.
"""

from collections.abc import Callable

import pytest
from identity_world import FixedRosters, claims, proven
from messages import build
from posing_cases import HONEST, LIST, NAME, POSING, ROSTER, Headers, organisation

from listward.filters.identity.posing import check
from listward.filters.identity.shown import CATEGORY


def _rules(from_: str, headers: Headers) -> dict[str, str]:
    """The rules that were found, each with its category."""
    parsed = claims(build(from_=None, headers=(("From", from_), *headers)))
    people = FixedRosters(*ROSTER)
    found = check(parsed, proven(parsed.author), LIST, organisation(), people)
    return {finding.rule: finding.category for finding in found}


@pytest.mark.parametrize(("from_", "headers"), HONEST, ids=[str(number) for number in range(len(HONEST))])
def test_honest_mail_is_no_finding(from_: str, headers: Headers) -> None:
    """Chosen and married names, initials, other scripts, second mailboxes, near domains: nothing is held for posing."""
    found = _rules(from_, headers)
    assert CATEGORY not in found.values(), found
    assert "several-authors" not in found


@pytest.mark.parametrize(("from_", "headers", "rule"), POSING, ids=[str(number) for number in range(len(POSING))])
def test_posing_is_found(from_: str, headers: Headers, rule: str) -> None:
    """Each way of passing for somebody else has its finding."""
    assert rule in _rules(from_, headers)


def test_the_rates() -> None:
    """Printed for the page on identity: how many of each are found."""
    honest = sum(CATEGORY in _rules(from_, headers).values() for from_, headers in HONEST)
    posing = sum(rule in _rules(from_, headers) for from_, headers, rule in POSING)
    assert len(HONEST) >= 60
    assert len(POSING) >= 60
    print(f"posing: found {posing} of {len(POSING)}, honest mail found {honest} of {len(HONEST)}")


NAMES = ("Thomas Adeyemi", "Ivan Petrov", "Sam Taylor", "Kofi Mensah", "Coast Workers Alliance")
CHANGES = {
    "upper": str.upper,
    "lower": str.lower,
    "zero width": lambda name: "\u200b".join(name),
    "joiners": lambda name: name.replace("a", "a\u2060"),
    "bidi marks": lambda name: f"\u200f{name}\u200e",
    "isolates": lambda name: f"\u2066{name}\u2069",
    "full width": lambda name: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in name),
    "cyrillic": lambda name: name.translate(str.maketrans("aeopcyx", "\u0430\u0435\u043e\u0440\u0441\u0443\u0445")),
    "digits": lambda name: name.translate(str.maketrans("oiesa", "01354")),
    "marks": lambda name: "".join(sign + "\u0323" if sign.isalpha() else sign for sign in name),
    "dots": lambda name: name.replace(" ", "."),
    "many blanks": lambda name: name.replace(" ", " \u3000 "),
    "soft hyphens": lambda name: "\u00ad".join(name),
    "stars": lambda name: f"*** {name} ***",
    "tags": lambda name: name + "\U000e0041\U000e0042",
    "stroke": lambda name: name.replace("l", "ł").replace("d", "đ"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize(
    "name", ["Thomas Adeyemi", "Ivan Petrov", "Sam Taylor", "Kofi Mensah", "Coast Workers Alliance"]
)
def test_changed_spellings_are_the_same_name(name: str, change: Callable[[str], str]) -> None:
    """No change that readers overlook makes a name of its own, for posers as for the person herself."""
    assert NAME in _rules(f'"{change(name)}" <m@evil.test>', ())
    own = {entry.name.replace(" B.", ""): entry.address for entry in ROSTER}
    if name in own:
        assert _rules(f'"{change(name)}" <{own[name]}>', ()) == {}
