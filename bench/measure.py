"""One measurement: send an order at a system and charge what it cost."""

import json
import pickle
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import proc
from bench.load import Order
from bench.processes import python

QUIET_CORES = 0.3
LOOK_S = 0.3


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Times in ms, CPU in ms a message, memory in MB; `foreign_cores` is what others used meanwhile.

    `delivered_per_second` counts until the system's own queue was empty again, for those that answer before they
    deliver.
    """

    system: str
    connections: int
    messages: int
    per_second: float
    delivered_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float | None
    load_cpu_ms: float
    pss_mb: float | None
    foreign_cores: float
    replies: dict[str, int]
    errors: int
    repetition: int = 0


@dataclass(frozen=True, slots=True)
class Charged:
    """Whose CPU is counted: the system's root processes, and those of sink and name server."""

    roots: tuple[int, ...]
    around: tuple[int, ...]

    def now(self) -> tuple[float, float, float]:
        """CPU seconds so far: of the system, of what is around it, of the whole machine."""
        return sum(map(proc.cpu_s, self.roots)), sum(map(proc.cpu_s, self.around)), proc.busy_s()


class Loader:
    """A load generator that has made its mail and waits for the word."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child

    def go(self) -> None:
        """Begin to send."""
        assert self._child.stdin is not None
        self._child.stdin.write(b"go\n")
        self._child.stdin.close()

    def result(self) -> dict[str, Any]:
        """Wait for the end and return the Tally with "seconds" and "cpu"."""
        assert self._child.stdout is not None
        found: dict[str, Any] = json.loads(self._child.stdout.readline())
        return found


@contextmanager
def loader(order: Order, folder: Path) -> Iterator[Loader]:
    """Start a load generator, ready to send; it has ended when the block has."""
    path = folder / f"order-{time.time_ns()}.pickle"
    path.write_bytes(pickle.dumps(order))
    with subprocess.Popen(python("bench.load", str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            yield Loader(child)
        finally:
            child.kill()
            path.unlink()


def run(name: str, order: Order, charged: Charged, folder: Path, settled: Callable[[], bool] = lambda: True) -> Sample:
    """Send the order, wait until the system has nothing left to deliver, and charge what both took."""
    with loader(order, folder) as load:
        before, started = charged.now(), time.perf_counter()
        load.go()
        result = load.result()
        _await(settled, order.seconds)
        delivered, after = time.perf_counter() - started, charged.now()
    pss = sum(map(proc.pss_mb, charged.roots)) if charged.roots else None
    return _sample(name, order, result, before, after, max(delivered, result["seconds"]), pss)


def quiet(patience_s: float) -> bool:
    """Wait until the machine has nothing else to do, at most so long; say whether that came."""
    until = time.monotonic() + patience_s
    while True:
        before = proc.busy_s()
        time.sleep(LOOK_S)
        if (proc.busy_s() - before) / LOOK_S < QUIET_CORES:
            return True
        if time.monotonic() >= until:
            return False


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _await(settled: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not settled() and time.monotonic() < until:
        time.sleep(0.02)


def _sample(
    name: str,
    order: Order,
    result: dict[str, Any],
    before: tuple[float, float, float],
    after: tuple[float, float, float],
    delivered_s: float,
    pss: float | None,
) -> Sample:
    latencies: list[float] = result["latencies"]
    count, elapsed, load = max(1, len(latencies)), result["seconds"], result["cpu"]
    system, around, busy = (late - early for early, late in zip(before, after, strict=True))
    return Sample(
        system=name,
        connections=order.connections,
        messages=len(latencies),
        per_second=len(latencies) / elapsed,
        delivered_per_second=len(latencies) / delivered_s,
        p50_ms=statistics.median(latencies or [0.0]) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
        cpu_ms=system * 1000 / count if pss is not None else None,
        load_cpu_ms=(load + around) * 1000 / count,
        pss_mb=pss,
        foreign_cores=max(0.0, (busy - system - around - load) / delivered_s),
        replies=result["replies"],
        errors=result["errors"],
    )
