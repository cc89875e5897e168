"""Counts that all workers of one machine share: memory made before they are forked, where each writes its own column.

A sum over the columns is what all workers count together. Nobody writes where another one writes, so nothing is locked;
a worker that begins, also in place of one that died, clears its column.
"""

import os
from hashlib import blake2b
from mmap import mmap

COUNTERS = 4
MOST_WORKERS = 64
TABLES = 2
RATES = 3
_ROWS = 2
_WIDTH = 2048  # places of one row: clients at once are hundreds, so two that share both places are rare
_TABLE = _ROWS * _WIDTH
_RATE = 2 * (1 + _TABLE)  # two windows, each with its number in front
_LASTING = MOST_WORKERS + 1  # connections given to each worker, and taken: they outlive a worker
_TAKES = _LASTING + COUNTERS  # whether the worker takes connections from others
_FIRST_TABLE = _TAKES + 1
_CELLS = _FIRST_TABLE + TABLES * _TABLE + RATES * _RATE


class Board:
    """The memory. `workers` is how many columns there are. Made before forking."""

    def __init__(self, workers: int = 1) -> None:
        if not 1 <= workers <= MOST_WORKERS:
            raise ValueError(f"1 to {MOST_WORKERS} workers")
        self._cells = memoryview(mmap(-1, workers * _CELLS * 8)).cast("q")
        self._key = os.urandom(16)  # so that nobody can choose addresses that count as somebody else's
        self._workers = workers

    def column(self, worker: int) -> "Column":
        """Return the column of one worker, cleared."""
        column = Column(self._cells, worker * _CELLS, self._key)
        column.clear()
        return column

    def forget(self) -> None:
        """Unmap the memory in this process, which is no worker and counts nothing."""
        self._cells.release()

    def clear(self, worker: int) -> None:
        """Forget what a worker that has died counted of the present."""
        Column(self._cells, worker * _CELLS, self._key).clear()


class Column:
    """One worker's view: it adds to its own cells and reads everybody's."""

    def __init__(self, cells: "memoryview[int]", start: int, key: bytes) -> None:
        self._cells, self._start, self._key = cells, start, key

    def clear(self) -> None:
        """Set what this column counts of the present to zero."""
        first = self._start + _LASTING
        self._cells[first : self._start + _CELLS] = memoryview(bytes((_CELLS - _LASTING) * 8)).cast("q")

    def add(self, counter: int, amount: int) -> int:
        """Add to a counter, 0 to COUNTERS - 1, and return the sum over all workers."""
        return self._add(_LASTING + counter, amount)

    def total(self, counter: int) -> int:
        """Return a counter's sum over all workers."""
        return sum(self.each(counter))

    def each(self, counter: int) -> list[int]:
        """Return a counter's value in every column."""
        return self._cells[_LASTING + counter :: _CELLS].tolist()

    def on_the_way(self) -> list[int]:
        """Return for every worker how many connections were given to it that it has not taken yet."""
        workers = range(len(self._cells) // _CELLS)
        taken = self._cells[MOST_WORKERS::_CELLS].tolist()
        return [max(0, sum(self._cells[worker::_CELLS]) - taken[worker]) for worker in workers]

    def set_taking(self, taking: bool) -> None:
        """Say whether this worker takes connections from others. One that is cleared takes none."""
        self._cells[self._start + _TAKES] = int(taking)

    def takers(self) -> list[int]:
        """Return the workers that take connections from others."""
        return [worker for worker, taking in enumerate(self._cells[_TAKES::_CELLS].tolist()) if taking]

    def give(self, worker: int) -> None:
        """Count a connection given to another worker."""
        self._cells[self._start + worker] += 1

    def take(self) -> None:
        """Count a connection taken from another worker."""
        self._cells[self._start + MOST_WORKERS] += 1

    def add_key(self, table: int, key: bytes, amount: int) -> int:
        """Add to what is counted under a key; returns the sum over all workers, which may be too high, never too low.

        A count-min sketch of two rows: however many keys there are, the memory stays.
        """
        first = _FIRST_TABLE + table * _TABLE
        return min([self._add(first + place, amount) for place in self._places(key)])

    def add_to_rate(self, table: int, key: bytes, now: float, window_s: float) -> float:
        """Count one event of a key and return how many came in the last window, as in a window that slides."""
        places = self._places(key)
        first = self._open_window(table, int(now // window_s))
        for place in places:
            self._cells[self._start + first + 1 + place] += 1
        return self._rate(table, places, now, window_s)

    def rate(self, table: int, key: bytes, now: float, window_s: float) -> float:
        """Return how many events of a key came in the last window, without counting one."""
        return self._rate(table, self._places(key), now, window_s)

    def _rate(self, table: int, places: tuple[int, int], now: float, window_s: float) -> float:
        window, passed = divmod(now, window_s)
        recent = min(self._in_window(table, int(window), place) for place in places)
        before = min(self._in_window(table, int(window) - 1, place) for place in places)
        return recent + before * (1 - passed / window_s)

    def _add(self, cell: int, amount: int) -> int:
        self._cells[self._start + cell] += amount
        return sum(self._cells[cell::_CELLS])

    def _open_window(self, table: int, window: int) -> int:
        """Return where this worker counts a window, cleared when it counts it for the first time."""
        first = _window_at(table, window)
        at = self._start + first
        if self._cells[at] != window:
            self._cells[at + 1 : at + 1 + _TABLE] = memoryview(bytes(_TABLE * 8)).cast("q")
            self._cells[at] = window
        return first

    def _in_window(self, table: int, window: int, place: int) -> int:
        first = _window_at(table, window)
        numbers, counts = self._cells[first::_CELLS], self._cells[first + 1 + place :: _CELLS]
        return sum(count for number, count in zip(numbers, counts, strict=True) if number == window)

    def _places(self, key: bytes) -> tuple[int, int]:
        digest = blake2b(key, key=self._key, digest_size=8).digest()
        one, other = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big")
        return one % _WIDTH, _WIDTH + other % _WIDTH


def _window_at(table: int, window: int) -> int:
    return _FIRST_TABLE + TABLES * _TABLE + table * _RATE + window % 2 * (1 + _TABLE)
