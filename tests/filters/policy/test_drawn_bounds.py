"""No policy that `config check` accepts crosses the bounds of what a machine may do to whom: drawn at random."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from drawn_policies import FACTUAL, FOUND, LISTS, SCORES, SITUATIONS, TEXTUAL, policies, rules
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from policy_bench import make_policy, origin, situation, target

from listward.config.policy import Policy
from listward.filters.findings import Finding, Scores
from listward.filters.identity.origin import OriginKind, Role
from listward.filters.judgement import Action
from listward.filters.policy.bounds import OURS, opted_in
from listward.filters.policy.engine import decide
from listward.filters.policy.situation import Situation
from listward.filters.routing.kinds import Kind, Zone

REFUSED = {Action.REJECT, Action.DEFER}


def other_words(where: Situation, findings: tuple[Finding, ...], scores: Scores, links: int) -> Situation:
    """The same message with another text: other textual findings, other scores, other links."""
    facts = tuple(each for each in where.findings if each in FACTUAL)
    found = (*facts, *(each for each in findings if each in TEXTUAL))
    return replace(where, findings=found, scores=scores, measures=replace(where.measures, links=links))


def by_rule(policy: Policy, where: Situation) -> Action | None:
    """What a single rule asks for; None where it lacks a fact, or where no rule speaks."""
    (outcome,) = [each for each in decide(policy, where).outcomes if each.rule == "rule-0"] or [None]
    return None if outcome is None or outcome.undecided else outcome.action


TEXTS = ("finding", "category", "phrases", "subject", "text", "header", "score", "count", "origin")
REFUSING = rules(("routing", "identity", "safety", "content"), ("reject", "defer"), TEXTS)


@settings(max_examples=300)
@given(policies(1, REFUSING), SITUATIONS, st.sampled_from(sorted(OURS)), FOUND, SCORES, st.integers(0, 2))
def test_no_member_is_refused_for_a_text(
    policy: Policy, where: Situation, kind: OriginKind, findings: tuple[Finding, ...], scores: Scores, links: int
) -> None:
    """What a rule refuses a member, or puts off, it would whatever the text said, but for the committee's opt-in."""
    where = replace(where, origin=origin(kind), target=target())
    assume(not opted_in(policy.rules[0], where.origin))
    if by_rule(policy, where) in REFUSED:
        assert by_rule(policy, other_words(where, findings, scores, links)) in REFUSED


@settings(max_examples=100)
@given(policies(), SITUATIONS)
def test_no_known_author_is_dropped(policy: Policy, where: Situation) -> None:
    """No policy drops what a proven author wrote."""
    assume(where.origin.kind.authenticated)
    assert decide(policy, where).action is not Action.DISCARD


@settings(max_examples=300)
@given(
    policies(2, rules(("safety",), ("hold", "defer", "reject"), (*TEXTS, "size", "role", "group", "first_posts"))),
    SITUATIONS,
    st.sampled_from([kind for kind in Kind if kind is not Kind.POST]),
    FOUND,
    SCORES,
    st.integers(0, 2),
    st.sampled_from(list(Role)),
)
def test_complaints_are_judged_neither_by_their_text_nor_by_who_wrote_them(
    policy: Policy,
    where: Situation,
    kind: Kind,
    findings: tuple[Finding, ...],
    scores: Scores,
    links: int,
    role: Role,
) -> None:
    """At complaint and control addresses text, ban, office and group change nothing."""
    where = replace(where, target=target(kind))
    other = other_words(where, findings, scores, links)
    writer = replace(where.origin, role=role, first_posts_moderated=not where.origin.first_posts_moderated)
    other = replace(other, origin=writer, groups=frozenset({"moderators"}) - where.groups)
    assert decide(policy, where).action is decide(policy, other).action
    assert decide(policy, where).action not in (
        {Action.DISCARD} if kind is Kind.OWNER else {Action.DISCARD, Action.HOLD}
    )


STOPPING = [each for each in FACTUAL if each.rule in {"account-frozen", "filter-failed"}]


@settings(max_examples=100)
@given(policies(), SITUATIONS, st.sampled_from(STOPPING), st.sampled_from(["internal", "members", "public"]))
def test_what_is_frozen_or_failed_never_passes(policy: Policy, where: Situation, stop: Finding, zone: str) -> None:
    """No rule lets through, or drops, a frozen account's post or one that a check broke on."""
    where = replace(where, findings=(*where.findings, stop), target=target(zone=Zone(zone)))
    assert decide(policy, where).action not in {Action.ACCEPT, Action.DISCARD}


