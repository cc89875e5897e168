"""The words of the page of a question: complete in both languages, plain, short."""

import re
from itertools import chain

import pytest

from listward.filters.identity.standing import Method, Path
from listward.queue.desk.console.answerwords import _BARS, WORDS, bar_words, way_words

FORBIDDEN = re.compile(r"smtp|dmarc|dkim|spf|score|quarantine|violat|puntuaci|cuarentena|infracci", re.IGNORECASE)
EVERY = [*chain.from_iterable(words.values() for words in (*WORDS.values(), *_BARS.values()))]


def test_both_languages_say_the_same_things() -> None:
    """Nobody reads less for their language."""
    assert WORDS["en"].keys() == WORDS["es"].keys()
    assert _BARS["en"].keys() == _BARS["es"].keys()


@pytest.mark.parametrize("words", EVERY)
def test_words_are_plain_and_short(words: str) -> None:
    """No words of the trade, no sentence over twenty words."""
    assert not FORBIDDEN.search(words)
    assert all(len(sentence.split()) <= 20 for sentence in re.split(r"(?<=[.!?])\s", words))


def test_unknown_languages_and_reasons_have_words_too() -> None:
    """English, and one sentence that fits every reason."""
    path = Path(Method.SPF, "small-host.example")
    assert way_words(path, "fi") == "mail from the servers of small-host.example"
    assert bar_words("something-new", "fi") == _BARS["en"]["other"]
    assert bar_words("", "en") == ""
