"""Added-up observations come out as if each had been observed by itself."""

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from listward.runtime.metrics import Metrics
from listward.runtime.tallies import Level, Tally

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


async def test_a_level_tells_what_stands_when_it_is_passed_on() -> None:
    """Of many changes a scrape sees the last, and none of them before its time."""
    registry = CollectorRegistry()
    level = Level(Gauge("octets", "Octets.", registry=registry))
    for value in (5, 9, 7):
        level.set(value)
    assert "octets 0.0" in _samples(registry)
    level.pass_on()
    assert "octets 7.0" in _samples(registry)


def test_a_process_of_its_own_passes_on_at_once() -> None:
    """Without other processes nothing is kept back, and no event loop is needed."""
    metrics = Metrics()
    metrics.transaction_took.observe("", 0.3)
    metrics.inflight.set(4)
    text = _samples(metrics.registry)
    assert "listward_transaction_seconds_count 1.0" in text
    assert "listward_inflight_bytes 4.0" in text


async def test_what_is_kept_back_is_passed_on_at_the_end() -> None:
    """One of many processes keeps a second's worth back, and passes all of it on before it ends."""
    metrics = Metrics(every_s=1.0)
    metrics.next_hop_took.observe("", 0.3)
    metrics.inflight.set(4)
    assert "listward_next_hop_seconds_count 0.0" in _samples(metrics.registry)
    metrics.pass_on()
    assert "listward_next_hop_seconds_count 1.0" in _samples(metrics.registry)
    assert "listward_inflight_bytes 4.0" in _samples(metrics.registry)
