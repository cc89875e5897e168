"""What would alter a verdict is found by trying, the smallest change first."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from policy_bench import finding, make_policy, origin, scores, shipped_policy, situation

from listward.config.policy import Policy
from listward.filters.findings import Evidence
from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action
from listward.filters.policy.alternatives import MOST_TOGETHER, alternatives
from listward.filters.policy.engine import decide
from listward.filters.policy.situation import Situation

MONEY = {"name": "money", "when": {"finding": ["asks"]}}
LIKELY = {"name": "likely", "when": {"score": {"name": "solicitation", "at_least": 0.7}}}
STRANGERS = {"name": "strangers", "stage": "identity", "when": {"origin": ["known"]}}
SHIPPED = shipped_policy()


def said(policy: Policy, what: Situation) -> list[tuple[tuple[str, ...], Action]]:
    """The alternatives as pairs."""
    return [(each.changes, each.action) for each in alternatives(policy, what)]


def test_one_finding_may_decide() -> None:
    """Then that alone is named, and the rule behind it."""
    assert said(make_policy(MONEY), situation(finding("asks"), finding("other"))) == [
        (("without the finding asks",), Action.ACCEPT),
        (("with the rule money switched off",), Action.ACCEPT),
    ]


def test_a_near_score_is_named_with_its_bound() -> None:
    """In both directions."""
    policy = make_policy(LIKELY)
    assert said(policy, situation(scores=scores(solicitation=0.72)))[0] == (
        ("if the score solicitation were below 0.7 and not 0.72",),
        Action.ACCEPT,
    )
    assert said(policy, situation(scores=scores(solicitation=0.6))) == [
        (("if the score solicitation were at least 0.7 and not 0.60",), Action.HOLD)
    ]


def test_what_decides_together_is_changed_together() -> None:
    """As few changes as are needed, and no more."""
    policy = make_policy(MONEY, LIKELY, STRANGERS)
    what = situation(finding("asks"), scores=scores(solicitation=0.9), origin=origin(OriginKind.KNOWN))
    found = said(policy, what)
    assert (
        (
            "if the score solicitation were below 0.7 and not 0.90",
            "without the finding asks",
            "if a member had written it",
        ),
        Action.ACCEPT,
    ) in found
    assert {len(changes) for changes, _ in found[:-1]} == {3}
    assert found[-1] == (("with the rules likely, money and strangers switched off",), Action.ACCEPT)


def test_what_changes_nothing_is_not_named() -> None:
    """Where no change of these would help, nothing is made up."""
    assert said(make_policy({"when": {}}), situation(finding("other"))) == [
        (("with the rule rule-0 switched off",), Action.ACCEPT)
    ]


@given(
    st.lists(st.sampled_from(["personal-appeal", "encrypted-archive", "from-is-list", "automatic-reply"]), unique=True),
    st.sampled_from(list(OriginKind)),
    st.floats(0, 1),
)
def test_each_alternative_is_another_verdict(names: list[str], kind: OriginKind, spam: float) -> None:
    """And there is always one for mail that a rule of the policy stops."""
    values: dict[str, Any] = {"origin": origin(kind), "scores": scores(spam=spam)}
    what = situation(*(finding(name) for name in names), **values)
    action = decide(SHIPPED, what).action
    found = alternatives(SHIPPED, what)
    assert all(each.action is not action and 1 <= len(each.changes) <= MOST_TOGETHER for each in found)
    assert found or action is Action.ACCEPT


def test_words_that_a_rule_looks_for_are_named_by_themselves() -> None:
    """The name of such a finding is a number that says nothing to anybody."""
    sale = {"name": "sale", "when": {"finding": ["pattern-1"]}}
    words = Evidence("subject", 0, 4, "Sofa\n for sale")
    found = replace(finding("pattern-1", category="pattern"), evidence=(words,))
    assert said(make_policy(sale), situation(found))[0] == (("without the words “Sofa for sale”",), Action.ACCEPT)
