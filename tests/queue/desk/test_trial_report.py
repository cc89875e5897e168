"""The report on rules on trial: its lines, and when a rule is ready."""

from dataclasses import replace
from typing import Any

import pytest
from memory_cases import START, draft

from listward.config.policy import Policy
from listward.filters.judgement import Action
from listward.filters.policy.trial import Trial, trial_of
from listward.queue.cases.case import Case, CaseState, Reason, Ruling
from listward.queue.desk.trial_report import Decided, Line, advice, decided_of, lines, merged, shown
from listward.queue.store.observations import Figures, Policies

HASH = "0123456789abcdef"


def policy(mode: str = "shadow", action: str = "hold", **more: Any) -> Policy:
    """One rule on what a text says."""
    rule = {
        "name": "abuse",
        "stage": "content",
        "action": action,
        "mode": mode,
        "when": {"category": ["abuse"]},
        **more,
    }
    return Policy.model_validate({"rule": [rule], "digest": HASH * 4})


def line_of(
    given: Policy,
    figures: Figures | None = None,
    observing: bool = False,
    decided: Decided | None = None,
    known: Policies | None = None,
) -> Line | None:
    """The rule's line."""
    trial = trial_of(given, observing)
    known = {HASH: {trial.keys["abuse"]: trial.standings["abuse"]}} if known is None else known
    rulings = {trial.keys["abuse"]: decided} if decided else {}
    return next(iter(lines(given, trial, figures or Figures(), known, rulings)), None)


def figures(given: Policy, judged: int = 1902, held: int = 41, right: int = 0, wrong: int = 0, **more: Any) -> Figures:
    """Counts of the rule."""
    key = trial_of(given, observing=False).keys["abuse"]
    observing = more.pop("observing", False)
    return Figures({(HASH, observing): judged}, {key: {Action.HOLD: held}}, {}, {key: right}, {key: wrong}, **more)


def test_a_rule_on_trial_is_one_line() -> None:
    """What it would have done, of how many, what tuners said of it, and whether it is ready."""
    found = line_of(policy(), figures(policy(), right=38, wrong=3))
    assert found is not None
    assert found.sentence() == "abuse: would have held 41 of 1,902; you marked 38 right, 3 wrong; not ready"


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        (0, 0, "too few"),
        (49, 0, "too few"),
        (40, 1, "too few"),
        (39, 2, "not ready"),
        (50, 0, "ready"),
        (49, 1, "ready"),
        (48, 2, "not ready"),
        (98, 2, "ready"),
        (97, 3, "not ready"),
    ],
)
def test_marks_make_a_rule_ready(right: int, wrong: int, says: str) -> None:
    """Fifty at least, two in a hundred wrong at most; too many wrong is said at once."""
    found = line_of(policy(), figures(policy(), right=right, wrong=wrong))
    assert found is not None
    assert found.readiness.value == says


def test_a_ready_rule_says_what_to_write() -> None:
    """And nothing is switched by itself: one that is not ready says nothing."""
    ready = line_of(policy(), figures(policy(), right=60))
    assert ready is not None
    assert ready.next_step == 'To switch it on, write mode = "hold" in rule abuse of policy.toml.'
    few = line_of(policy(), figures(policy(), right=6))
    assert few is not None
    assert few.next_step == ""


def test_while_a_site_observes_every_rule_is_on_trial() -> None:
    """The step is then to leave what is ready, and to put the rest in shadow before the site enforces."""
    given = policy("enforce")
    ready = line_of(given, figures(given, right=60, observing=True), observing=True)
    few = line_of(given, figures(given, right=6, observing=True), observing=True)
    assert ready is not None
    assert few is not None
    assert "takes effect once [policy] mode" in ready.next_step
    assert few.next_step.startswith('Write mode = "shadow" in rule abuse')
    assert line_of(given, figures(given)) is None


def test_only_messages_it_watched_are_its_denominator() -> None:
    """Not those of a policy that had it in force, or did not have it."""
    given, trial = policy(), trial_of(policy(), observing=False)
    counts = Figures({("a", False): 10, ("b", False): 20, ("b", True): 40, ("c", True): 80})
    force = trial_of(policy("enforce"), observing=False).standings["abuse"]
    known = {"a": {trial.keys["abuse"]: trial.standings["abuse"]}, "b": {trial.keys["abuse"]: force}}
    found = line_of(given, counts, known=known)
    assert found is not None
    assert found.judged == 50


def test_what_another_rule_would_have_taken_is_said() -> None:
    """And two actions are told apart, the more frequent first."""
    given = policy()
    key = trial_of(given, observing=False).keys["abuse"]
    counts = Figures({(HASH, False): 90}, {key: {Action.REJECT: 3, Action.HOLD: 8}}, {key: {Action.HOLD: 2}})
    found = line_of(given, counts)
    assert found is not None
    assert found.sentence() == (
        "abuse: would have held 8 and refused 3 of 90 (2 of them after another rule); none marked; too few"
    )


