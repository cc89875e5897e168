"""What the machine may do to whom, whatever the policy says."""

from typing import Any

import pytest
from policy_bench import finding, make_policy, origin, scores, situation, target

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action
from listward.filters.policy.engine import decide
from listward.filters.routing.kinds import Kind

ASKS = finding("asks-for-money", "solicitation")
PROGRAM = finding("executable-attachment", "malware")


def taken(rule: dict[str, Any], **facts: Any) -> Action:
    """The action of one rule for one author."""
    return decide(make_policy(rule), situation(ASKS, PROGRAM, scores=scores(spam=1.0), **facts)).action


@pytest.mark.parametrize("kind", [OriginKind.MEMBER, OriginKind.INTERNAL])
@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"when": {"category": ["solicitation"]}},
        {"when": {"score": {"name": "spam", "at_least": 0.5}}},
        {"stage": "safety", "when": {"category": ["solicitation"]}},
        {"stage": "safety", "when": {"finding": ["asks-for-money"]}},
        {"stage": "identity", "when": {"score": {"name": "spam", "at_least": 0.5}}},
        {"mode": "enforce", "when": {"category": ["solicitation"]}},
        {"when": {"category": ["solicitation"], "origin": ["member", "internal"]}},
    ],
)
def test_members_are_never_refused_for_what_a_text_says(rule: dict[str, Any], kind: OriginKind) -> None:
    """A refusal of a member's text becomes a hold, in whatever stage the rule hides; strangers may be refused."""
    assert taken({**rule, "action": "reject"}, origin=origin(kind)) is Action.HOLD
    if "origin" not in rule.get("when", {}):
        assert taken({**rule, "action": "reject"}, origin=origin(OriginKind.UNPROVEN)) is Action.REJECT


def test_the_committee_may_opt_in_by_writing_it_down() -> None:
    """Mode and origin both in the file: only then a content rule refuses that kind of author."""
    rule = {"action": "reject", "mode": "enforce", "when": {"category": ["solicitation"], "origin": ["member"]}}
    assert taken(rule, origin=origin(OriginKind.MEMBER)) is Action.REJECT


@pytest.mark.parametrize("kind", [OriginKind.MEMBER, OriginKind.INTERNAL])
def test_members_may_be_refused_for_facts(kind: OriginKind) -> None:
    """An outside address, a harmful file or a loop is a fact, not an opinion on a text."""
    for stage, when in (("routing", {}), ("safety", {"finding": ["executable-attachment"]}), ("identity", {})):
        assert taken({"stage": stage, "action": "reject", "when": when}, origin=origin(kind)) is Action.REJECT


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (OriginKind.MEMBER, Action.HOLD),
        (OriginKind.INTERNAL, Action.HOLD),
        (OriginKind.KNOWN, Action.HOLD),
        (OriginKind.UNPROVEN, Action.DISCARD),
        (OriginKind.FORGED, Action.DISCARD),
    ],
)
def test_no_known_author_is_dropped(kind: OriginKind, action: Action) -> None:
    """A discard never touches an authenticated author."""
    assert taken({"action": "discard"}, origin=origin(kind)) is action


def test_our_own_addresses_hold_nothing() -> None:
    """Appeals and reports always arrive; only a file that runs is refused, since there is no list to hold it for."""
    own = target(Kind.OWN)
    broad = {"stage": "safety", "action": "hold", "when": {"category": ["malware"]}}
    named = {"stage": "safety", "action": "hold", "when": {"finding": ["executable-attachment"]}}
    assert taken(broad, target=own) is Action.ACCEPT
    assert taken(named, target=own) is Action.REJECT
    assert (
        taken({"stage": "safety", "action": "discard"}, target=own, origin=origin(OriginKind.UNPROVEN)) is Action.ACCEPT
    )


def test_reasons_for_less_are_written_down() -> None:
    """Where the machine does less than a rule asked, the outcome says why."""
    found = decide(make_policy({"action": "reject"}), situation(ASKS))
    assert "never refused by machine" in found.outcomes[0].observed
