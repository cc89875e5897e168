"""Hashed features: words and pairs of words of subject and body, and facts, as bucket numbers."""

from zlib import crc32

from listward.filters.learner.disguise import disguised_words
from listward.filters.learner.facts import facts_of
from listward.filters.learner.words import subject_words, without_footer, words_of
from listward.filters.message.message import Message

BITS = 18
BUCKETS = 1 << BITS
MAX_HIDDEN = 4_000

_MASK = BUCKETS - 1
_PAIR = 0x9E3779B9
_SUBJECT = crc32(b"\x01subject")
_HIDDEN = crc32(b"\x01hidden")
_FACT = crc32(b"\x01fact")
_MOST_KNOWN = 16_384


class _Seeds(dict[bytes, int]):
    """For each word the seed of the pair with its next word; remembered, since most words come again."""

    def __missing__(self, word: bytes) -> int:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        seed = self[word] = crc32(word) ^ _PAIR
        return seed


_SEEDS = _Seeds()


def _add(buckets: set[int], words: list[bytes]) -> None:
    """Words and pairs of neighbours. CRC-32 is fast and the same everywhere; a forced collision gains little."""
    seeds = [_PAIR, *map(_SEEDS.__getitem__, words)]
    buckets.update([(seed ^ _PAIR) & _MASK for seed in set(seeds[1:])])
    buckets.update([crc32(word, seed) & _MASK for word, seed in zip(words, seeds, strict=False)])


def _add_apart(buckets: set[int], words: list[bytes], seed: int) -> None:
    """Words and pairs under a seed of their own, so that they weigh apart from the body's."""
    before = seed ^ _PAIR
    for word in words:
        buckets.add(crc32(word, seed) & _MASK)
        buckets.add(crc32(word, before) & _MASK)
        before = crc32(word, before)


def features(message: Message) -> list[int]:
    """The buckets of one message, each once, each in [0, BUCKETS). Pure; time is linear in bounded text."""
    visible, hidden = without_footer(message.visible_text), message.hidden_text
    subject = subject_words(message.subject)
    disguised = disguised_words(f"{message.subject} {visible}")
    buckets: set[int] = set()
    _add(buckets, words_of(visible))
    _add(buckets, subject)
    if disguised:
        buckets.update(crc32(word) & _MASK for word in disguised)
        buckets.add(crc32(b"disguised%d" % min(len(disguised).bit_length(), 4), _FACT) & _MASK)
    _add_apart(buckets, subject, _SUBJECT)
    if hidden:
        _add_apart(buckets, words_of(hidden[:MAX_HIDDEN]), _HIDDEN)
    buckets.update(crc32(fact.encode(), _FACT) & _MASK for fact in facts_of(message, visible, hidden))
    return list(buckets)
