"""Observations of a histogram added up in memory and passed on in one go: each by itself would cost 5 us, 16 a message.

The one file that knows prometheus-client's private names; a test checks that they add up as `observe` does.
"""

import asyncio
from bisect import bisect_left
from dataclasses import dataclass, field

from prometheus_client import Histogram

PASSED_ON_EVERY_S = 1.0


@dataclass(slots=True)
class _Sum:
    """What one child has seen since it was last passed on: a count for each bucket, and the sum in seconds."""

    bounds: list[float]
    counts: list[int]
    seconds: float = 0.0


@dataclass(slots=True)
class Tally:
    """Observations of one histogram with one label."""

    histogram: Histogram
    _sums: dict[str, _Sum] = field(default_factory=dict)
    _timer: asyncio.TimerHandle | None = None

    def observe(self, label: str, seconds: float) -> None:
        """Add one observation; it is seen by a scrape about a second later. Needs a running event loop."""
        found = self._sums.get(label)
        if found is None:
            bounds: list[float] = self.histogram.labels(label)._upper_bounds
            found = self._sums[label] = _Sum(bounds, [0] * len(bounds))
        found.counts[bisect_left(found.bounds, seconds)] += 1
        found.seconds += seconds
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PASSED_ON_EVERY_S, self.pass_on)

    def pass_on(self) -> None:
        """Pass on what has been added up; once more before the process ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for label, found in self._sums.items():
            child = self.histogram.labels(label)
            for place, count in enumerate(found.counts):
                if count:
                    child._buckets[place].inc(count)
                    found.counts[place] = 0
            child._sum.inc(found.seconds)
            found.seconds = 0.0
