"""Durable holds by SMTP, at once and alone, beside what the disk itself takes."""

import statistics

from bench import proc, systems
from bench.load import Order
from bench.measure import Sample, run
from bench.run import Bench, Part
from bench.tables import markdown, number

AT_ONCE = 50


def measure(bench: Bench) -> Part:
    """Send strangers' mail, each message held before it is answered."""
    with systems.listward(bench.folder / "holds", bench.around, bench.options.workers) as ours:
        _send(bench, ours, AT_ONCE, 100)
        disk, samples = list[float](), dict[int, list[Sample]]()
        for _ in range(bench.options.repetitions):
            disk += proc.fsync_ms(bench.folder)
            for connections in (AT_ONCE, 1):
                count = bench.options.messages if connections > 1 else bench.options.messages // 4
                samples.setdefault(connections, []).append(_send(bench, ours, connections, count))
    fsync = statistics.median(disk)
    rows = [
        [
            str(connections),
            number(statistics.median(one.per_second for one in group), 0),
            number(statistics.median(one.p50_ms for one in group), 2),
            number(statistics.median(one.p99_ms for one in group), 2),
            number(statistics.median(one.cpu_ms or 0.0 for one in group), 2),
            ", ".join(sorted({reply for one in group for reply in one.replies})),
        ]
        for connections, group in samples.items()
    ]
    table = markdown(("C", "holds/s", "p50 ms", "p99 ms", "CPU ms", "replies"), rows)
    text = f"The disk keeps 4 KB more of a file in {fsync:.2f} ms (p50 of fsync, {len(disk)} times).\n\n{table}"
    found = {
        "hold: per_second": statistics.median(one.per_second for one in samples[AT_ONCE]),
        "hold: alone_ms": statistics.median(one.p50_ms for one in samples[1]),
        "hold: fsync_ms": fsync,
    }
    return Part("Holds", text, found)


def _send(bench: Bench, ours: systems.Running, connections: int, count: int) -> Sample:
    bench.settle("holds")
    order = Order(ours.ports["ingress"], systems.LIST, bench.mail.stranger, count, connections, seconds=60)
    sample = run("holds", order, bench.charged(ours.pid), bench.folder)
    bench.tell(f"holds, C={connections}: {sample.per_second:.0f}/s {sample.replies}")
    return sample
