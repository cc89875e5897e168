"""How far a replay has come, on standard error: a bar where a person can see it, else a line now and then."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

EVERY_S = 30.0
SHOWN_S = 0.25


class Shown:
    """Shows messages, messages a second and the time left. No thread of its own: processes are forked meanwhile.

    `octets` are those of all files, packed as they are; `done` are messages of an earlier part of the run.
    """

    def __init__(self, octets: int, *, quiet: bool, done: int = 0) -> None:
        self._octets = max(octets, 1)
        self._read = 0
        self._done = done
        self._messages = done
        self._began = self._told = time.monotonic()
        self._quiet = quiet
        self._bar: Progress | None = None
        if sys.stderr.isatty() and not quiet:
            columns = (TextColumn("{task.percentage:>3.0f} %"), BarColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
            self._task = self._bar.add_task("", total=self._octets)

    def __enter__(self) -> "Shown":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def read(self, octets: int) -> None:
        """So much of the files has been read."""
        self._read = octets

    def judged(self, messages: int) -> None:
        """So many messages are done in all."""
        self._messages = messages
        now = time.monotonic()
        if self._quiet or now - self._told < (SHOWN_S if self._bar is not None else EVERY_S):
            return
        self._told = now
        if self._bar is not None:
            self._bar.update(self._task, completed=self._read, description=self._words(now), refresh=True)
        else:
            share = min(100, 100 * self._read // self._octets)
            print(f"replay: {share} %, {self._words(now)}", file=sys.stderr, flush=True)

    def _words(self, now: float) -> str:
        seconds = max(now - self._began, 1e-6)
        rate = (self._messages - self._done) / seconds
        words = f"{self._messages:,} messages, {rate:,.0f}/s"
        share = min(self._read / self._octets, 1.0)
        if not self._done and share > 0:
            return f"{words}, {_span(seconds * (1 - share) / share)} left"
        return words


def _span(seconds: float) -> str:
    """A span of time in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
