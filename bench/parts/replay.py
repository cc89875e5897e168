"""`listward replay` over an archive, and over one twice as long: messages a second, and whether memory stays flat."""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import proc, systems
from bench.corpus import ID, Author, raw_messages
from bench.processes import NotStarted
from bench.run import Bench, Part
from bench.tables import markdown, number

JOBS = 2
DIFFERENT = 500
LONGEST_S = 300


@dataclass(frozen=True, slots=True)
class Replayed:
    """One archive judged: its messages, seconds in all, CPU ms a message, highest memory of all processes."""

    messages: int
    seconds: float
    cpu_ms: float
    peak_mb: float


def measure(bench: Bench) -> Part:
    """Judge both archives, several times."""
    _ports, site = systems.make_site(bench.folder / "replay", bench.around)
    count = bench.options.archive
    archives = [(size, _archive(bench, size)) for size in (count, 2 * count)]
    runs: dict[int, list[Replayed]] = {size: [] for size, _ in archives}
    for _ in range(bench.options.repetitions):
        for size, path in archives:
            bench.settle("replay")
            runs[size].append(_replay(site, path, size))
            bench.tell(f"replay of {size}: {size / runs[size][-1].seconds:.0f}/s")
    rows = [_row(group) for group in runs.values()]
    once, twice = runs.values()
    start = statistics.median(2 * one.seconds - two.seconds for one, two in zip(once, twice, strict=True))
    text = markdown(("messages", "seconds", "messages/s", "CPU ms/msg", "highest PSS MB of all processes"), rows)
    steady = statistics.median(
        (two.messages - one.messages) / max(two.seconds - one.seconds, 1e-3)
        for one, two in zip(once, twice, strict=True)
    )
    text += f"\n\n{JOBS} processes, no DNS. Of the time, {max(0.0, start):.1f} s are the start"
    text += f"; after it, {number(steady, 0)} messages a second. One more process reads the archive and adds up."
    found = {
        "replay: per_second": statistics.median(one.messages / one.seconds for one in twice),
        "replay: flat": statistics.median(two.peak_mb / one.peak_mb for one, two in zip(once, twice, strict=True)),
    }
    return Part("Replay", text, found)


def _archive(bench: Bench, count: int) -> Path:
    """Write an mbox; lines that begin with "From " do not occur."""
    made = raw_messages(bench.options.seed, min(count, DIFFERENT), Author("stranger.test", systems.LIST))
    path = bench.folder / f"archive-{count}.mbox"
    with path.open("wb") as file:
        for position in range(count):
            sender, raw = made[position % len(made)]
            text = raw.replace(ID, b"%d" % position, 1).replace(b"\r\n", b"\n")
            file.write(f"From {sender} Sat Nov 21 10:00:00 2026\n".encode() + text + b"\n")
    return path


def _replay(site: Path, archive: Path, count: int) -> Replayed:
    program = str(Path(sys.executable).parent / "listward")
    command = [program, "replay", "--config", str(site), "--jobs", str(JOBS), "--no-rulings", str(archive)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        peak, cpu = 0.0, 0.0
        while child.poll() is None:
            if time.perf_counter() - started > LONGEST_S:
                child.kill()
                raise NotStarted("replay did not end")
            peak, cpu = max(peak, proc.pss_mb(child.pid)), max(cpu, proc.cpu_s(child.pid))
            time.sleep(0.2)
    return Replayed(count, time.perf_counter() - started, cpu * 1000 / count, peak)


def _row(group: list[Replayed]) -> list[str]:
    return [
        str(group[0].messages),
        number(statistics.median(one.seconds for one in group), 1),
        number(statistics.median(one.messages / one.seconds for one in group), 0),
        number(statistics.median(one.cpu_ms for one in group), 2),
        number(statistics.median(one.peak_mb for one in group), 0),
    ]
