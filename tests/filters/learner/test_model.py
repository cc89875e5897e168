"""The spam model: learns on line, forgets nothing it was told at once, and never raises."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import build
from pace import allowed

from listward.filters.learner import SpamModel
from listward.filters.learner.features import features
from listward.filters.message.parse import parse_message

SPAM = build(subject="Cheap pills", text="Buy cheap pills now, order today, free shipping\n")
HAM = build(subject="Minutes", text="Here are the minutes of the meeting on Tuesday\n")


def test_untrained_model_says_one_half() -> None:
    """Who has learnt nothing knows nothing."""
    model = SpamModel()
    assert model.score(SPAM) == model.score(HAM) == 0.5
    assert model.model_examples == {"spam": 0, "ham": 0}


def test_one_example_of_each_class_tells_them_apart() -> None:
    """Two messages suffice to score them, and their like, on the right sides."""
    model = SpamModel()
    model.learn(SPAM, True)
    model.learn(HAM, False)
    assert model.score(SPAM) > 0.6 > 0.4 > model.score(HAM)
    assert model.score(build(subject="Offer", text="Order cheap pills today\n")) > 0.5
    assert model.model_examples == {"spam": 1, "ham": 1}


def test_wrong_label_can_be_taken_back() -> None:
    """Learning the other label often enough turns a score around."""
    model = SpamModel()
    for _ in range(3):
        model.learn(HAM, True)
    for _ in range(6):
        model.learn(HAM, False)
    assert model.score(HAM) < 0.5


def test_known_well_teaches_no_more() -> None:
    """What is known beyond the margin changes no weight, so repeats cannot drown the rest."""
    model = SpamModel()
    for _ in range(50):
        model.learn(SPAM, True)
    before = model.score(SPAM)
    model.learn(SPAM, True)
    assert model.score(SPAM) == before
    assert model.spam_examples == 51


def test_score_of_parsed_message_is_the_same() -> None:
    """Raw bytes and the parsed message give one score."""
    model = SpamModel()
    model.learn(SPAM, True)
    assert model.score(SPAM) == model.score_message(parse_message(SPAM))


def test_saved_model_scores_and_learns_alike(tmp_path: Path) -> None:
    """A model that was stored goes on as if it had not been."""
    model = SpamModel()
    model.learn(SPAM, True)
    model.calibrate(1.5, -0.1)
    model.save(tmp_path / "model")
    loaded = SpamModel.load(tmp_path / "model")
    for one in (model, loaded):
        one.learn(HAM, False)
    assert loaded.score(SPAM) == model.score(SPAM)
    assert loaded.score(HAM) == model.score(HAM)
    assert loaded.model_examples == {"spam": 1, "ham": 1}


def test_compact_model_scores_nearly_alike(tmp_path: Path) -> None:
    """Eight-bit weights change a score by little."""
    model = SpamModel()
    model.learn(SPAM, True)
    model.learn(HAM, False)
    model.save(tmp_path / "model", compact=True)
    assert SpamModel.load(tmp_path / "model").score(SPAM) == pytest.approx(model.score(SPAM), abs=0.01)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=500), st.booleans())
def test_any_bytes_can_be_scored_and_learnt(raw: bytes, spam: bool) -> None:
    """Whatever the bytes, the score lies in [0, 1] and learning does not raise."""
    model = SHARED_MODEL
    assert 0 <= model.score(raw) <= 1
    model.learn(raw, spam)
    assert 0 <= model.score(raw) <= 1


SHARED_MODEL = SpamModel()


def test_time_of_one_message() -> None:
    """Scoring and learning of a parsed message take a few milliseconds at most, also on a busy machine."""
    model = SpamModel()
    message = parse_message(build(text="These are forty ordinary words of one line of an ordinary letter. " * 80))
    started = time.process_time()
    for _ in range(20):
        model.score_message(message)
        model.learn_features(features(message), False)
    assert (time.process_time() - started) / 20 < allowed(0.03)


def test_huge_message_takes_bounded_time() -> None:
    """Ten megabytes of text cost no more than the part that is read."""
    message = parse_message(build(text="cheap pills " * 900_000))
    message.visible_text  # noqa: B018  # parsing is not what is timed here
    started = time.process_time()
    SpamModel().score_message(message)
    assert time.process_time() - started < allowed(1)
