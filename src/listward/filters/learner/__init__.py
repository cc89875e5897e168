"""The spam model: words of people's mail in, one calibrated score out, learnt one message at a time."""

from listward.filters.learner.faults import ModelError
from listward.filters.learner.model import SpamModel

__all__ = ["ModelError", "SpamModel"]
