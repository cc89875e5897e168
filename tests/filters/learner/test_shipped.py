"""The model that ships: small, and right on ordinary messages of both kinds that it has not seen."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from messages import build

from listward.filters.learner import SpamModel
from listward.filters.learner.model import SHIPPED

MESSAGES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "messages.jsonl").read_text(encoding="utf-8").split("\n")
    if line
]
SPAM, HAM = ([one for one in MESSAGES if one["label"] == label] for label in ("spam", "ham"))


@pytest.fixture(scope="module")
def model() -> SpamModel:
    """What ships."""
    return SpamModel.load_default()


def raw(message: dict[str, str]) -> bytes:
    """A message by nobody in particular."""
    return build(from_="A <a@mail.example>", subject=message["subject"], text=f"{message['text']}\n")


@pytest.mark.parametrize("message", SPAM, ids=lambda message: message["name"])
def test_unwanted_mail_scores_high(model: SpamModel, message: dict[str, str]) -> None:
    """Each kind of unwanted mail scores above one half."""
    assert model.score(raw(message)) > 0.5


@pytest.mark.parametrize("message", HAM, ids=lambda message: message["name"])
def test_mail_of_members_scores_low(model: SpamModel, message: dict[str, str]) -> None:
    """Members' mail, anger and appeals of the organisation included, scores below one half."""
    assert model.score(raw(message)) < 0.5


def test_file_is_small() -> None:
    """What ships stays below 400 kB."""
    assert SHIPPED.stat().st_size < 400_000


def test_learning_corrects_what_ships() -> None:
    """A message judged wrongly is turned around by a few rulings."""
    model, message = SpamModel.load_default(), raw(SPAM[0])
    for _ in range(6):
        model.learn(message, False)
    assert model.score(message) < 0.5


def lines(shared: Path, name: str, every: int) -> Iterator[tuple[bytes, bool]]:
    """Every n-th message of a shared corpus."""
    with (shared / "corpora" / f"{name}.jsonl.zst").open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file).read().decode()
    for number, line in enumerate(filter(None, text.split("\n"))):
        if number % every == 0:
            found = json.loads(line)
            yield found["raw"].encode("latin-1"), found["label"] == "spam"


@pytest.mark.shared
def test_ham_of_other_lists_passes(shared: Path, model: SpamModel) -> None:
    """Of lists the model never saw, at most one message in a hundred scores above one half."""
    scores = [model.score(message) for message, _ in lines(shared, "listham", 40)]
    assert sum(score >= 0.5 for score in scores) <= len(scores) / 100


@pytest.mark.shared
def test_learns_a_stream_from_scratch(shared: Path) -> None:
    """Scoring, then learning, in the stream's order, at most one message in twelve of a thin stream is wrong."""
    model, wrong, total = SpamModel(), 0, 0
    for message, spam in lines(shared, "spamham_spamassassin", 6):
        wrong += (model.score(message) >= 0.5) != spam
        total += 1
        model.learn(message, spam)
    assert wrong <= total / 12
