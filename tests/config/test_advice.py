"""What is allowed and yet hardly meant is said, and changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from policy_bench import make_policy

from listward.config.advice import advice
from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.site import Site

SITE: dict[str, Any] = {
    "organisation": {"name": "A", "domains": ["a.example"]},
    "gateway": {},
    "group": [{"name": "team", "members": ["x@a.example"]}],
    "list": [
        {"address": "board@a.example", "zone": "internal", "next_hop": "smtp://a:25"},
        {"address": "news@a.example", "zone": "public", "next_hop": "smtp://a:25"},
    ],
}


def said(*rules: dict[str, Any], **tables: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """The advice on these rules and this site."""
    policy = make_policy(*(rules or ({},)))
    return [(key, message) for _, key, message in advice(policy, Site.model_validate({**SITE, **tables}))]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"origin": ["member"]}),
        ({"origin": ["member", "known"]}, {"origin": ["known"], "zone": ["public"]}),
        ({"score": {"name": "spam", "at_least": 0.8}}, {"score": {"name": "spam", "at_least": 0.9}}),
        ({"finding": ["many-lists"]}, {"finding": ["many-lists"], "first_posts": True}),
    ],
)
def test_a_rule_that_never_takes_effect_is_named(first: dict[str, Any], second: dict[str, Any]) -> None:
    """With the rule that always comes first."""
    assert said({"when": first}, {"when": second}) == [
        (("rule", 1, "when"), "never takes effect: rule 'rule-0' before it always applies where this one does")
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"when": {"origin": ["member"]}}, {"when": {}}),
        ({"when": {"origin": ["member"]}}, {"when": {"origin": ["member", "known"]}}),
        (
            {"when": {"score": {"name": "spam", "at_least": 0.9}}},
            {"when": {"score": {"name": "spam", "at_least": 0.8}}},
        ),
        (
            {"when": {"score": {"name": "spam", "at_least": 0.1}}},
            {"when": {"score": {"name": "internal", "at_least": 0.8}}},
        ),
        ({"when": {"first_posts": False}}, {"when": {"first_posts": True}}),
        ({"mode": "shadow"}, {}),
        ({"mode": "off"}, {}),
        ({}, {"mode": "off"}),
        ({"stage": "routing"}, {}),
    ],
)
def test_a_rule_that_may_take_effect_is_not(first: dict[str, Any], second: dict[str, Any]) -> None:
    """Rules that only watch come before nothing, and stages do not come before one another."""
    assert said(first, second) == []


def test_lists_outside_the_zones_of_a_rule_are_named() -> None:
    """It holds for no message."""
    assert said({"when": {"list": ["board@a.example"], "zone": ["public"]}}) == [
        (("rule", 0, "when", "list"), "never holds: the lists it names are in zone internal, not public")
    ]
    assert said({"when": {"list": ["board@a.example", "news@a.example"], "zone": ["public"]}}) == []


def test_a_queue_that_nothing_reaches_is_named() -> None:
    """A list, a rule, a route or another queue may lead to it."""
    queues = [{"name": "press", "group": "team"}, {"name": "office", "group": "team", "escalate_to": "moderators"}]
    assert [key for key, _ in said(queue=queues)] == [("queue", 0, "name"), ("queue", 1, "name")]
    queues[1]["escalate_to"] = "press"
    assert [key for key, _ in said({"queue": "office"}, queue=queues)] == []


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        ({"organisation": {**SITE["organisation"], "internal_networks": ["0.0.0.0/0"]}}, "organisation"),
        ({"egress": {"clients": ["::/0"]}}, "egress"),
        ({"peer": [{"address": "128.0.0.0/1"}]}, "peer"),
    ],
)
def test_an_open_door_is_named(tables: dict[str, Any], key: str) -> None:
    """A network that is wider than any organisation's own."""
    ((place, message),) = said(**tables)
    assert place[0] == key
    assert "is wider than any organisation's own network" in message


