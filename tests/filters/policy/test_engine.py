"""Findings, origin and zone become one verdict."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import finding, make_policy, origin, scores, situation, target

from listward.config.policy import STAGES
from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, Mode
from listward.filters.policy.engine import UNDECIDED_WORDS, Engine, decide
from listward.filters.policy.situation import STAGES_OF
from listward.filters.routing.kinds import Kind, Zone

ASKS = finding("asks-for-money", "solicitation")
FAILED = finding("filter-failed", "failure")
STRANGER = origin(OriginKind.UNPROVEN)
LOST = origin(OriginKind.UNPROVEN, undecided=True)


def test_without_a_matching_rule_mail_passes() -> None:
    """No rule, no action; the outcome of the rule that was tried is kept."""
    found = decide(make_policy({"when": {"finding": ["asks-for-money"]}}), situation())
    assert (found.action, found.queues, found.deciding) == (Action.ACCEPT, (), None)
    assert [(outcome.fired, outcome.observed) for outcome in found.outcomes] == [(False, "no finding asks-for-money")]


def test_the_first_match_wins_inside_a_stage() -> None:
    """A later rule of the same stage fires without effect, and says who came first."""
    policy = make_policy({"name": "pass", "action": "accept"}, {"name": "stop", "action": "hold"})
    found = decide(policy, situation())
    assert found.action is Action.ACCEPT
    assert (found.outcomes[1].fired, found.outcomes[1].action) == (True, None)
    assert "rule pass came first" in found.outcomes[1].observed


def test_the_strongest_action_wins_across_stages() -> None:
    """Stages run in their order, whatever the file's; the strongest action counts and its rule is the deciding one."""
    policy = make_policy(
        {"name": "holds", "stage": "content", "action": "hold"},
        {"name": "refuses", "stage": "identity", "action": "reject"},
        {"name": "passes", "stage": "routing", "action": "accept"},
    )
    found = decide(policy, situation(origin=STRANGER))
    assert found.action is Action.REJECT
    assert found.deciding is not None
    assert found.deciding.rule == "refuses"
    assert [outcome.rule for outcome in found.outcomes] == ["passes", "refuses", "holds"]
    assert found.queues == ()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STAGES), st.sampled_from(list(Action))), min_size=1, max_size=8))
def test_verdicts_follow_stages_and_strength(rules: list[tuple[str, Action]]) -> None:
    """The verdict is the strongest of the first actions of each stage, for any policy that always matches."""
    policy = make_policy(*({"stage": stage, "action": action.value} for stage, action in rules))
    first = {stage: next(action for other, action in rules if other == stage) for stage, _ in rules}
    found = decide(policy, situation(origin=STRANGER))
    assert found.action is max(first.values(), key=lambda action: action.strength)
    assert len(found.outcomes) == len(rules)


@pytest.mark.parametrize(
    ("mode", "action", "fired", "taken"),
    [
        ("off", "reject", False, Action.ACCEPT),
        ("shadow", "reject", True, Action.ACCEPT),
        ("hold", "reject", True, Action.HOLD),
        ("hold", "discard", True, Action.HOLD),
        ("hold", "defer", True, Action.HOLD),
        ("hold", "accept", True, Action.ACCEPT),
        ("enforce", "reject", True, Action.REJECT),
    ],
)
def test_modes_say_how_much_of_a_rule_is_in_force(mode: str, action: str, fired: bool, taken: Action) -> None:
    """Off sleeps, shadow watches, hold holds at most, enforce does what it says."""
    found = decide(make_policy({"mode": mode, "action": action}), situation(origin=STRANGER))
    assert (found.outcomes[0].fired, found.action) == (fired, taken)


def test_shadow_rules_are_tried_behind_others() -> None:
    """A shadow rule never wins its stage, and is counted also where another has won."""
    policy = make_policy(
        {"name": "watch", "mode": "shadow", "action": "reject"}, {"name": "hold"}, {"name": "late", "mode": "shadow"}
    )
    found = decide(policy, situation())
    assert found.action is Action.HOLD
    assert [(outcome.rule, outcome.fired) for outcome in found.outcomes] == [
        ("watch", True),
        ("hold", True),
        ("late", True),
    ]


