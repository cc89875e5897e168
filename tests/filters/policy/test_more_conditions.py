"""Conditions on words, authors, sizes, counts and times; exceptions; and facts that could not be had."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from policy_bench import finding, make_policy, origin, situation, target

from listward.config.conditions import Asked
from listward.filters.identity.origin import Basis, OriginKind
from listward.filters.judgement import Action
from listward.filters.policy.asked import patterns_of, phrases_of
from listward.filters.policy.engine import decide
from listward.filters.policy.measuring import ended_lists
from listward.filters.policy.situation import Measures, Situation
from listward.filters.routing.kinds import Kind

LOST_DNS = origin(OriginKind.UNPROVEN, undecided=True, basis=Basis.NO_DNS)
LOST_ROSTER = origin(OriginKind.UNPROVEN, undecided=True, basis=Basis.NO_ROSTER)
STRANGER = origin(OriginKind.UNPROVEN)


def held(when: dict[str, Any], what: Situation, **rule: Any) -> bool:
    """Whether a rule with these conditions holds the message."""
    return decide(make_policy({"when": when, **rule}), what).action is Action.HOLD


def at(text: str, zone: str = "Europe/Madrid") -> Situation:
    """A message that came at this local time."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return situation(measures=Measures(at=moment.timestamp(), zone=zone))


@pytest.mark.parametrize(("where", "key"), [("subject", "subject"), ("text", "text")])
def test_a_pattern_holds_where_a_reader_found_it(where: str, key: str) -> None:
    """Any of several; what another rule looks for elsewhere is nothing."""
    found = finding(Asked(where, "b+").name, "pattern")
    assert held({key: ["a+", "b+"]}, situation(found))
    assert not held({key: ["a+"]}, situation(found))
    assert not held({"text" if key == "subject" else "subject": ["b+"]}, situation(found))


def test_a_field_holds_by_its_value_or_by_being_there() -> None:
    """Whatever the case of its name."""
    assert held({"header": [{"name": "X-Mailer"}]}, situation(finding(Asked("header:x-mailer", "").name, "pattern")))
    bulk = finding(Asked("header:precedence", "bulk|list").name, "pattern")
    assert held({"header": [{"name": "Precedence", "matches": ["bulk|list"]}]}, situation(bulk))
    assert not held({"header": [{"name": "Precedence"}]}, situation(bulk))


def test_a_phrase_list_holds_by_its_name() -> None:
    """Any of several lists."""
    assert held({"phrases": ["slurs", "threats"]}, situation(finding("phrases-threats", "phrase")))
    assert not held({"phrases": ["slurs"]}, situation(finding("phrases-threats", "phrase")))


def test_a_list_that_has_expired_holds_nothing() -> None:
    """Its last day still counts, by UTC; other lists go on."""
    policy = make_policy({}, phrases={"old": {"expires": "2026-05-03"}, "new": {"entries": ("x",)}})
    day = datetime(2026, 5, 3, tzinfo=UTC).timestamp()
    assert ended_lists(policy, day + 86_399) == frozenset()
    assert ended_lists(policy, day + 86_400) == {"old"}
    found = situation(finding("phrases-old", "phrase"), ended=frozenset({"old"}))
    assert not held({"phrases": ["old"]}, found)
    both = situation(*(finding(f"phrases-{name}", "phrase") for name in ("old", "new")), ended=frozenset({"old"}))
    assert held({"phrases": ["old", "new"]}, both)


def test_readers_look_for_what_rules_ask_and_no_more() -> None:
    """Each pattern once, exceptions too; rules that are off ask nothing."""
    policy = make_policy(
        {"when": {"text": ["a", "b"], "phrases": ["one"]}},
        {"when": {"text": ["b"]}, "unless": {"subject": ["c"], "header": [{"name": "X-A", "matches": ["d"]}]}},
        {"when": {"text": ["e"], "phrases": ["two"]}, "mode": "off"},
        phrases={"one": {"entries": ("x",)}, "two": {"entries": ("y",)}},
    )
    assert patterns_of(policy) == (
        Asked("text", "a"),
        Asked("text", "b"),
        Asked("subject", "c"),
        Asked("header:x-a", "d"),
    )
    assert phrases_of(policy) == (("one", ("x",)),)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({"author": ["ana@party.example"]}, True),
        ({"author": ["@party.example"]}, True),
        ({"author": ["@example"]}, False),
        ({"group": ["press"]}, True),
        ({"group": ["board"]}, False),
    ],
)
def test_an_author_is_known_by_address_domain_or_group(when: dict[str, Any], holds: bool) -> None:
    """The whole domain, not the end of one."""
    assert held(when, situation(groups=frozenset({"press"}))) is holds


@pytest.mark.parametrize("when", [{"author": ["ana@party.example"]}, {"group": ["press"]}])
def test_who_is_not_proven_is_nobody(when: dict[str, Any]) -> None:
    """Anybody could write the address; and who is in a group is not to be seen."""
    groups = frozenset({"press"})
    assert not held(when, situation(origin=STRANGER, groups=groups))
    assert decide(make_policy({"when": when}), situation(origin=LOST_DNS, groups=groups)).action is Action.DEFER


