"""The clock, handed in so that tests can turn it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks: `now` for what people and the store see, `monotonic` for deadlines within this process."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()
