"""One measurement: send an order at a system and charge what it cost."""

import json
import pickle
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench import proc
from bench.load import Order
from bench.processes import python


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Times in ms, CPU in ms a message, memory in MB; `foreign_cores` is what others used meanwhile."""

    system: str
    connections: int
    messages: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float | None
    load_cpu_ms: float
    pss_mb: float | None
    foreign_cores: float
    replies: dict[str, int]
    errors: int


def run(name: str, order: Order, root: int, sink: int, folder: Path) -> Sample:
    """Send the order. `root` is the process whose tree is charged (0: none), `sink` the sink's."""
    path = folder / "order.pickle"
    path.write_bytes(pickle.dumps(order))
    with subprocess.Popen(python("bench.load", str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        before = (proc.cpu_s(root) if root else 0.0, proc.cpu_s(sink), proc.busy_s())
        child.stdin.write(b"go\n")
        child.stdin.close()
        result = json.loads(child.stdout.readline())
        after = (proc.cpu_s(root) if root else 0.0, proc.cpu_s(sink), proc.busy_s())
    return _sample(name, order, result, before, after, proc.pss_mb(root) if root else None)


def _sample(
    name: str,
    order: Order,
    result: dict[str, object],
    before: tuple[float, float, float],
    after: tuple[float, float, float],
    pss: float | None,
) -> Sample:
    latencies = sorted(float(value) for value in result["latencies"])  # type: ignore[attr-defined]  # JSON of a Tally
    count, elapsed, load = max(1, len(latencies)), float(str(result["seconds"])), float(str(result["cpu"]))
    system, sink, busy = (late - early for early, late in zip(before, after, strict=True))
    return Sample(
        system=name,
        connections=order.connections,
        messages=len(latencies),
        per_second=len(latencies) / elapsed,
        p50_ms=statistics.median(latencies or [0.0]) * 1000,
        p99_ms=(latencies or [0.0])[int(len(latencies) * 0.99)] * 1000,
        cpu_ms=system * 1000 / count if pss is not None else None,
        load_cpu_ms=(load + sink) * 1000 / count,
        pss_mb=pss,
        foreign_cores=max(0.0, (busy - system - sink - load) / elapsed),
        replies=result["replies"],  # type: ignore[arg-type]  # JSON of a Tally
        errors=int(str(result["errors"])),
    )
