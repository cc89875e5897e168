"""Ctrl-C in a run that can go on later: the first one ends it between two chunks, the second one at once."""

import signal
from types import FrameType, TracebackType
from typing import Any

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Notes that somebody wants the run to end. Where it need not be `orderly`, signals do what they always do."""

    def __init__(self, *, orderly: bool) -> None:
        self.asked = False
        self._orderly = orderly
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Stop":
        if self._orderly:
            self._before = {number: signal.signal(number, self._note) for number in NUMBERS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
