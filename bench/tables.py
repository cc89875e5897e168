"""Medians of the samples, as tables, written into a page between its markers."""

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.measure import Sample


class NoMarkers(Exception):
    """The page has no place for the table."""


def between_markers(page: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. Raises NoMarkers."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    content = page.read_text()
    if content.count(begin) != 1 or content.count(end) != 1 or content.index(begin) > content.index(end):
        raise NoMarkers(f"{page} needs the lines {begin} and {end}, once each and in this order")
    head, rest = content.split(begin)
    page.write_text(f"{head}{begin}\n{text.strip()}\n{end}{rest.split(end)[1]}")


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def summary(samples: Sequence[Sample], floor: str = "floor") -> list[dict[str, object]]:
    """Medians by system and number of connections, with the ratio to the floor of the same repetition."""
    return [
        {**_medians(_of(samples, name, count)), "of_floor": paired(samples, name, floor, count, "delivered_per_second")}
        for name, count in dict.fromkeys((sample.system, sample.connections) for sample in samples)
    ]


def paired(samples: Sequence[Sample], ours: str, other: str, connections: int, value: str) -> float | None:
    """The median of the ratios of two systems' values in the same repetition; None where there is nothing to divide."""
    others = {sample.repetition: getattr(sample, value) for sample in _of(samples, other, connections)}
    ratios = [
        mine / others[sample.repetition]
        for sample in _of(samples, ours, connections)
        if (mine := getattr(sample, value)) is not None and others.get(sample.repetition)
    ]
    return statistics.median(ratios) if ratios else None


def pairs_table(samples: Sequence[Sample], ours: Sequence[str], rivals: Sequence[str]) -> str:
    """CPU a message and rate of each of our workloads, as a share of each rival's."""
    present = {sample.system for sample in samples}
    counts = sorted({sample.connections for sample in samples})
    shown = [rival for rival in rivals if rival in present]
    rows = [
        [
            mine,
            str(count),
            *(
                f"{number(paired(samples, mine, rival, count, 'cpu_ms'), 3)} / "
                f"{number(paired(samples, mine, rival, count, 'delivered_per_second'), 2)}"
                for rival in shown
            ),
        ]
        for mine in ours
        for count in counts
        if mine in present
    ]
    return markdown(("CPU / rate against", "C", *shown), rows)


def _of(samples: Sequence[Sample], name: str, connections: int) -> list[Sample]:
    return [sample for sample in samples if (sample.system, sample.connections) == (name, connections)]


def _medians(group: Sequence[Sample]) -> dict[str, object]:
    def median(value: Callable[[Sample], float | None]) -> float | None:
        values = [found for sample in group if (found := value(sample)) is not None]
        return statistics.median(values) if values else None

    replies: dict[str, int] = {}
    for sample in group:
        for reply, count in sample.replies.items():
            replies[reply] = replies.get(reply, 0) + count
    return {
        "system": group[0].system,
        "connections": group[0].connections,
        "per_second": median(lambda s: s.per_second),
        "delivered_per_second": median(lambda s: s.delivered_per_second),
        "p50_ms": median(lambda s: s.p50_ms),
        "p99_ms": median(lambda s: s.p99_ms),
        "cpu_ms": median(lambda s: s.cpu_ms),
        "load_cpu_ms": median(lambda s: s.load_cpu_ms),
        "pss_mb": median(lambda s: s.pss_mb),
        "foreign_cores": median(lambda s: s.foreign_cores),
        "replies": replies,
        "errors": sum(sample.errors for sample in group),
    }


def speed_table(rows: Sequence[dict[str, object]]) -> str:
    """The table of the mail path."""
    head = (
        "system",
        "C",
        "msg/s",
        "delivered/s",
        "of floor",
        "p50 ms",
        "p99 ms",
        "CPU ms/msg",
        "load + sink CPU ms/msg",
        "PSS MB",
        "others, cores",
        "replies",
    )
    return markdown(head, [_row(row) for row in rows])


def _row(row: dict[str, object]) -> list[str]:
    replies = row["replies"]
    assert isinstance(replies, dict)
    said = ", ".join(f"{count} x {reply}" for reply, count in sorted(replies.items()))
    return [
        str(row["system"]),
        str(row["connections"]),
        number(row["per_second"], 0),
        number(row["delivered_per_second"], 0),
        number(row["of_floor"], 3),
        number(row["p50_ms"], 2),
        number(row["p99_ms"], 2),
        number(row["cpu_ms"], 2),
        number(row["load_cpu_ms"], 2),
        number(row["pss_mb"], 0),
        number(row["foreign_cores"], 2),
        said + (f", {row['errors']} errors" if row["errors"] else ""),
    ]


def number(value: object, digits: int) -> str:
    """A figure, or a dash where there is none."""
    return f"{value:.{digits}f}" if isinstance(value, int | float) else "-"
