"""The words that rules are read aloud in are there in every language, and say the same things."""

from string import Formatter

import pytest

from listward.config.find import DEFAULTS
from listward.config.load import load
from listward.config.vocabulary import languages, vocabulary

OTHERS = [language for language in languages() if language != "en"]


def places(phrase: str) -> set[str]:
    """The names of the places to fill in."""
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_phrases(language: str) -> None:
    """No phrase is missing, and each has the same places to fill in."""
    english, other = vocabulary("en").tables, vocabulary(language).tables
    assert {name: set(table) for name, table in other.items()} == {name: set(table) for name, table in english.items()}
    for name, table in english.items():
        for phrase, text in table.items():
            assert places(other[name][phrase]) == places(text), f"{name}.{phrase}"


@pytest.mark.parametrize("language", languages())
def test_every_shipped_rule_can_be_read_aloud(language: str) -> None:
    """What the shipped policy names has words of its own; only an organisation's own names are read as they stand."""
    words = vocabulary(language)
    for rule in load(DEFAULTS).policy.rules:
        for table, names in (("finding", rule.when.finding), ("category", rule.when.category)):
            assert [name for name in names if not words.knows(table, name)] == []


def test_an_unknown_language_falls_back() -> None:
    """English is better than nothing."""
    assert vocabulary("tlh").language == "en"
