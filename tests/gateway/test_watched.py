"""What one judged message shows of the rules on trial, before it reaches the store."""

from dataclasses import replace
from typing import Any

import pytest

from listward.config.policy import Policy, Rule
from listward.config.site import Site
from listward.filters.findings import Evidence, Finding, Scores
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.judgement import Action, Judgement, MessageFacts, Mode, RecipientVerdict, ReplyWords, RuleOutcome
from listward.filters.routing.kinds import Kind, Target, Zone
from listward.gateway.course import Fate
from listward.gateway.observing import MOST_WORDS, SUBJECT, TEXT, WORD, Observing, Watched
from listward.queue.store.observations import Observation
from listward.runtime.metrics import Metrics

BOARD, NEWS, OWNER = "board@party.example", "news@party.example", "board-owner@party.example"
ANA = "ana@isp.example"
HOP = "smtp://127.0.0.1:1"
POLICY = Policy(
    rule=(
        Rule.model_validate(
            {"name": "heat", "stage": "content", "action": "hold", "mode": "shadow", "when": {"category": ["abuse"]}}
        ),
        Rule(name="any", stage="content", action="reject", mode="shadow"),
        Rule(name="let", stage="routing", action="accept", mode="shadow"),
    ),
    digest="d" * 64,
)
ABUSE = Finding("insult", "abuse", 0.9, "Heated.", (Evidence("text", 0, 4, "grr!"), Evidence("text", 9, 13, "grr!")))
SPAM = Finding("bulk", "spam", 0.9, "Bulk.", (Evidence("text", 5, 9, "b" * 300),))


def site(*tuned: str, mode: str = "enforce") -> Site:
    """Two lists; these have a tuner."""
    lists = [
        {"address": address, "zone": zone, "next_hop": HOP, "tuners": ["t@party.example"] if address in tuned else []}
        for address, zone in ((BOARD, "members"), (NEWS, "public"))
    ]
    organisation = {"name": "Party", "domains": ["party.example"]}
    return Site.model_validate({"organisation": organisation, "gateway": {}, "list": lists, "policy": {"mode": mode}})


def verdict(
    to: str = BOARD, *would: tuple[str, Action | None], on: str = "", zone: Zone = Zone.MEMBERS
) -> RecipientVerdict:
    """One recipient's verdict, with what rules would have done."""
    stages = {rule.name: rule.stage for rule in POLICY.rules}
    outcomes = tuple(
        RuleOutcome(name, stages[name], Mode.SHADOW, action is not None, f"{name} saw it", would=action)
        for name, action in would
    )
    target = Target(to, Kind.POST, zone, on or to, HOP)
    return RecipientVerdict(target, Origin(OriginKind.MEMBER, ANA), Action.ACCEPT, (), outcomes)


def judged(*verdicts: RecipientVerdict, findings: tuple[Finding, ...] = (ABUSE, SPAM), **facts: Any) -> Judgement:
    """A judgement of these verdicts."""
    plain = MessageFacts("s" * 500, "<1@x>", "d", "t" * 900, 1, has_message_id=True, has_date=True)
    proof, words = Authentication(ANA, (), aligned=True), ReplyWords(250, "2.0.0", "")
    origin = Origin(OriginKind.MEMBER, ANA)
    facts_ = replace(plain, **facts)
    return Judgement(Action.ACCEPT, words, origin, proof, Scores(), findings, verdicts, facts_, POLICY.digest)


def seen(given: Judgement, *tuned: str, fates: dict[str, Fate] | None = None) -> list[Observation]:
    """What is counted."""
    return list(Watched(site(*tuned), POLICY).seen(given, 5.0, fates or {}))


def test_each_list_counts_once() -> None:
    """By the strongest of its addresses; what came behind another rule of its stage says so."""
    given = judged(
        verdict(BOARD, ("let", Action.ACCEPT), ("heat", Action.HOLD), ("any", Action.HOLD)),
        verdict(OWNER, ("any", Action.REJECT), on=BOARD),
        verdict(NEWS),
    )
    board, news = seen(given)
    found = {would.rule.partition(".")[0]: (would.action, would.after) for would in board.would}
    assert found == {
        "let": (Action.ACCEPT, False),
        "heat": (Action.HOLD, False),
        "any": (Action.REJECT, False),
    }
    assert (news.list, news.would) == (NEWS, ())
    (only,) = seen(judged(verdict(BOARD, ("heat", Action.HOLD), ("any", Action.HOLD))))
    assert [would.after for would in only.would] == [False, True]


