"""The table of signals: each pattern compiles, speaks for itself and runs in linear time."""

import time

import pytest
import re2
from pace import allowed

from listward.filters.content.appeal_signals import SIGNALS, occurrences, read_signals
from listward.filters.content.appeal_weights import WEIGHTS
from listward.filters.content.plain import plain

SIDES = {signal.name: signal.towards for signal in SIGNALS}


def seen(text: str) -> set[str]:
    """Names of the signals in a text."""
    return {signal.name for signal, _ in occurrences(text.encode(), 5)}


def test_names_are_unique_and_weighed_on_their_side() -> None:
    """Each signal has one weight, which does not contradict what the table says of it."""
    assert len(SIDES) == len(SIGNALS)
    for name, towards in SIDES.items():
        assert WEIGHTS[name] * towards >= 0


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("please help my sister", "asks-for-oneself"),
        ("me podeis ayudar", "asks-for-oneself"),
        ("could anyone here help us", "asks-somebody"),
        ("alguien me puede prestar", "asks-somebody"),
        ("lend me 150 until friday", "asks-for-money"),
        ("looking for a personal loan of 500", "asks-for-money"),
        ("prestarme 200 euros", "asks-for-money"),
        ("every little helps", "any-amount"),
        ("lo que podais", "any-amount"),
        ("would love some groceries", "asks-for-goods"),
        ("i need money", "needs-money"),
        ("necesito dinero", "needs-money"),
        ("i lost my job", "hardship"),
        ("perdi mi trabajo", "hardship"),
        ("my room mates surgery", "hardship"),
        ("i set up a gofundme", "own-fundraiser"),
        ("mi bizum", "own-fundraiser"),
        ("i will pay it forward", "repays"),
        ("i hate to ask", "ashamed-to-ask"),
        ("me da mucha verguenza", "ashamed-to-ask"),
        ("for a friend of mine", "for-a-person"),
        ("the strike fund", "collective"),
        ("caja de resistencia", "collective"),
        ("paid for by", "campaigning"),
        ("i can help anyone", "offers"),
        ("lend me a projector", "asks-for-a-hand"),
        ("could somebody help us carry the boxes", "asks-for-a-hand"),
        ("busco piso", "asks-for-a-hand"),
        ("thank you all for your support, who donated", "thanks-given"),
        ("soliciting money is against the rules", "about-appeals"),
        ("es una estafa", "about-appeals"),
        ("the raffle tickets", "business"),
        ("he asked for", "others-ask"),
    ],
)
def test_signal_sees_its_words(text: str, name: str) -> None:
    """A phrase of each kind is seen by its signal, also over a line end."""
    assert name in seen(text)
    assert name in seen(plain(text.replace(" ", "\n")).lower)


def test_text_without_any_signal() -> None:
    """Nothing to see is nothing, not an error."""
    assert seen("zz") == set()


def test_places_are_bounded() -> None:
    """No more places of one signal are kept than asked for."""
    places = dict(occurrences(b"i lost my job. " * 50, 3))
    assert {signal.name: len(found) for signal, found in places.items()}["hardship"] == 3


def test_fragments_fill_later_ones() -> None:
    """A fragment may name those above it; a blank is any white space and may be optional."""
    text = (
        "[fragments]\na = 'x|y'\nb = '(?:<a>) ?z'\n"
        "[[signal]]\nname = 's'\ntowards = 1\nsays = ''\nchoices = ['<b> w[a b]']\n"
    )
    (signal,) = read_signals(text)
    pattern = re2.compile(signal.pattern)
    assert pattern.search("y \n z\nw ") is not None
    assert pattern.search("xz wb") is not None
    assert pattern.search("x w") is None


@pytest.mark.parametrize("unit", ["i just just ", "please ", "my my my ", "help me ", "aaaa ", "a" * 50 + " "])
def test_hostile_text_takes_bounded_time(unit: str) -> None:
    """Two hundred thousand characters of repeated beginnings are read within three seconds."""
    text = (unit * 200_000)[:200_000].encode()
    started = time.process_time()
    list(occurrences(text, 12))
    assert time.process_time() - started < allowed(3)
