"""The clock, handed in so that tests can turn it."""

import time
from collections.abc import Callable
from typing import Protocol

STEP_S = 60.0  # a wall clock is corrected by so much now and then; more at once is a jump
BELIEVED_S = 3600.0  # a jump that has lasted so long is no mistake


class Clock(Protocol):
    """Two clocks: `now` for what people and the store see, `monotonic` for deadlines within this process."""

    def now(self) -> float:
        """Unix seconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        ...


class SystemClock:
    """The machine's own clocks. A wall clock that jumps is believed only after a while.

    So a machine that gets the date wrong for some minutes neither ends holds and tokens nor revives them. `wall` and
    `steady` return seconds; `steady` counts on while the machine sleeps.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = wall() - steady()
        self._strayed_at: float | None = None

    def now(self) -> float:
        """Unix seconds."""
        steady = self._steady()
        ahead = self._wall() - steady
        if abs(ahead - self._ahead) > STEP_S and not self._lasts(steady):
            return steady + self._ahead
        self._ahead, self._strayed_at = ahead, None
        return steady + ahead

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()

    def _lasts(self, steady: float) -> bool:
        if self._strayed_at is None:
            self._strayed_at = steady
        return steady - self._strayed_at >= BELIEVED_S
