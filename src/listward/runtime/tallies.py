"""What is measured for each message, added up in memory and passed on in one go: each by itself would cost some us.

The one file that knows prometheus-client's private names; a test checks that they add up as `observe` does.
"""

import asyncio
from bisect import bisect_left
from dataclasses import dataclass, field

from prometheus_client import Gauge, Histogram

PASSED_ON_EVERY_S = 1.0


@dataclass(slots=True)
class _Sum:
    """What one child has seen since it was last passed on: a count for each bucket, and the sum in seconds."""

    bounds: list[float]
    counts: list[int]
    seconds: float = 0.0


@dataclass(slots=True)
class Tally:
    """Observations of one histogram with one label, or with none and "" for it. With `every_s` 0 nothing is kept."""

    histogram: Histogram
    every_s: float = PASSED_ON_EVERY_S
    _sums: dict[str, _Sum] = field(default_factory=dict)
    _timer: asyncio.TimerHandle | None = None

    def observe(self, label: str, seconds: float) -> None:
        """Add one observation; it is seen by a scrape about `every_s` later. Needs a running event loop."""
        if not self.every_s:
            self._child(label).observe(seconds)
            return
        found = self._sums.get(label)
        if found is None:
            bounds: list[float] = self._child(label)._upper_bounds
            found = self._sums[label] = _Sum(bounds, [0] * len(bounds))
        found.counts[bisect_left(found.bounds, seconds)] += 1
        found.seconds += seconds
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.every_s, self.pass_on)

    def pass_on(self) -> None:
        """Pass on what has been added up; once more before the process ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for label, found in self._sums.items():
            child = self._child(label)
            for place, count in enumerate(found.counts):
                if count:
                    child._buckets[place].inc(count)
                    found.counts[place] = 0
            child._sum.inc(found.seconds)
            found.seconds = 0.0

    def _child(self, label: str) -> Histogram:
        return self.histogram.labels(label) if label else self.histogram


@dataclass(slots=True)
class Level:
    """A gauge that changes many times for each message: a scrape sees what stood about `every_s` ago."""

    gauge: Gauge
    every_s: float = PASSED_ON_EVERY_S
    _value: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def set(self, value: float) -> None:
        """Note what stands now. Needs a running event loop unless `every_s` is 0."""
        self._value = value
        if not self.every_s:
            self.gauge.set(value)
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.every_s, self.pass_on)

    def pass_on(self) -> None:
        """Tell the gauge."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.gauge.set(self._value)
