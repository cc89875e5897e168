"""The spam model: logistic regression over hashed features, learnt one message at a time."""

from array import array
from math import exp, sqrt
from operator import itemgetter
from pathlib import Path

from listward.filters.learner import storage
from listward.filters.learner.features import BUCKETS, features
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message

RATE = 0.5
FIRST = 1e-4  # what a bucket's history counts for before anything was learnt: small, so first sights move far
TRUSTED = 0.02  # the same for shipped weights, so that local mail corrects them without forgetting them at once
MARGIN = 0.1  # examples known better than this teach nothing (Sculley and Wachman 2007: relaxed updates)
BIAS_RATE = 0.02
SHIPPED = Path(__file__).with_name("shipped.model")


def _logistic(value: float) -> float:
    """The logistic function without overflow."""
    return 1.0 / (1.0 + exp(-max(-35.0, min(35.0, value))))


class SpamModel:
    """A spam score in [0, 1], 1 = spam. `SpamModel()` knows nothing and says 0.5; `load_default()` is what ships.

    Not for two threads at once. `spam_examples` and `ham_examples` count what was learnt.
    """

    def __init__(self, first: float = FIRST) -> None:
        """`first` above 0 is what every bucket's history starts from: the larger, the smaller the first steps."""
        self.spam_examples = 0
        self.ham_examples = 0
        self._weights = array("f", bytes(4 * BUCKETS))
        self._history = array("f", bytes(4 * BUCKETS))
        self._bias, self._slope, self._offset = 0.0, 1.0, 0.0
        self._first = first

    @classmethod
    def load_default(cls) -> "SpamModel":
        """The model that ships with the program."""
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, path: Path) -> "SpamModel":
        """Read a model that `save` wrote. Raises ModelError where the file is absent, damaged or of another version."""
        return cls._of(storage.read(path))

    @classmethod
    def unpacked(cls, packed: bytes) -> "SpamModel":
        """The model that `packed` gave, in another process. Raises ModelError."""
        return cls._of(storage.decode(packed, "the spam model"))

    @classmethod
    def _of(cls, content: storage.Content) -> "SpamModel":
        model, head = cls(), content.head
        model.spam_examples, model.ham_examples = head.spam, head.ham
        model._weights, model._history = content.weights, content.history
        model._bias, model._slope, model._offset = head.bias, head.slope, head.offset
        model._first = TRUSTED if head.scale else head.first
        return model

    def save(self, path: Path, compact: bool = False) -> None:
        """Write the model in one step. `compact` keeps 8-bit weights only: small enough to ship."""
        storage.write(path, self.packed(compact))

    def packed(self, compact: bool = False) -> bytes:
        """Return the octets that `save` writes."""
        head = storage.Head(
            buckets=BUCKETS,
            spam=self.spam_examples,
            ham=self.ham_examples,
            bias=self._bias,
            slope=self._slope,
            offset=self._offset,
            first=self._first,
        )
        return storage.encode(storage.Content(head, self._weights, self._history), compact)

    @property
    def model_examples(self) -> dict[str, int]:
        """How many messages of each class were learnt."""
        return {"spam": self.spam_examples, "ham": self.ham_examples}

    def score(self, raw: bytes) -> float:
        """The probability in [0, 1] that this message is spam. Never raises, whatever the bytes."""
        return self.score_message(parse_message(raw))

    def score_message(self, message: Message) -> float:
        """The same for a message that is parsed already."""
        return self.score_features(features(message))

    def learn(self, raw: bytes, spam: bool) -> None:
        """Learn one message. Never raises, whatever the bytes."""
        self.learn_features(features(parse_message(raw)), spam)

    def score_features(self, buckets: list[int]) -> float:
        """The calibrated score of hashed features."""
        return _logistic(self._slope * self.margin(buckets) + self._offset)

    def margin(self, buckets: list[int]) -> float:
        """The sum of weights, scaled by length: below 0 towards ham, above towards spam."""
        # With two at least, itemgetter gives a tuple.
        weights: tuple[float, ...] = itemgetter(*buckets, 0, 0)(self._weights)[:-2]
        return sum(weights) / sqrt(len(buckets) + 1) + self._bias

    def calibrate(self, slope: float, offset: float) -> None:
        """Set the line from margin to log-odds; `slope` must be above 0."""
        self._slope, self._offset = slope, offset

    def learn_features(self, buckets: list[int], spam: bool) -> None:
        """One AdaGrad step (Duchi et al. 2011) on hashed features; counts the example."""
        self.spam_examples += spam
        self.ham_examples += not spam
        error = spam - _logistic(self.margin(buckets))
        if abs(error) < MARGIN:
            return
        gradient = error / sqrt(len(buckets) + 1)
        square, step = gradient * gradient, RATE * gradient
        weights, history, first = self._weights, self._history, self._first
        for bucket in buckets:
            history[bucket] += square
            weights[bucket] += step / sqrt(first + history[bucket])
        self._bias += BIAS_RATE * error