@pytest.mark.parametrize(
    ("bounds", "holds"),
    [
        ({"at_least": 2000}, True),
        ({"at_least": 2001}, False),
        ({"at_most": 2000}, True),
        ({"at_most": 1999}, False),
        ({"at_least": "2 kB", "at_most": "1 MiB"}, True),
    ],
)
def test_a_size_is_within_its_bounds(bounds: dict[str, Any], holds: bool) -> None:
    """Both bounds are included; sizes have units."""
    assert held({"size": bounds}, situation(measures=Measures(size=2000))) is holds


@pytest.mark.parametrize("name", ["recipients", "attachments", "links", "posts-today"])
def test_a_count_is_within_its_bounds(name: str) -> None:
    """Of whatever can be counted."""
    measures = Measures(**{name.replace("-", "_"): 3})
    assert held({"count": {"name": name, "at_least": 3, "at_most": 3}}, situation(measures=measures))
    assert not held({"count": {"name": name, "at_least": 4}}, situation(measures=measures))


def test_a_count_that_nobody_knows_refuses_nobody() -> None:
    """How often an author wrote is known to the store; without it the message waits, or as the rule says."""
    when = {"count": {"name": "posts-today", "at_least": 3}}
    assert decide(make_policy({"when": when}), situation()).action is Action.DEFER
    assert decide(make_policy({"when": when, "without_store": "skip"}), situation()).action is Action.ACCEPT
    assert decide(make_policy({"when": when, "without_store": "hold"}), situation()).action is Action.HOLD


@pytest.mark.parametrize(
    ("time", "moment", "holds"),
    [
        ({"since": "22:00", "until": "06:00"}, "2026-05-01T23:00", True),
        ({"since": "22:00", "until": "06:00"}, "2026-05-01T05:59", True),
        ({"since": "22:00", "until": "06:00"}, "2026-05-01T06:00", False),
        ({"since": "09:00", "until": "17:00"}, "2026-05-01T09:00", True),
        ({"since": "09:00", "until": "17:00"}, "2026-05-01T17:00", False),
        ({"days": ["sat", "sun"]}, "2026-05-02T12:00", True),
        ({"days": ["sat", "sun"]}, "2026-05-01T12:00", False),
        # The night of Friday reaches into Saturday, and that of Saturday does not begin before its evening.
        ({"since": "22:00", "until": "06:00", "days": ["fri"]}, "2026-05-02T03:00", True),
        ({"since": "22:00", "until": "06:00", "days": ["sat"]}, "2026-05-02T03:00", False),
    ],
)
def test_hours_and_days_are_the_organisations(time: dict[str, Any], moment: str, holds: bool) -> None:
    """By its own clock; a night belongs to the day on which it begins."""
    assert held({"time": time}, at(moment)) is holds


def test_an_exception_excepts() -> None:
    """All of it must hold; one that is open leaves the rule open."""
    rule = {"when": {"zone": ["members"]}, "unless": {"origin": ["member"], "finding": ["signed"]}}
    signed = finding("signed", "routing")
    assert held(rule["when"], situation(), unless=rule["unless"])
    assert not held(rule["when"], situation(signed), unless=rule["unless"])
    open_ = decide(make_policy(rule), situation(signed, origin=LOST_DNS))
    assert open_.action is Action.DEFER
    assert "excepted" in decide(make_policy(rule), situation(signed)).outcomes[0].observed


@pytest.mark.parametrize(
    ("lost", "said", "action"),
    [
        (LOST_DNS, {}, Action.DEFER),
        (LOST_DNS, {"without_dns": "skip"}, Action.ACCEPT),
        (LOST_DNS, {"without_dns": "hold"}, Action.HOLD),
        (LOST_DNS, {"without_roster": "skip"}, Action.DEFER),
        (LOST_ROSTER, {"without_roster": "skip"}, Action.ACCEPT),
        (LOST_ROSTER, {"without_dns": "skip"}, Action.DEFER),
    ],
)
def test_a_rule_says_what_happens_without_an_answer(lost: Any, said: dict[str, str], action: Action) -> None:
    """For each fact by itself; where it says nothing the message waits."""
    rule = {"when": {"origin": ["known"]}, "action": "reject", **said}
    assert decide(make_policy(rule), situation(origin=lost)).action is action


@pytest.mark.parametrize("kind", [Kind.OWNER, Kind.OWN, Kind.COMMAND, Kind.BOUNCE])
@pytest.mark.parametrize(
    "when", [{"text": ["a"]}, {"subject": ["a"]}, {"phrases": ["x"]}, {"header": [{"name": "Subject"}]}]
)
def test_complaints_are_never_judged_on_words(kind: Kind, when: dict[str, Any]) -> None:
    """Not even by a rule of the stage that looks at them."""
    words = [Asked("text", "a"), Asked("subject", "a"), Asked("header:subject", "")]
    findings = [finding("phrases-x", "phrase"), *(finding(asked.name, "pattern") for asked in words)]
    policy = make_policy({"when": when, "stage": "safety", "action": "reject"})
    assert decide(policy, situation(*findings, target=target(kind))).action is Action.ACCEPT


def test_members_are_not_refused_for_words() -> None:
    """Whatever stage the rule stands in: it holds instead."""
    policy = make_policy({"when": {"text": ["a"]}, "stage": "routing", "action": "reject"})
    found = finding(Asked("text", "a").name, "pattern")
    assert decide(policy, situation(found)).action is Action.HOLD
    assert decide(policy, situation(found, origin=STRANGER)).action is Action.REJECT