def test_queues_come_from_every_rule_that_holds() -> None:
    """A rule's own queue, else the list's, else the office of a route; each once, in order."""
    policy = make_policy(
        {"stage": "routing", "when": {"finding": ["office-route"]}},
        {"stage": "identity"},
        {"stage": "safety", "queue": "technicians"},
        {"stage": "content"},
    )
    facts = situation(finding("office-route", "routing"), queue="tutors", office="international")
    assert decide(policy, facts).queues == ("international", "tutors", "technicians")


def test_an_undecided_fact_defers() -> None:
    """Nothing is refused for lack of an answer; a refusal that needs no answer still counts."""
    policy = make_policy({"stage": "identity", "action": "reject", "when": {"origin": ["unproven"]}})
    found = decide(policy, situation(origin=LOST))
    assert (found.action, found.outcomes[0].undecided) == (Action.DEFER, True)
    certain = make_policy({"stage": "safety", "action": "reject"}, {"stage": "identity", "when": {"origin": ["known"]}})
    assert decide(certain, situation(origin=LOST)).action is Action.REJECT


def test_an_undecided_shadow_rule_has_no_effect() -> None:
    """A rule that only watches does not make mail wait."""
    policy = make_policy({"mode": "shadow", "when": {"origin": ["member"]}})
    assert decide(policy, situation(origin=LOST)).action is Action.ACCEPT


@pytest.mark.parametrize(
    ("attempt", "action"), [(1, Action.DEFER), (2, Action.DEFER), (3, Action.HOLD), (9, Action.HOLD)]
)
def test_a_failed_filter_defers_then_holds(attempt: int, action: Action) -> None:
    """No policy can forget that a filter broke; from the third try on a person looks, so nothing loops for ever."""
    found = decide(make_policy({"mode": "off"}), situation(FAILED, attempt=attempt))
    assert (found.action, found.queues) == (action, ("moderators",) if action is Action.HOLD else ())


def test_a_failed_filter_stops_no_command() -> None:
    """Commands and bounces have no content, so a content filter that broke does not stop them."""
    policy = make_policy({"mode": "off"})
    for kind, action in ((Kind.COMMAND, Action.ACCEPT), (Kind.BOUNCE, Action.ACCEPT), (Kind.OWNER, Action.DEFER)):
        assert decide(policy, situation(FAILED, target=target(kind))).action is action


def test_observing_lets_everything_pass_but_loops() -> None:
    """A site that observes judges and counts; only what keeps mail well-formed stays in force."""
    rules: tuple[dict[str, Any], ...] = (
        {"name": "all", "action": "reject"},
        {"name": "loop", "stage": "safety", "action": "reject", "reply": "loop", "when": {"category": ["loop"]}},
    )
    engine = Engine(make_policy(*rules), observe=True)
    watched = engine.decide(situation(FAILED, origin=STRANGER))
    assert (watched.action, {outcome.mode for outcome in watched.outcomes if outcome.fired}) == (
        Action.ACCEPT,
        {Mode.SHADOW},
    )
    assert engine.decide(situation(finding("mail-loop", "loop"))).action is Action.REJECT


@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.BOUNCE])
def test_commands_and_bounces_see_technical_rules_only(kind: Kind) -> None:
    """Content, origin and zones never count against a command; it is never held."""
    policy = make_policy(
        {"stage": "routing", "action": "reject"},
        {"stage": "identity", "action": "reject"},
        {"stage": "safety", "action": "reject"},
        {"stage": "safety", "action": "hold", "when": {"category": ["loop"]}},
        {"stage": "content", "action": "reject"},
    )
    facts = situation(ASKS, finding("mail-loop", "loop"), target=target(kind), origin=STRANGER, scores=scores(spam=1.0))
    assert decide(policy, facts).action is Action.ACCEPT
    loop = make_policy({"stage": "safety", "action": "reject", "when": {"category": ["loop"]}})
    assert decide(loop, facts).action is Action.REJECT


def test_owners_see_the_safety_stage_only() -> None:
    """Complaints are not judged on routing, author or content."""
    policy = make_policy(*({"stage": stage, "action": "reject"} for stage in ("routing", "identity", "content")))
    assert decide(policy, situation(ASKS, target=target(Kind.OWNER))).action is Action.ACCEPT
    safety = make_policy({"stage": "safety", "action": "hold", "when": {"category": ["malware"]}})
    program = finding("executable-attachment", "malware")
    assert decide(safety, situation(program, target=target(Kind.OWNER))).action is Action.HOLD
    anybody = make_policy({"stage": "safety", "action": "hold"})
    assert decide(anybody, situation(target=target(Kind.OWNER))).action is Action.ACCEPT