@settings(max_examples=100)
@given(policies(), SITUATIONS)
def test_opinions_are_held_at_most_by_approved_words(policy: Policy, where: Situation) -> None:
    """A rule on a clause of opinion acts on an approved list alone, and holds."""
    on_opinions = {rule.name for rule in policy.rules if rule.clause == "4.1"}
    for outcome in decide(policy, where).outcomes:
        if outcome.rule in on_opinions and outcome.action is not None and not outcome.undecided:
            assert outcome.action is Action.HOLD
            assert "phrases-approved" in where.rules


@settings(max_examples=100)
@given(policies(), SITUATIONS, st.booleans())
def test_an_author_who_is_not_proven_learns_nothing_of_groups(policy: Policy, where: Situation, member: bool) -> None:
    """Until an author is proven, no group changes the verdict."""
    assume(not where.origin.kind.authenticated)
    other = replace(where, groups=frozenset({"moderators"} if member else ()))
    assert decide(policy, where).action is decide(policy, other).action


@pytest.mark.parametrize("stage", ["routing", "identity", "safety"])
@pytest.mark.parametrize("action", ["reject", "defer"])
@pytest.mark.parametrize(
    "conditions",
    [
        {"unless": {"text": ["please"]}},
        {"unless": {"category": ["solicitation"]}},
        {"unless": {"finding": ["personal-appeal", "mail-loop"]}},
        {"when": {"count": {"name": "links", "at_least": 0}}},
    ],
)
def test_the_back_doors_to_a_refusal_are_shut(stage: str, action: str, conditions: dict[str, object]) -> None:
    """Excepting some words, counting links and putting off for ever are refusals for a text too."""
    policy = make_policy({"stage": stage, "action": action, **conditions})
    assert decide(policy, situation()).action is Action.HOLD
    assert decide(policy, situation(origin=origin(OriginKind.UNPROVEN))).action.value == action


ASKED = [
    {},
    {"finding": ["personal-appeal"]},
    {"finding": ["mail-loop"]},
    {"finding": ["phrases-unapproved", "executable-attachment"]},
    {"category": ["solicitation"]},
    {"category": ["loop", "pattern"]},
    {"phrases": ["unapproved"]},
    {"subject": ["rent"]},
    {"text": ["rent"]},
    {"header": [{"name": "X-Mailer"}]},
    {"score": {"name": "spam", "at_least": 0.5}},
    {"count": {"name": "links", "at_least": 1}},
    {"count": {"name": "attachments", "at_least": 0}},
    {"size": {"at_least": 0}},
    {"origin": ["member", "unproven"]},
    {"role": ["banned"]},
    {"group": ["moderators"]},
    {"author": ["@out.example"]},
    {"first_posts": True},
    {"zone": ["members"]},
]


def asked_in_pairs(actions: tuple[str, ...], stages: tuple[str, ...]) -> Iterator[Policy]:
    """A policy of one rule for each action, stage, condition and exception."""
    for action, stage, when, unless in product(actions, stages, ASKED, [None, *ASKED]):
        yield make_policy({"action": action, "stage": stage, "when": when, "unless": unless}, phrases=LISTS)


def says(where: Situation, much: bool) -> Situation:
    """The same message with a text that says everything we look for, or nothing of it."""
    return other_words(where, TEXTUAL if much else (), Scores(1.0, 1.0, 1.0) if much else Scores(), 9 if much else 0)


def test_no_pair_of_conditions_refuses_a_member_for_a_text() -> None:
    """Whatever a rule asks and excepts: a text alone makes no member's message refused or put off."""
    for policy in asked_in_pairs(("reject", "defer"), ("routing", "identity", "safety")):
        for facts in ((), FACTUAL[:4]):
            quiet, loud = (by_rule(policy, says(situation(*facts), much)) for much in (False, True))
            assert (quiet in REFUSED) == (loud in REFUSED), (policy.rules[0], facts)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.POST])
def test_no_pair_of_conditions_judges_a_complaint_by_its_text_or_author(kind: Kind) -> None:
    """Whatever a rule asks and excepts: at complaint and control addresses text and author change nothing."""
    for policy in asked_in_pairs(("hold", "reject"), ("safety",)):
        for facts in ((), FACTUAL[:4]):
            where = situation(*facts, target=target(kind))
            banned = origin(role=Role.BANNED, address="x@out.example", first_posts_moderated=True)
            other = replace(says(where, True), origin=banned, groups=frozenset({"moderators"}))
            assert decide(policy, says(where, False)).action is decide(policy, other).action, (policy.rules[0], facts)
