"""Rules that send a copy: what the engine says of them, and how they are read aloud."""

from typing import Any

import pytest
from policy_bench import finding, make_policy, make_site, situation, target

from listward.config.advice import advice
from listward.config.vocabulary import languages, vocabulary
from listward.filters.judgement import Action
from listward.filters.policy.difference import differences
from listward.filters.policy.engine import decide
from listward.filters.policy.prose import policy_text, sentence_of
from listward.filters.routing.kinds import Kind

OFFICE = "office@party.example"
COPY: dict[str, Any] = {"name": "to-the-office", "action": "accept", "copy_to": [OFFICE]}


def copied(*rules: dict[str, Any], observe: bool = False, kind: Kind = Kind.POST) -> tuple[Action, set[str]]:
    """The verdict, and who gets a copy."""
    found = finding("missing-from", "malformed")
    verdict = decide(make_policy(*rules), situation(found, target=target(kind)), observe)
    return verdict.action, {address for outcome in verdict.outcomes for address in outcome.copy_to}


def test_a_copy_goes_of_what_passes_and_of_what_is_held() -> None:
    """Of the held one once a person has released it."""
    assert copied(COPY) == (Action.ACCEPT, {OFFICE})
    assert copied({**COPY, "action": "hold"}) == (Action.HOLD, {OFFICE})


def test_a_rule_that_only_copies_opens_no_way_past_the_others() -> None:
    """Whatever stands behind or before it in its stage is tried all the same."""
    hold = {"name": "stop", "action": "hold"}
    assert copied(COPY, hold) == copied(hold, COPY) == (Action.HOLD, {OFFICE})
    rules = make_policy(COPY, hold), make_policy(hold, COPY)
    assert [point for policy in rules for point in advice(policy, make_site())] == []


def test_an_accept_without_a_copy_still_ends_its_stage() -> None:
    """As ever."""
    assert copied({"name": "pass", "action": "accept"}, {"name": "stop"}) == (Action.ACCEPT, set())


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_a_rule_that_is_not_in_force_copies_nothing(mode: str) -> None:
    """Watching sends nobody anything; no more does a site that only observes."""
    assert copied({**COPY, "mode": mode}) == (Action.ACCEPT, set())
    assert copied(COPY, observe=True) == (Action.ACCEPT, set())


@pytest.mark.parametrize("kind", [Kind.COMMAND, Kind.OWNER, Kind.OWN, Kind.BOUNCE])
def test_complaints_and_commands_are_never_copied(kind: Kind) -> None:
    """What is written to complaint and control addresses is between its author and them."""
    assert copied(COPY, kind=kind)[1] == set()
    assert copied({**COPY, "stage": "safety", "when": {"finding": ["missing-from"]}}, kind=kind)[1] == set()


@pytest.mark.parametrize("language", languages())
def test_who_gets_a_copy_is_read_aloud(language: str) -> None:
    """In the members' edition too, and as a change."""
    (with_copy,), (without,) = make_policy(COPY).rules, make_policy({**COPY, "copy_to": []}).rules
    words = vocabulary(language)
    assert OFFICE in sentence_of(with_copy, words, public=True)
    assert OFFICE not in sentence_of(without, words)
    (text,) = policy_text(make_policy({**COPY, "words": "The office reads it too."}), words)[0].rules
    assert "The office reads it too." in text.reads  # in the letter that tells of the copy
    (change,) = differences(make_policy({**COPY, "copy_to": []}), make_policy(COPY), words)
    assert OFFICE in change