def test_people_elsewhere_are_only_routed() -> None:
    """Mail to somebody who is not ours is never judged on who wrote it or what it says."""
    everything = make_policy(*({"stage": stage, "action": "reject"} for stage in ("identity", "safety", "content")))
    assert decide(everything, situation(target=target(zone=Zone.EXTERNAL))).action is Action.ACCEPT


def test_every_kind_has_its_stages() -> None:
    """No kind of address is forgotten."""
    assert set(STAGES_OF) == set(Kind)


def test_an_undecided_rule_does_not_use_its_own_words() -> None:
    """A rule that may accuse says nothing of the author while its fact is not known."""
    waiting = situation(origin=origin(OriginKind.UNPROVEN, undecided=True))
    when = {"origin": ["forged"]}
    policy = make_policy(
        {"name": "barred", "stage": "identity", "action": "reject", "when": when, "words": "You are barred."}
    )
    outcome = next(outcome for outcome in decide(policy, waiting).outcomes if outcome.rule == "barred")
    assert outcome.undecided
    assert outcome.words == UNDECIDED_WORDS


FROZEN = finding("account-frozen", "account")


@pytest.mark.parametrize("kind", [OriginKind.INTERNAL, OriginKind.MEMBER, OriginKind.KNOWN])
def test_a_frozen_accounts_posts_wait_whatever_the_policy_says(kind: OriginKind) -> None:
    """A policy without any rule on it, or one that would let everything pass, cannot forget what a person decided."""
    for policy in (make_policy({"mode": "off"}), make_policy({"stage": "identity", "action": "accept"})):
        found = decide(policy, situation(FROZEN, origin=origin(kind)))
        assert (found.action, found.queues) == (Action.HOLD, ("moderators",))
        assert found.deciding is not None
        assert found.deciding.rule == "account-frozen"


def test_what_is_stronger_than_a_hold_stays_stronger() -> None:
    """A refusal for a fact is still a refusal."""
    policy = make_policy({"stage": "routing", "action": "reject"})
    assert decide(policy, situation(FROZEN)).action is Action.REJECT


@pytest.mark.parametrize("kind", [Kind.OWNER, Kind.OWN, Kind.COMMAND, Kind.BOUNCE])
def test_a_frozen_person_still_reaches_complaint_and_control_addresses(kind: Kind) -> None:
    """Also somebody whose account is frozen may complain, appeal and leave."""
    assert decide(make_policy({"mode": "off"}), situation(FROZEN, target=target(kind))).action is Action.ACCEPT


def test_a_frozen_persons_private_mail_is_not_judged() -> None:
    """Mail to people outside is none of our business, frozen or not."""
    found = decide(make_policy({"mode": "off"}), situation(FROZEN, target=target(zone=Zone.EXTERNAL)))
    assert found.action is Action.ACCEPT


def test_observing_freezes_nothing_and_says_so() -> None:
    """Where everything passes a frozen account's mail passes too, and the outcome is recorded."""
    found = decide(make_policy({"mode": "off"}), situation(FROZEN), observe=True)
    assert found.action is Action.ACCEPT
    assert [(one.rule, one.mode) for one in found.outcomes if one.fired] == [("account-frozen", Mode.SHADOW)]


def test_a_rule_that_only_watches_says_what_it_would_do() -> None:
    """Within the bounds that hold for it when it is switched on; not where another rule comes first."""
    watching = {"mode": "shadow", "action": "reject"}
    assert decide(make_policy(watching), situation(origin=STRANGER)).outcomes[0].would is Action.REJECT
    assert decide(make_policy(watching), situation()).outcomes[0].would is Action.HOLD
    assert decide(make_policy({"action": "reject"}), situation(origin=STRANGER)).outcomes[0].would is None
    assert decide(make_policy({}, watching), situation()).outcomes[1].would is None
    quiet = {**watching, "when": {"finding": ["asks-for-money"]}}
    assert decide(make_policy(quiet), situation()).outcomes[0].would is None
