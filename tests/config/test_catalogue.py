"""What rules may name is written down, has words in every language, and a slip of the pen is pointed at."""

from typing import Any

import pytest
from policy_bench import make_policy, make_site

from listward.config import catalogue
from listward.config.advice import advice
from listward.config.catalogue_advice import catalogue_advice
from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.schema import schemas
from listward.config.vocabulary import languages, vocabulary


def said(**rule: Any) -> list[str]:
    """The advice on the names in one rule."""
    return [message for _, message in catalogue_advice(make_policy(rule))]


@pytest.mark.parametrize("language", languages())
def test_every_finding_and_category_can_be_read_aloud(language: str) -> None:
    """Whatever a rule may name has plain words; and there are no words for what nothing finds."""
    tables = vocabulary(language).tables
    assert set(tables["finding"]) == catalogue.NAMES | catalogue.LATER["finding"]
    assert set(tables["category"]) == catalogue.CATEGORIES | catalogue.LATER["category"]


def test_each_finding_stands_once_and_in_order() -> None:
    """So that a person finds it, and no name is of two kinds."""
    every = [name for names in catalogue.FINDINGS.values() for name in names]
    assert len(every) == len(set(every))
    assert list(catalogue.FINDINGS) == sorted(catalogue.FINDINGS)
    assert all(list(names) == sorted(names) for names in catalogue.FINDINGS.values())


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (
            {"finding": ["encripted-archive"]},
            "no check finds 'encripted-archive': the condition never holds; perhaps 'encrypted-archive' is meant",
        ),
        (
            {"category": ["malwares"]},
            "no check finds anything of the kind 'malwares': the condition never holds; perhaps 'malware' is meant",
        ),
        (
            {"finding": ["zzz"]},
            "no check finds 'zzz': the condition never holds; `listward policy findings` lists all there are",
        ),
    ],
)
def test_a_slip_of_the_pen_is_pointed_at(when: dict[str, Any], message: str) -> None:
    """With what may be meant, in the condition and in the exception alike."""
    assert said(when=when) == said(unless=when) == [message]


def test_what_waits_for_a_later_release_is_no_slip() -> None:
    """The shipped rules on abuse and private data name what nothing finds yet."""
    assert said(when={"category": ["abuse", "private-data"], "finding": ["malware"]}) == []
    rules = {rule.name: rule for rule in load(DEFAULTS).policy.rules}
    assert catalogue.waiting(rules["abuse"]) == ("abuse",)
    assert catalogue.waiting(rules["solicitation"]) == ()
    assert catalogue.waiting(rules["harmful-file"]) == ()  # of all it asks for, one waits


def test_what_a_policy_has_looked_for_is_known() -> None:
    """Findings of its own phrase lists and patterns."""
    phrases = {"press": {"phrases": ["a", "b"]}}
    policy = make_policy({"when": {"phrases": ["press"], "text": ["x"]}}, {"unless": {"header": [{"name": "X-A"}]}})
    policy = policy.model_copy(update={"phrases": phrases})
    asked = (*policy.rules[0].when.in_text, *(policy.rules[1].unless or policy.rules[1].when).in_header)
    assert catalogue.made_by(policy) == {"phrases-press", *(one.name for one in asked)}
    assert {message for _, message in catalogue_advice(policy)} == set()


def test_the_advice_is_part_of_checking() -> None:
    """`config check` says it with file and key."""
    found = list(advice(make_policy({"when": {"finding": ["hijak-signs"]}}), make_site()))
    assert [(where, key) for where, key, message in found if "hijack-signs" in message] == [
        ("policy", ("rule", 0, "when", "finding"))
    ]


def test_editors_are_offered_the_names() -> None:
    """And take others too, as they may be of a phrase list or a later release."""
    offered = schemas()["policy"]["$defs"]["Conditions"]["properties"]["finding"]["items"]["anyOf"]
    assert "encrypted-archive" in offered[0]["enum"]
    assert offered[1] == {"type": "string"}
