"""`python -m bench [PART...]`: what Listward costs, beside its rivals, in one run on this machine.

Prints the tables and writes docs/benchmarks.md when every part was measured; a choice of parts is only printed.
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bench import systems
from bench.measure import Sample
from bench.page import page
from bench.parts import holds, memory, path, profile, replay, rosters, rulings, seals, sizes
from bench.run import Bench, Part, Patience, make_mail
from bench.signing import new_key

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
PARTS: dict[str, Callable[[Bench], Part]] = {
    "profile": profile.measure,
    "sizes": sizes.measure,
    "holds": holds.measure,
    "rulings": rulings.measure,
    "replay": replay.measure,
    "rosters": rosters.measure,
    "seals": seals.measure,
    "memory": memory.measure,
    "idle": memory.measure_idle,
}
MAIL_PATH = "path"
# What --quick and the whole run differ in.
FULL: dict[str, object] = {
    "messages": 1000,
    "repetitions": 3,
    "seconds": 4.0,
    "cases": 20_000,
    "archive": 6000,
    "megabytes": [1, 5, 10, 25, 50],
    "idle": [0, 500, 1000, 2000],
    "patience": 6.0,
}
QUICK: dict[str, object] = {
    "messages": 300,
    "repetitions": 1,
    "seconds": 1.5,
    "cases": 2000,
    "archive": 1500,
    "megabytes": [1, 10, 50],
    "idle": [0, 2000],
    "patience": 1.0,
}
WAITS = 30  # so many times a run's patience is waited in all, so that a busy machine does not take all day


def options_from(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{MAIL_PATH}, {', '.join(PARTS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="some minutes: fewer and shorter runs")
    parser.add_argument("--messages", type=int, help="messages a run at most (1000; quick: 300)")
    parser.add_argument("--seconds", type=float, help="seconds a run of the mail path at most (4; quick: 1.5)")
    parser.add_argument("--repetitions", type=int, help="repetitions (3; quick: 1)")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 20], help="at once (1 20)")
    parser.add_argument("--cases", type=int, help="open cases for rulings with many (20,000; quick: 2,000)")
    parser.add_argument("--archive", type=int, help="messages of the archive for replay (6,000; quick: 1,500)")
    parser.add_argument("--megabytes", type=int, nargs="+", help="large messages (1 5 10 25 50; quick: 1 10 50)")
    parser.add_argument("--idle", type=int, nargs="+", help="idle clients (0 500 1000 2000; quick: 0 2000)")
    parser.add_argument("--patience", type=float, help="seconds to wait for a quiet machine before a run (6; quick: 1)")
    parser.add_argument("--corpus", type=int, default=300, help="different messages (300)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2, help="gateway workers (2)")
    parser.add_argument("--json", type=Path, help="write every figure and sample to this file")
    parser.add_argument("--page", type=Path, help="write the page here (a whole run: docs/benchmarks.md)")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    unknown = set(options.parts) - {MAIL_PATH, *PARTS}
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


def target_of(options: argparse.Namespace) -> Path | None:
    """Where the page is written: where it is wanted, and by a whole run in any case; else nowhere."""
    whole = not options.quick and not options.parts
    return options.page or (PAGE if whole else None)


def measure(options: argparse.Namespace) -> tuple[list[Part], list[Sample], list[str]]:
    """Measure the parts that are wanted; what could not be measured says why in its place."""
    wanted = [name for name in (MAIL_PATH, *PARTS) if not options.parts or name in options.parts]
    parts, samples = list[Part](), list[Sample]()
    with _shown(len(wanted)) as (next_part, tell), setting(options, tell) as bench:
        for name in wanted:
            next_part(name)
            if name == MAIL_PATH:
                part, samples = path.measure(bench)
            else:
                part = _measured(name, bench)
            parts.append(part)
        return parts, samples, bench.noisy


def _measured(name: str, bench: Bench) -> Part:
    """One part must not take the others with it."""
    try:
        return PARTS[name](bench)
    except Exception as error:
        bench.tell(f"{name}: {type(error).__name__}: {error}")
        return Part(name.capitalize(), f"Could not be measured: {type(error).__name__}.")


@contextmanager
def setting(options: argparse.Namespace, tell: Callable[[str], None]) -> Iterator[Bench]:
    """Make the mail, start sink and name server in a temporary folder, and end them."""
    key = new_key()
    with tempfile.TemporaryDirectory(prefix="listward-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the rivals' own users must get in
        mail = make_mail(options.seed, options.corpus, key)
        with systems.surroundings(folder, key.public) as (around, pids):
            patience = Patience(options.patience, WAITS * options.patience)
            yield Bench(folder, around, pids, options, mail, tell, patience)


@contextmanager
def _shown(count: int) -> Iterator[tuple[Callable[[str], None], Callable[[str], None]]]:
    """A progress bar on a terminal; yields what is called before each part, and what tells a line beside the bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as shown:
        task, numbers = shown.add_task("", total=count), iter(range(count))
        yield lambda name: shown.update(task, description=name, completed=next(numbers)), console.print


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the tables; write the page where one is wanted."""
    options, started = options_from(arguments), time.monotonic()
    parts, samples, noisy = measure(options)
    figures = {name: value for part in parts for name, value in part.figures.items()}
    took = f"{'Quick' if options.quick else 'Whole'} run of {(time.monotonic() - started) / 60:.0f} minutes"
    each = f"{options.repetitions} repetitions of at most {3 * options.messages} messages or {options.seconds:g} s"
    how = f"{took}: medians of {each}, {options.workers} gateway workers."
    text = page(parts, figures, how, noisy)
    print(text[text.index("## Measured on") :])
    if options.json:
        kept = {"figures": figures, "noisy": noisy, "samples": path.as_json(samples)}
        options.json.write_text(json.dumps(kept, indent=1) + "\n")
    if target := target_of(options):
        target.write_text(text)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever was started is ended
    sys.exit(main())
