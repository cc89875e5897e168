"""Added-up observations come out as if each had been observed by itself."""

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from listward.runtime.tallies import Tally

VALUES = (0.0001, 0.001, 0.0011, 0.3, 1.0, 7.5)


def _histogram() -> tuple[CollectorRegistry, Histogram]:
    registry = CollectorRegistry()
    return registry, Histogram("took", "Time.", ("filter",), buckets=(0.001, 0.01, 1), registry=registry)


def _samples(registry: CollectorRegistry) -> list[str]:
    return [line for line in generate_latest(registry).decode().splitlines() if "_created" not in line]


async def test_a_tally_adds_up_like_single_observations() -> None:
    """Buckets, count and sum are those that `observe` makes, borders of buckets included."""
    (one, plain), (other, tallied) = _histogram(), _histogram()
    tally = Tally(tallied)
    for _ in range(2):  # passing on twice counts nothing twice
        for value in VALUES:
            plain.labels("structure").observe(value)
            tally.observe("structure", value)
        tally.pass_on()
    tally.pass_on()
    assert _samples(one) == _samples(other)


async def test_nothing_is_passed_on_before_its_time() -> None:
    """Until then a scrape sees the series at zero, not half of it."""
    registry, histogram = _histogram()
    tally = Tally(histogram)
    tally.observe("structure", 0.5)
    assert 'took_count{filter="structure"} 0.0' in _samples(registry)
    tally.pass_on()
    assert 'took_count{filter="structure"} 1.0' in _samples(registry)
