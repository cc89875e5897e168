"""Phrase lists that name people, have ended, or that nobody asks for are pointed at."""

from datetime import date
from pathlib import Path

import pytest
from policy_bench import write_site

from listward.config.load import load
from listward.filters.identity.roster import SiteRosters
from listward.filters.policy.phrase_advice import phrase_advice

RULE = '[[rule]]\nname = "r"\nstage = "content"\naction = "hold"\nwhen = { phrases = ["words"] }\n'
DAY = date(2026, 5, 3)


def said(folder: Path, **lists: str) -> list[str]:
    """The advice on these lists, where one rule asks for `words`."""
    (folder / "policy.toml").write_text(RULE, encoding="utf-8")
    (folder / "phrases").mkdir()
    for name, text in lists.items():
        (folder / "phrases" / f"{name}.txt").write_text(text, encoding="utf-8")
    configuration = load(folder)
    points = phrase_advice(configuration, SiteRosters(configuration.site), DAY)
    return [str(point).removeprefix(f"{folder}/phrases/") for point in points]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration whose roster has Ana Ruiz."""
    return write_site(tmp_path)


@pytest.mark.parametrize("phrase", ["Ana Ruiz", "RUIZ, ANA", "\u0430na ruiz", "Dr. Ana Ruiz"])
def test_a_name_of_the_roster_is_named(folder: Path, phrase: str) -> None:
    """However it is written; with the line of its file."""
    (point,) = said(folder, words=f"# words\n\nsome phrase\n{phrase}\n")
    assert point.startswith(f"words.txt:4: {phrase!r} names somebody on a roster")


@pytest.mark.parametrize("phrase", ["Ana", "Ruiz", "ask Ana Ruiz for it", "Ana Gomez"])
def test_other_words_are_not(folder: Path, phrase: str) -> None:
    """One word is everybody's, and a sentence is no name."""
    assert said(folder, words=f"{phrase}\n") == []


def test_a_list_that_ended_or_that_nobody_asks_for_is_named(folder: Path) -> None:
    """Its last day still counts."""
    assert said(folder, words="# expires: 2026-05-02\nx\n", other="y\n") == [
        "other.txt:1: no rule asks for this list",
        "words.txt:1: expires: the list ended on 2026-05-02: it holds nothing any more",
    ]


def test_a_list_counts_on_its_last_day(folder: Path) -> None:
    """And is no matter for advice."""
    assert said(folder, words="# expires: 2026-05-03\nx\n") == []