def test_a_tuner_who_would_see_nothing_is_named() -> None:
    """On an internal list only its moderators see examples; where roles alone say who these are, nobody can tell."""
    board = {
        "address": "board@a.example",
        "zone": "internal",
        "next_hop": "smtp://127.0.0.1:1",
        "moderators": ["board"],
    }
    tuned = {**board, "tuners": ["ana@a.example", "eve@a.example"]}
    group = [{"name": "board", "members": ["ana@a.example"]}]
    ((key, message),) = said(list=[tuned], group=group)
    assert key == ("list", 0, "tuners")
    assert message.startswith("eve@a.example sees no example")
    assert said(list=[{**tuned, "zone": "members"}], group=group) == []
    assert said(list=[tuned]) == []


def test_a_list_has_two_tuners_at_most() -> None:
    """Examples are for two named people."""
    board = {"address": "board@a.example", "zone": "members", "next_hop": "smtp://127.0.0.1:1"}
    with pytest.raises(ValueError, match="at most 2"):
        Site.model_validate({**SITE, "list": [{**board, "tuners": ["a@a.example", "b@a.example", "c@a.example"]}]})


@pytest.mark.parametrize(("domain", "named"), [("b.example", True), ("a.example", False), ("arc.a.example", False)])
def test_a_seal_of_another_domain_is_named(domain: str, named: bool) -> None:
    """Whoever checks it looks for the key in that domain's zone."""
    found = said(signing={"domain": domain, "selector": "s", "key_file": "k"})
    assert [key for key, _ in found] == [("signing", "domain")] * named


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, True),
        ({"console": {"public_url": "https://a.example"}}, False),
        ({"addresses": {"notices": "notices@a.example"}}, False),
        ({"notices": {}}, False),
    ],
)
def test_a_question_that_nobody_can_answer_is_named(more: dict[str, Any], named: bool) -> None:
    """Members whose address cannot be proven answer on a page or by mail."""
    lists = [{**SITE["list"][1], "roster": "members.csv"}]
    found = said(**{"list": lists, "notices": {"next_hop": "smtp://a:25"}, **more})
    assert [key for key, _ in found] == [("console", "public_url")] * named


def test_what_ships_needs_no_advice() -> None:
    """Each shipped rule can take effect, also those that only watch once they are switched on."""
    assert load(DEFAULTS).advice == ()


def test_advice_names_file_and_line(tmp_path: Path) -> None:
    """As a fault does."""
    (tmp_path / "site.toml").write_text((DEFAULTS / "site.toml").read_text(encoding="utf-8"), encoding="utf-8")
    rule = '[[rule]]\nname = "{}"\nstage = "content"\naction = "hold"\n'
    (tmp_path / "policy.toml").write_text(rule.format("a") + rule.format("b"), encoding="utf-8")
    (point,) = load(tmp_path).advice
    assert str(point).startswith(f"{tmp_path}/policy.toml:5: rule[2].when: never takes effect: rule 'a'")


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ({"subject": ["urgent"]}, True),
        ({"header": [{"name": "X-Urgent"}], "origin": ["known"]}, True),
        ({"size": {"at_most": 1000}, "zone": ["members"]}, True),
        ({"subject": ["urgent"], "origin": ["member"]}, False),
        ({"subject": ["urgent"], "author": ["ana@a.example"]}, False),
        ({"list": ["news"]}, False),
    ],
)
def test_a_way_past_other_rules_for_anybody_is_named(when: dict[str, Any], named: bool) -> None:
    """In a stage the first rule counts: a stranger's word in the subject must not switch off the rules behind it."""
    rules = [{"stage": "identity", "action": "accept", "when": when}]
    rules += [{"stage": "identity", "action": "hold", "when": {"origin": [kind]}} for kind in ("known", "unproven")]
    found = [message for key, message in said(*rules) if key == ("rule", 0, "action")]
    assert len(found) == named
    assert all("anybody past 'rule-1', 'rule-2'" in message for message in found)
