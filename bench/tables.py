"""Medians of the samples, as a table, written into a page between its markers."""

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


def summary(samples: Sequence[Sample]) -> list[dict[str, object]]:
    """Medians by system and number of connections, with the ratio to the floor of the same repetition."""
    return [
        _medians(group, _of(samples, "floor", group[0].connections))
        for group in (
            _of(samples, name, count) for name, count in dict.fromkeys((s.system, s.connections) for s in samples)
        )
    ]


def _of(samples: Sequence[Sample], name: str, connections: int) -> list[Sample]:
    return [sample for sample in samples if (sample.system, sample.connections) == (name, connections)]


def _medians(group: Sequence[Sample], floor: Sequence[Sample]) -> dict[str, object]:
    def median(value: Callable[[Sample], float | None]) -> float | None:
        values = [number for sample in group if (number := value(sample)) is not None]
        return statistics.median(values) if values else None

    replies: dict[str, int] = {}
    for sample in group:
        for reply, count in sample.replies.items():
            replies[reply] = replies.get(reply, 0) + count
    ratios = [one.per_second / other.per_second for one, other in zip(group, floor, strict=False) if other.per_second]
    return {
        "system": group[0].system,
        "connections": group[0].connections,
        "per_second": median(lambda s: s.per_second),
        "of_floor": statistics.median(ratios) if ratios else None,
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
        _number(row["per_second"], 0),
        _number(row["of_floor"], 3),
        _number(row["p50_ms"], 2),
        _number(row["p99_ms"], 2),
        _number(row["cpu_ms"], 2),
        _number(row["load_cpu_ms"], 2),
        _number(row["pss_mb"], 0),
        _number(row["foreign_cores"], 2),
        said + (f", {row['errors']} errors" if row["errors"] else ""),
    ]


def _number(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else "-"
