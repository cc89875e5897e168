"""Every reader over any message: none raises, and a finding points at a place that is there."""

from listward.filters.context import Context
from listward.filters.learner import SpamModel
from listward.filters.message.parse import parse_message
from listward.filters.reading import read

CONTEXT = Context("Party", frozenset({"party.example"}), frozenset(), frozenset(), frozenset())
MODEL = SpamModel()


def one(data: bytes) -> None:
    """Read it as a stranger's post."""
    reading = read(parse_message(data), 1_800_000_000.0, CONTEXT, MODEL)
    assert reading.failures == ()
    scores = reading.scores
    assert all(0 <= score <= 1 for score in (scores.spam, scores.solicitation, scores.internal))
    for finding in reading.findings:
        assert all(0 <= evidence.start <= evidence.end for evidence in finding.evidence)
