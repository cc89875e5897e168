"""The shipped words: plain, short, complete in both languages."""

import re
from pathlib import Path

import pytest

from listward.config.find import DEFAULTS
from listward.config.templates import TemplateSource
from listward.queue.notices.letters import filled, template_for, write

FOLDER = DEFAULTS / "templates"
FILES = sorted(FOLDER.rglob("*.txt"))
FORBIDDEN = re.compile(r"smtp|dmarc|score|quarantine|violat|puntuaci|cuarentena|infracci|violaci", re.IGNORECASE)
PLACES = {
    "address", "appeal", "approval", "before", "case", "cases", "changes", "clause", "count", "day", "deadline", "help",
    "items", "join", "link", "list", "moment", "no", "office", "organisation", "page", "reason", "rule_link",
    "sentence", "subject", "text", "to", "version", "yes",
}  # fmt: skip


def test_both_languages_have_the_same_letters_and_places() -> None:
    """Nobody reads less for their language."""
    letters = {
        language: {
            path.name: sorted(re.findall(r"\{(\w+)\}", path.read_text(encoding="utf-8")))
            for path in (FOLDER / language).glob("*.txt")
        }
        for language in ("en", "es")
    }
    assert letters["en"] == letters["es"]
    assert len(letters["en"]) >= 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_letters_are_plain_and_short(path: Path) -> None:
    """No words of the trade, known places only, no sentence over twenty words."""
    text = path.read_text(encoding="utf-8")
    assert not FORBIDDEN.search(text)
    assert set(re.findall(r"\{(\w+)\}", text)) <= PLACES
    for line in text.splitlines():
        for sentence in re.split(r"(?<=[.!?])\s", line):
            assert len(sentence.split()) <= 20, sentence


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_letters_have_a_neutral_subject(path: Path) -> None:
    """The subject names list and case, never what the message is about."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    if not path.name.startswith("summary-"):
        assert first.startswith("Subject: ")
        assert "{subject}" not in first


def test_every_letter_on_a_machines_hold_says_that_it_can_be_wrong() -> None:
    """It is no accusation, and a person decides by a named time."""
    for name in ("en/held.txt", "en/held-internal.txt"):
        text = (FOLDER / name).read_text()
        assert "This is an automatic check and it can be wrong; it is not an accusation." in text
        assert "A person decides by {deadline}" in text
        assert "safe" in text


def test_internal_letters_have_no_place_for_what_was_written() -> None:
    """The template alone already cannot quote."""
    for path in FILES:
        if path.name.endswith("-internal.txt"):
            assert not {"subject", "text", "reason", "sentence"} & set(re.findall(r"\{(\w+)\}", path.read_text()))


def test_a_line_without_its_value_is_left_out() -> None:
    """No "You can ask us:" with nothing behind it."""
    assert filled("Ask: {help}\nHello {name}\n\n\n\nEnd", {"help": "", "name": "Ana"}) == "Hello Ana\n\nEnd\n"
    assert filled("{unknown}\nEnd", {}) == "End\n"


def test_values_are_not_templates() -> None:
    """What a stranger writes in braces stays as written."""
    assert filled("{a} {b}", {"a": "{b}", "b": "{a} {0} {x.__class__}"}) == "{b} {a} {0} {x.__class__}\n"


def test_the_organisations_own_words_come_first(tmp_path: Path) -> None:
    """A template beside site.toml replaces the shipped one; a language without one falls back to English."""
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "held.txt").write_text("Subject: Ours\n\nOur words\n")
    source = TemplateSource((tmp_path, FOLDER))
    assert "Our words" in template_for(source, "held", "en")
    assert "está a salvo" in template_for(source, "held", "es")
    assert "Our words" in template_for(source, "held", "fi")


def test_two_languages_stand_one_below_the_other() -> None:
    """Subjects are joined, texts are parted by a line."""
    values = {"list": "board@party.example", "case": "10008"}
    letter = write(TemplateSource((FOLDER,)), "held", [("en", values), ("es", values)])
    assert letter.subject == (
        "Your message to board@party.example (case 10008) / Tu mensaje a board@party.example (caso 10008)"
    )
    assert letter.text.index("is safe") < letter.text.index("----") < letter.text.index("está a salvo")
    assert letter.languages == ("en", "es")
