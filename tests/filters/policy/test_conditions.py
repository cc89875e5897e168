"""When the conditions of a rule hold."""

from typing import Any

import pytest
from policy_bench import finding, origin, scores, situation, target

from listward.config.conditions import Conditions
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.policy.conditions import Seen, compiled
from listward.filters.policy.situation import Situation
from listward.filters.routing.kinds import Zone

ASKS = finding("asks-for-money", "solicitation")


def seen(when: dict[str, Any], facts: Situation) -> Seen:
    """Try the conditions."""
    return compiled(Conditions.model_validate(when))(facts)


@pytest.mark.parametrize(
    ("when", "facts", "words"),
    [
        ({}, situation(), "it always applies"),
        ({"finding": ["x", "asks-for-money"]}, situation(ASKS), "found asks-for-money"),
        ({"category": ["solicitation"]}, situation(ASKS, ASKS), "found asks-for-money"),
        ({"origin": ["member"]}, situation(), "the author is member"),
        ({"role": ["banned"]}, situation(origin=origin(role=Role.BANNED)), "the author's role is banned"),
        ({"zone": ["members"]}, situation(), "the recipient's zone is members"),
        ({"list": ["MEMBERS@party.example"]}, situation(), "the list is members@party.example"),
        ({"list": ["members"]}, situation(), "the list is members@party.example"),
        (
            {"score": {"name": "spam", "at_least": 0.9}},
            situation(scores=scores(spam=0.9)),
            "spam 0.90 is at least 0.90",
        ),
        (
            {"first_posts": True},
            situation(origin=origin(first_posts_moderated=True)),
            "the author's first posts are moderated",
        ),
        ({"first_posts": False}, situation(), "the author's first posts are not moderated"),
    ],
)
def test_conditions_that_hold(when: dict[str, Any], facts: Situation, words: str) -> None:
    """Each kind of condition holds on its fact, and says what it saw."""
    assert seen(when, facts) == Seen(True, words)


@pytest.mark.parametrize(
    ("when", "facts", "words"),
    [
        ({"finding": ["x", "y"]}, situation(ASKS), "no finding x or y"),
        ({"category": ["abuse"]}, situation(ASKS), "no finding of kind abuse"),
        ({"origin": ["known", "unproven"]}, situation(), "the author is member, not known or unproven"),
        ({"role": ["banned"]}, situation(origin=origin(OriginKind.KNOWN)), "the author's role is none, not banned"),
        (
            {"zone": ["public"]},
            situation(target=target(zone=Zone.MEMBERS)),
            "the recipient's zone is members, not public",
        ),
        ({"list": ["board"]}, situation(), "the list is members@party.example"),
        ({"score": {"name": "spam", "at_least": 0.9}}, situation(), "spam 0.00 is below 0.90"),
        ({"score": {"name": "spam", "at_least": 0.995}}, situation(), "spam 0.000 is below 0.995"),
        ({"first_posts": True}, situation(), "the author's first posts are not moderated"),
        ({"finding": ["asks-for-money"], "origin": ["known"]}, situation(ASKS), "the author is member, not known"),
    ],
)
def test_conditions_that_fail(when: dict[str, Any], facts: Situation, words: str) -> None:
    """The first condition that fails is the one people read."""
    assert seen(when, facts) == Seen(False, words)


@pytest.mark.parametrize("when", [{"origin": ["member"]}, {"role": ["banned"]}, {"first_posts": True}])
def test_a_missing_fact_is_neither_yes_nor_no(when: dict[str, Any]) -> None:
    """Where the author could not be established, what depends on the author is open."""
    lost = situation(ASKS, origin=origin(OriginKind.UNPROVEN, undecided=True))
    assert seen(when, lost).holds is None
    assert seen({**when, "finding": ["asks-for-money"]}, lost).holds is None


def test_a_missing_fact_does_not_matter_where_another_fails() -> None:
    """Nothing waits for an answer that could change nothing."""
    lost = situation(origin=origin(OriginKind.UNPROVEN, undecided=True))
    everybody = ["forged", "internal", "member", "known", "unproven"]
    assert seen({"origin": ["member"], "finding": ["asks-for-money"]}, lost).holds is False
    assert seen({"origin": everybody}, lost).holds is True
    assert seen({"zone": ["members"]}, lost).holds is True
