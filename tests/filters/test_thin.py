"""Short answers of members pass: a few words without a link tell nothing about junk."""

import pytest
from messages import build

from listward.filters.message.parse import parse_message
from listward.filters.thin import FEWEST_WORDS, MOST_SURE, tempered

SHORT = (
    ("hi", ""),
    ("Re: Thursday", "Sent from my phone"),
    ("Results", "Congratulations!!!"),
    ("Vote", "YES YES YES!!!"),
    ("Win the election!", "Urgent: 100 volunteers needed today!!!"),
    ("Pésame", "Lo siento mucho. Un abrazo."),
)


@pytest.mark.parametrize(("subject", "text"), SHORT)
def test_a_few_words_are_never_sure_junk(subject: str, text: str) -> None:
    """However sure the model, a short message without link or file stays below what members are held at."""
    assert tempered(0.999, parse_message(build(subject=subject, text=text))) == MOST_SURE


@pytest.mark.parametrize(
    "raw",
    [
        build(subject="Win", text="Click http://203.0.113.9/prize"),
        build(subject="Invoice", text="See file", attachments=[("invoice.pdf", b"%PDF-")]),
        build(subject="Offer", text="word " * FEWEST_WORDS),
        build(subject="Hi", text="Hi", html='<p>Hi</p><p style="display:none">cheap pills</p>'),
    ],
    ids=["link", "file", "words", "hidden"],
)
def test_more_than_a_few_words_count_as_they_are(raw: bytes) -> None:
    """A link, a file, hidden text or enough words leave the score alone."""
    assert tempered(0.999, parse_message(raw)) == 0.999


def test_an_unsure_score_is_left_alone() -> None:
    """Only certainty is bounded."""
    assert tempered(0.3, parse_message(build(subject="Hi", text="Yes"))) == 0.3
