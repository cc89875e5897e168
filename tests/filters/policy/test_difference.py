"""The difference of two policies, as sentences."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from policy_bench import make_policy

from listward.config.policy import Policy
from listward.config.vocabulary import vocabulary
from listward.filters.policy.difference import differences

ENGLISH = vocabulary("en")
MONEY = {"number": "7", "title": "Money", "text": "No begging."}


def changes(old: Policy, new: Policy) -> list[str]:
    """The sentences."""
    return list(differences(old, new, ENGLISH))


def named(*names: str, **values: Any) -> Policy:
    """A policy of rules with these names in this order."""
    return make_policy(*({"name": name, "when": {"finding": [name]}} for name in names), **values)


def test_the_same_rules_differ_in_nothing() -> None:
    """Comments and the order of stages in the file are no change."""
    one, other = {"name": "one", "stage": "routing"}, {"name": "other", "stage": "content"}
    assert changes(make_policy(one, other), make_policy(other, one)) == []


def test_new_and_gone_rules_are_told_in_full() -> None:
    """With what they say, since nobody looks up a name."""
    added, removed = changes(named("one", "two"), named("two", "three"))
    assert added.startswith("Rule “one” is gone. It said: [What it says] Mail, when")
    assert removed.startswith("New rule “three”: [What it says] Mail, when")


def test_a_changed_rule_is_told_before_and_after() -> None:
    """Action, mode, conditions, words, queue and clause: whatever a person would read."""
    rule = {"name": "one", "words": "Held."}
    for change in (
        {"action": "reject"},
        {"mode": "shadow"},
        {"when": {"zone": ["public"]}},
        {"words": "Waits."},
        {"queue": "office"},
        {"stage": "safety"},
        {"clause": "7"},
    ):
        old, new = make_policy(rule, clause=[MONEY]), make_policy({**rule, **change}, clause=[MONEY])
        (sentence,) = changes(old, new)
        before, after = sentence.removeprefix("Rule “one” changes. It said: ").split(" Now it says: ")
        assert before != after


def test_what_stays_the_same_is_not_told_again() -> None:
    """A reader should not have to look for the difference; but never reads half a sentence."""
    rule = {"name": "one", "words": "Held.", "when": {"zone": ["public"]}}
    (words,) = changes(make_policy(rule), make_policy({**rule, "words": "Waits."}))
    assert words == ("Rule “one” changes. It said: The author reads: “Held.” Now it says: The author reads: “Waits.”")
    (mode,) = changes(make_policy({**rule, "mode": "shadow"}), make_policy(rule))
    sentence = "Mail, to a list that anybody may read: it waits until the moderators of the list have read it."
    assert mode == (
        f"Rule “one” changes. It said: {sentence} For now this is only watched and counted: nothing happens to the "
        f"message. Now it says: {sentence}"
    )


def test_a_moved_rule_is_named_alone() -> None:
    """Not those that it passed."""
    assert changes(named("a", "b", "c", "d"), named("d", "a", "b", "c")) == ["Rule “d” now comes before “a”."]
    assert changes(named("a", "b", "c", "d"), named("b", "c", "d", "a")) == ["Rule “a” now comes last in its part."]


@given(st.permutations(["a", "b", "c", "d", "e"]), st.permutations(["a", "b", "c", "d", "e"]))
def test_moves_explain_the_order(old: list[str], new: list[str]) -> None:
    """Moving what is named, from the last one on, gives the new order."""
    order = list(old)
    for sentence in reversed(changes(named(*old), named(*new))):
        moved, *rest = sentence.split("“")[1:]
        order.remove(moved[0])
        order.insert(order.index(rest[0][0]) if rest else len(order), moved[0])
    assert order == new


def test_clauses_and_marks_are_compared() -> None:
    """A clause by its number and language; a mark by its word."""
    old = make_policy({}, clause=[MONEY], internal_marks=("intern",))
    new = make_policy({}, clause=[{**MONEY, "text": "None."}, {**MONEY, "number": "8"}], internal_marks=("secret",))
    assert changes(old, new) == [
        "Clause 7 changes. It said: Money: No begging. Now it says: Money: None.",
        "New clause 8: Money: No begging.",
        "Now marks a message as internal: “secret”.",
        "No longer marks a message as internal: “intern”.",
    ]
    assert changes(new, old)[1] == "Clause 8 is gone. It said: Money: No begging."


def test_accounts_and_phrases_are_counted_only() -> None:
    """A mail about the change must not quote them."""
    old = make_policy({}, payees=frozenset({"A"}), phrases={"slurs": {"entries": ("x", "y")}})
    new = make_policy({}, payees=frozenset({"B", "C"}), phrases={"slurs": {"entries": ("y",)}})
    assert changes(old, new) == [
        "The list of the organisation's own accounts changes: 2 new, 1 gone.",
        "The phrase list “slurs” changes: 0 new, 1 gone.",
    ]
