"""The graded score of how internal a text sounds."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import allowed

from listward.filters.routing.cues import PRIOR, combine, cues, score

DISCLAIMER = (
    "Dear all,\n\nsee you on Tuesday.\n\nThis e-mail is confidential and intended solely for the addressee. "
    "If you have received this message in error, do not forward or distribute it, and delete it immediately from your "
    "system.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "For internal use only. The figures are below.",
        "Confidential: board only\n\nHere is the draft.",
        "Please do not forward this.",
        "Don't share it outside the committee.",
        "Minutes of the executive committee, 3 May. This is a closed session paper.",
        "Let us keep this strictly between us.",
        "Nicht weiterleiten: der Entwurf.",
        "Uso interno. No reenviar.",
    ],
)
def test_words_of_internal_papers_count(text: str) -> None:
    """What sounds internal scores well above an ordinary text."""
    assert score("", text, marked=False) > 0.4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "See you at the march on Saturday. Bring your friends, and forward this to everybody!",
        "The internal combustion engine is on its way out.",
        "The board has failed us, and its secrecy is a disgrace. We demand open minutes.",
        "Criticism of the leadership must be possible, inside and outside.",
        "Do not be afraid. We do not give in.",
        DISCLAIMER,
        "Sent by Acme. This newsletter is private and proprietary to Acme and its subsidiaries, for internal use only.",
    ],
)
def test_ordinary_mail_criticism_and_disclaimers_do_not(text: str) -> None:
    """Nothing but the prior remains for ordinary mail, for criticism of officers, and for a bare legal notice."""
    assert score("", text, marked=False) == pytest.approx(PRIOR)


def test_words_beside_a_disclaimer_still_count() -> None:
    """A legal notice hides only its own paragraph."""
    assert score("", f"Please do not forward this.\n\n{DISCLAIMER}", marked=False) > 0.6


def test_a_mark_weighs_most() -> None:
    """Marked is nearly certain, more words make it more certain, and nothing exceeds one."""
    plain, marked = score("", "Hello", marked=False), score("", "Hello", marked=True)
    both = score("Strictly confidential", "For internal use only.", marked=True)
    assert plain < 0.05 < 0.9 < marked < both <= 1.0


def test_evidence_points_at_the_words() -> None:
    """Each cue leads to its own words."""
    text = "Hello all,\n\nplease do not\nforward this.\n"
    found = list(cues("Strictly confidential", text))
    assert {cue.evidence.view for cue in found} == {"subject", "text"}
    for cue in found:
        view = text if cue.evidence.view == "text" else "Strictly confidential"
        assert view[cue.evidence.start : cue.evidence.end] == cue.evidence.text


@settings(max_examples=100, deadline=None)
@given(weights=st.lists(st.floats(0, 1), max_size=8), more=st.floats(0, 1))
def test_combining_stays_in_bounds_and_only_grows(weights: list[float], more: float) -> None:
    """More hints never lower the score."""
    assert PRIOR <= combine(weights) <= combine([*weights, more]) <= 1.0


@pytest.mark.parametrize(
    "unit", ["confidential ", "do not ", "\n \n", "keep this this ", "forward outside the ", "a\n"]
)
def test_time_is_linear(unit: str) -> None:
    """Repeats of what the patterns begin with do not blow up."""
    started = time.process_time()
    score(unit * 50, unit * 200_000, marked=False)
    assert time.process_time() - started < allowed(1.0)