def test_what_lacked_a_fact_is_said() -> None:
    """A rule that could not be tried would have kept the message waiting: that is no good news."""
    given = policy()
    key = trial_of(given, observing=False).keys["abuse"]
    found = line_of(given, Figures({(HASH, False): 90}, undecided={key: 12}))
    assert found is not None
    assert found.sentence() == "abuse: would have held 0 of 90; undecided 12; none marked; too few"
    assert not found.idle


def test_advice_is_short() -> None:
    """One sentence for each rule that is ready; the others together, and those that did nothing."""
    names = ("ready", "few", "idle")
    rules = [{"name": name, "stage": "content", "action": "hold", "mode": "shadow"} for name in names]
    given = Policy.model_validate({"rule": rules, "digest": HASH * 4})
    trial = trial_of(given, observing=True)
    counts = Figures({}, {trial.keys["few"]: {Action.HOLD: 1}}, {}, {trial.keys["ready"]: 60})
    made = lines(given, trial, counts, {}, {})
    assert advice(made, observing=False) == [
        'To switch it on, write mode = "hold" in rule ready of policy.toml.',
        "These have done nothing so far: idle.",
    ]
    assert [sentence.partition(" ")[0] for sentence in advice(made, observing=True)] == [
        "To",
        "These",
        "Nothing",
        "Before",
    ]


def test_an_accepting_rule_has_nothing_to_be_ready_for() -> None:
    """It is counted all the same."""
    given = policy(action="accept")
    found = line_of(given, Figures({(HASH, False): 9}))
    assert found is not None
    assert found.sentence() == "abuse: would have let through 0 of 9"


@pytest.mark.parametrize(
    ("decided", "says"),
    [
        (Decided(kept=199, members_kept=199), "too few"),
        (Decided(kept=200, members_kept=200), "ready"),
        (Decided(kept=500, members_kept=100), "too few"),
        (Decided(kept=300, through=1, members_kept=300, members_through=1), "not ready"),
        (Decided(kept=300, through=9, members_kept=300), "ready"),
    ],
)
def test_rulings_make_a_rule_ready_to_refuse_members(decided: Decided, says: str) -> None:
    """Two hundred on members' messages, and not one of them let through; strangers' mail does not count."""
    found = line_of(policy("hold", "reject"), decided=decided)
    assert found is not None
    assert found.readiness.value == says
    assert bool(found.next_step) is (says == "ready")


def test_a_rule_that_only_holds_is_never_to_refuse() -> None:
    """People's rulings on it are shown."""
    found = line_of(policy("enforce"), decided=Decided(kept=250, members_kept=250))
    assert found is not None
    assert found.sentence() == "abuse: in force; people kept 250 back and let 0 through"


def test_the_members_edition_names_no_small_count() -> None:
    """From five on a number is a number; nothing is nothing."""
    assert [shown(count, public=True) for count in (0, 1, 4, 5, 1902)] == ["0", "<5", "<5", "5", "1,902"]
    found = line_of(policy(), figures(policy(), held=3, right=2))
    assert found is not None
    assert found.sentence(public=True) == (
        "abuse: would have held <5 of 1,902; people marked <5 right, 0 wrong; too few"
    )


def ruled(state: CaseState, verb: str, *rules: str, member: bool = True, policy_hash: str = HASH * 4) -> Case:
    """A case that these rules held."""
    reasons = (*(Reason(rule, "content", "", "") for rule in rules), Reason("abuse-words", "abuse", "", ""))
    origin = {"authenticated": member, "origin": "member" if member else "unproven"}
    made = replace(draft(), reasons=reasons, policy_hash=policy_hash, **origin)
    return Case("10008", 2, state, made, START, START, ruling=Ruling(verb, "mod@party.example", START))


def keys(trial: Trial) -> Policies:
    """The rule's policy, and the same rule with another name."""
    return {HASH: {trial.keys["abuse"]: trial.standings["abuse"], "other.1": trial.standings["abuse"]}}


def test_rulings_are_counted_by_rule() -> None:
    """Kept back for the rule that decided; let through against all that asked; the author's own answer is no ruling."""
    trial = trial_of(policy(), observing=False)
    cases = [
        ruled(CaseState.REJECTED, "reject", "abuse", "other"),
        ruled(CaseState.DISCARDED, "discard", "abuse", member=False),
        ruled(CaseState.DELIVERED, "release", "other", "abuse"),
        ruled(CaseState.DELIVERED, "confirm", "abuse"),
        ruled(CaseState.REJECTED, "reject", "abuse", policy_hash="f" * 64),
    ]
    found = decided_of(cases, keys(trial))
    assert found == {
        trial.keys["abuse"]: Decided(kept=2, through=1, members_kept=1, members_through=1),
        "other.1": Decided(through=1, members_through=1),
    }


def test_lists_add_up() -> None:
    """And adding changes no list's own counts."""
    one = Figures({("a", True): 1}, {"r": {Action.HOLD: 2}}, {}, {"r": 3}, {}, {"r": 4})
    total = merged([one, one, Figures()])
    assert total == Figures({("a", True): 2}, {"r": {Action.HOLD: 4}}, {}, {"r": 6}, {}, {"r": 8})
    assert one.would == {"r": {Action.HOLD: 2}}
