"""Marks of internal matters in the header."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import build, crlf

from listward.filters.context import Context
from listward.filters.message.parse import parse_message
from listward.filters.routing.marks import check, is_label

MARKS = ("internal", "intern", "interno", "für den Dienstgebrauch")
CONTEXT = Context("Party", frozenset(), frozenset(), frozenset(), frozenset(), MARKS)


def found(subject: str, *headers: tuple[str, str]) -> list[str]:
    """The words of each mark that is found."""
    message = parse_message(build(subject=subject, headers=headers))
    return [finding.evidence[0].text for finding in check(message, CONTEXT)]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("[internal] Budget", "internal"),
        ("[INTERNAL] Budget", "INTERNAL"),
        ("Re: [board] AW: (Intern) Budget", "Intern"),
        ("Budget {internal}", "internal"),
        ("Internal: budget", "Internal"),
        ("Re: Fwd: INTERNAL: budget", "INTERNAL"),
        ("[Internal use only] budget", "Internal use only"),
        ("[board - internal] budget", "board - internal"),
        ("【internal】 budget", "internal"),
        ("[\u0131nternal]", None),
        (
            "[\uff29\uff2e\uff34\uff25\uff32\uff2e\uff21\uff2c] budget",
            "\uff29\uff2e\uff34\uff25\uff32\uff2e\uff21\uff2c",
        ),
        ("[in\u200bternal] budget", "in\u200bternal"),
        ("[für den Dienstgebrauch] Haushalt", "für den Dienstgebrauch"),
        ("Fur den Dienstgebrauch: Haushalt", "Fur den Dienstgebrauch"),
        ("[International] congress", None),
        ("(internal medicine congress)", None),
        ("An internal matter of the club", None),
        ("Internship: apply now", None),
        ("Our internal debate: why it matters", None),
        ("internal", None),
        ("", None),
    ],
)
def test_tags_of_the_subject(subject: str, words: str | None) -> None:
    """A tag in brackets or before a colon marks, in any case and script form; the word in a sentence does not."""
    assert found(subject) == ([words] if words else [])


def test_encoded_subjects_are_read() -> None:
    """RFC 2047 hides no mark."""
    raw = crlf("From: a@b.example\nSubject: =?utf-8?b?W0lOVEVSTkFMXQ==?= =?utf-8?q?_budget?=\n\nx\n")
    assert len(list(check(parse_message(raw), CONTEXT))) == 1


@pytest.mark.parametrize(
    ("value", "marks"),
    [
        ("Company-Confidential", True),
        ("company confidential", True),
        ("PRIVATE", True),
        ("internal", True),
        ("Personal", False),
        ("Normal", False),
        ("none of your business, company-confidential or not", False),
    ],
)
def test_the_sensitivity_field_marks(value: str, marks: bool) -> None:
    """RFC 4021's labels count, in any spelling; a personal letter is not the organisation's matter."""
    assert bool(found("Budget", ("Sensitivity", value))) is marks


def test_evidence_points_at_the_words() -> None:
    """The span leads to the words in the subject."""
    message = parse_message(build(subject="Re: [INTERN] Haushalt"))
    place = next(iter(check(message, CONTEXT))).evidence[0]
    assert message.subject[place.start : place.end] == place.text == "INTERN"


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200))
def test_labels_of_any_text(text: str) -> None:
    """No text makes the label test fail, and nothing without the mark is a label."""
    if is_label(text, MARKS):
        assert is_label(f" {text} ", MARKS)
        assert not is_label(f"{text} zebra", MARKS)
