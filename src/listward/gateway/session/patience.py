"""How long we wait for content: its own time-out, and a rate that only a slow-loris stays below."""

from typing import Protocol


class Received(Protocol):
    """What counts the octets that have come."""

    received: int


class Patience:
    """Watches one message arrive. Times are monotonic seconds, `rate` octets a second past `grace`."""

    def __init__(self, content: Received, start: float, limit: float, rate: int, grace: float) -> None:
        self.content = content
        self._start = start
        self._limit = limit
        self._rate = rate
        self._grace = grace

    def more(self, now: float) -> float:
        """Return how many seconds more the client has if nothing comes meanwhile; 0 when its time is over."""
        earned = self._grace + self.content.received / self._rate
        return max(0.0, self._start + min(self._limit, earned) - now)

    def is_over(self, now: float) -> bool:
        """Whether the limit has passed, however fast the octets came."""
        return now >= self._start + self._limit
