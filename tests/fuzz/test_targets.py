"""The fuzz targets in short: their corpora, some hundred mutations from a fixed seed, and cost in proportion."""

import time

import pytest
from fuzzing import NAMES, corpus, load, mutated, target

SIZE = 64_000
GROWING = [(name, piece) for name in NAMES for piece in getattr(load(name), "GROW", ())]


@pytest.mark.parametrize("name", NAMES)
def test_the_property_holds(name: str) -> None:
    """No input of the corpus and no mutation of one breaks it."""
    seeds = corpus(name)
    assert seeds, "every target has inputs to begin with"
    with target(name) as one:
        for data in (b"", *seeds, *mutated(seeds, 250, 1)):
            one(data)


@pytest.mark.parametrize(("name", "piece"), GROWING, ids=lambda value: value if isinstance(value, str) else repr(value))
def test_cost_grows_in_proportion(name: str, piece: bytes) -> None:
    """Four times the input costs some four times as much, whatever it is made of; sixteen times would be the square."""
    with target(name) as one:
        small, large = (_cost(one, piece * (size // len(piece))) for size in (SIZE, 4 * SIZE))
    assert large < 9 * max(small, 0.004), f"{small:.4f} s, then {large:.4f} s"


def _cost(one: object, data: bytes) -> float:
    assert callable(one)
    spent = []
    for _ in range(2):
        start = time.process_time()
        one(data)
        spent.append(time.process_time() - start)
    return min(spent)