@pytest.mark.parametrize("fate", [Fate.REPEATED, Fate.UNKNOWN, Fate.DEFERRED])
def test_what_is_counted_at_another_try_is_not_counted_here(fate: Fate) -> None:
    """A copy that is settled already, and one that will come again."""
    given = judged(verdict(BOARD, ("heat", Action.HOLD)), verdict(NEWS))
    assert [one.list for one in seen(given, fates={BOARD: fate, NEWS: Fate.RELAYED})] == [NEWS]


def test_nothing_is_seen_where_no_rule_is_on_trial() -> None:
    """Nor of addresses that belong to no list."""
    force = Policy(rule=(Rule(name="heat", stage="content", action="hold"),))
    assert list(Watched(site(), force).seen(judged(verdict()), 5.0, {})) == []
    nobody = replace(verdict(), target=Target("x@party.example", Kind.OWN, Zone.INTERNAL, "", ""))
    assert seen(judged(nobody)) == []


def test_a_rule_on_trial_that_lacks_a_fact_is_counted() -> None:
    """Once a list; one in force has had its effect and is not."""
    lacking = RuleOutcome("heat", "content", Mode.SHADOW, True, "who wrote it is open", undecided=True)
    given = replace(verdict(), outcomes=(lacking, replace(lacking, rule="any", mode=Mode.ENFORCE)))
    (one,) = seen(judged(given, replace(given, target=replace(given.target, address=OWNER))))
    assert [key.partition(".")[0] for key in one.undecided] == ["heat"]


def test_an_example_is_bounded_and_names_nobody() -> None:
    """Subject, first lines, each of the words that the rule asked for once; not who wrote it."""
    (one,) = seen(judged(verdict(BOARD, ("heat", Action.HOLD), ("any", Action.HOLD))), BOARD)
    heat, anything = (would.example for would in one.would)
    assert heat is not None
    assert anything is not None
    assert (heat.words, heat.saw, heat.origin) == (("grr!",), "heat saw it", "member")
    assert anything.words == ("grr!", "b" * WORD)
    assert (len(heat.subject), len(heat.text)) == (SUBJECT, TEXT)
    assert heat.covered
    assert not heat.internal
    assert ANA not in repr(one)


def test_many_words_are_few() -> None:
    """However much a filter marks."""
    many = replace(ABUSE, evidence=tuple(Evidence("text", at, at + 1, str(at)) for at in range(500)))
    (one,) = seen(judged(verdict(BOARD, ("heat", Action.HOLD)), findings=(many,)), BOARD)
    assert one.would[0].example is not None
    assert len(one.would[0].example.words) == MOST_WORDS


def test_there_are_no_examples_without_tuners_or_of_what_is_let_through() -> None:
    """Counts alone."""
    given = judged(verdict(BOARD, ("heat", Action.HOLD), ("let", Action.ACCEPT)))
    assert [would.example for would in seen(given, NEWS)[0].would] == [None, None]
    assert [would.example is not None for would in seen(given, BOARD)[0].would] == [True, False]


@pytest.mark.parametrize(
    "given",
    [
        judged(verdict(BOARD, ("heat", Action.HOLD)), findings=(Finding("marked", "internal", 1.0, "It is marked."),)),
        judged(verdict(BOARD, ("heat", Action.HOLD)), verdict("inner@party.example", zone=Zone.INTERNAL)),
    ],
)
def test_an_internal_matter_is_marked_as_one(given: Judgement) -> None:
    """By its mark, or because it goes inside too."""
    board = next(one for one in seen(given, BOARD) if one.list == BOARD)
    assert board.would[0].example is not None
    assert board.would[0].example.internal


async def test_what_the_store_does_not_take_is_counted() -> None:
    """And forgotten."""

    async def away(_: object) -> None:
        raise OSError

    metrics = Metrics()
    observing = Observing(away, metrics, every_s=60)
    observing.add(seen(judged(verdict(BOARD), verdict(NEWS))))
    await observing.end()
    await observing.write()
    assert metrics.registry.get_sample_value("listward_watching_errors_total") == 2
