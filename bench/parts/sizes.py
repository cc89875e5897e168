"""Large messages: what one costs by its size, and what others notice while it passes."""

import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench import proc, systems
from bench.corpus import MIB, Author, Template, large_message, template
from bench.load import Order
from bench.measure import Sample, loader, percentile, run
from bench.run import Bench, Part
from bench.tables import markdown, number

KINDS = ("gateway", "reader", "store")  # whose highest memory is told
OTHERS = 10  # connections of the small messages


@dataclass(frozen=True, slots=True)
class Size:
    """One size: MB, the runs, and the highest memory in MB by role."""

    megabytes: int
    samples: tuple[Sample, ...]
    peaks: Mapping[str, float]

    def peak_mb(self, kind: str) -> float:
        """The highest memory of any process of this kind."""
        return max((mb for role, mb in self.peaks.items() if role.startswith(kind)), default=0.0)

    @property
    def cpu_ms(self) -> float:
        """CPU ms of one message: the median, without what an idle Listward would have used."""
        return statistics.median(sample.cpu_ms or 0.0 for sample in self.samples)


def measure(bench: Bench) -> Part:
    """Send some of each size, then small ones beside large ones."""
    with systems.listward(bench.folder / "sizes", bench.around, bench.options.workers) as ours:
        warm = Order(ours.ports["ingress"], systems.LIST, bench.mail.internal, 100, 4)
        run("warm up", warm, bench.charged(ours.pid), bench.folder)
        sizes = [_size(bench, ours, megabytes) for megabytes in bench.options.megabytes]
        alone, beside = _beside(bench, ours, 0), _beside(bench, ours, 8 if bench.options.quick else 20)
    return Part("Large messages", _text(sizes, alone, beside), _figures(sizes, beside))


def _size(bench: Bench, ours: systems.Running, megabytes: int) -> Size:
    """Each run sends several, so that the clock ticks of 10 ms that CPU is counted in do not show."""
    bench.settle("large messages")
    count = max(2, (40 if bench.options.quick else 100) // megabytes)
    order = Order(ours.ports["ingress"], systems.LIST, (_large(megabytes),), count, 1, seconds=120)
    with proc.peaks(ours.pid) as highest:
        samples = tuple(
            run(f"{megabytes} MB", order, bench.charged(ours.pid), bench.folder)
            for _ in range(bench.options.repetitions)
        )
    bench.tell(f"{megabytes} MB: p50 {samples[0].p50_ms:.0f} ms {samples[0].replies}")
    return Size(megabytes, samples, highest)


def _large(megabytes: int) -> Template:
    return template(*large_message(megabytes * MIB, Author("bench.test", systems.LIST)))


def _beside(bench: Bench, ours: systems.Running, large: int) -> list[float]:
    """Return the latencies in ms of small messages; with `large` ones, of those that overlap with one of 10 MB."""
    port, small = ours.ports["ingress"], tuple(one for one in bench.mail.internal if len(one.tail) < 8192)
    bench.settle("large messages")
    with ExitStack() as stack:
        count = 600 if bench.options.quick else 2000
        others = stack.enter_context(loader(Order(port, systems.LIST, small, count, OTHERS), bench.folder))
        if large:
            order = Order(port, systems.LIST, (_large(10),), large, 1)
            beside = stack.enter_context(loader(order, bench.folder))
            beside.go()
        others.go()
        result = others.result()
        spans = _spans(beside.result()) if large else []
    return [
        latency * 1000
        for latency, ended in zip(result["latencies"], result["ended"], strict=True)
        if not large or any(begin < ended and ended - latency < end for begin, end in spans)
    ]


def _spans(result: dict[str, Any]) -> list[tuple[float, float]]:
    return [(ended - latency, ended) for latency, ended in zip(result["latencies"], result["ended"], strict=True)]


def _figures(sizes: Sequence[Size], beside: Sequence[float]) -> dict[str, float]:
    cpu = {size.megabytes: size.cpu_ms for size in sizes}
    found = {"size: peak_mb": max(size.peak_mb("gateway") + size.peak_mb("reader") for size in sizes)}
    if beside:
        found["size: others_p99_ms"] = percentile(beside, 0.99)
    if 10 in cpu:
        found["size: cpu_ms_10"] = cpu[10]
        if cpu.get(50) and cpu[10]:
            found["size: linear"] = (cpu[50] / 50) / (cpu[10] / 10)
    return found


def _text(sizes: Sequence[Size], alone: Sequence[float], beside: Sequence[float]) -> str:
    rows = [
        [
            str(size.megabytes),
            number(size.cpu_ms, 0),
            number(size.cpu_ms / size.megabytes, 2),
            number(statistics.median(sample.p50_ms for sample in size.samples), 0),
            *(number(size.peak_mb(kind), 0) for kind in KINDS),
            ", ".join(sorted({reply for sample in size.samples for reply in sample.replies})),
        ]
        for size in sizes
    ]
    table = markdown(("MB", "CPU ms", "CPU ms/MB", "p50 ms", *(f"{kind}, PSS MB" for kind in KINDS), "replies"), rows)
    said = f"Small messages over {OTHERS} connections, p50 / p99 ms: {_both(alone)} alone, "
    if not beside:
        return f"{table}\n\n{said}none while one of 10 MB passed."
    return f"{table}\n\n{said}{_both(beside)} while one of 10 MB passes ({len(beside)} of them)."


def _both(latencies: Sequence[float]) -> str:
    return f"{percentile(latencies, 0.5):.1f} / {percentile(latencies, 0.99):.1f}"
