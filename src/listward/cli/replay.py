"""`listward replay`: judge an archive, or compare two policies on it."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from listward.cli.archives import files, records
from listward.cli.bench import Orders, Result, judge_all
from listward.cli.judging import Given
from listward.cli.output import Refusal
from listward.cli.tally import Tally
from listward.config.find import find_directory
from listward.filters.identity.origin import OriginKind


def replay(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="mbox, Maildir, folder, .eml, JSON lines.")],
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="DIR2", help="A second configuration: show what would change.")
    ] = None,
    origin: Annotated[
        OriginKind | None,
        typer.Option("--origin", help="Take this origin as given. Default: From is believed, the roster decides."),
    ] = None,
    rcpt: Annotated[
        list[str] | None, typer.Option("--rcpt", metavar="A", help="A recipient; default: our addresses in To and Cc.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a message, in input order.")] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, max=64, help="Processes; default: one a core.")] = None,
) -> None:
    """Judge an archive without effect. It cannot prove who wrote, so From is believed unless --origin is given."""
    directories = (find_directory(config),) if against is None else (find_directory(config), against)
    orders = Orders(directories, Given(recipients=tuple(rcpt or ())), origin, as_json)
    tally = Tally()
    with _progress(paths) as progress:
        stored = records(paths, progress.update_octets)
        for result in _counted(judge_all(stored, orders, jobs or os.cpu_count() or 1), tally):
            if as_json and result.line:
                print(result.line)
    if not as_json:
        tally.print(Console(highlight=False, soft_wrap=True), compared=against is not None)
    if tally.errors:
        unread = "1 record" if tally.errors == 1 else f"{tally.errors} records"
        raise Refusal(f"listward: {unread} could not be read; the first: {tally.first_error}")


def _counted(results: Iterable[Result], tally: Tally) -> Iterator[Result]:
    for result in results:
        tally.add(result)
        yield result


class _Shown:
    """A progress bar on stderr, only where a person can see it. No thread of its own: workers are forked meanwhile."""

    def __init__(self, octets: int) -> None:
        columns = (TextColumn("{task.percentage:>3.0f} %"), BarColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        self._task = self._progress.add_task("", total=max(octets, 1))
        self._visible = sys.stderr.isatty()

    def __enter__(self) -> "_Shown":
        if self._visible:
            self._progress.start()
        return self

    def __exit__(self, *caught: object) -> None:
        if self._visible:
            self._progress.stop()

    def update_octets(self, octets: int) -> None:
        """Show how far the files have been read."""
        if self._visible:
            self._progress.update(self._task, completed=octets, refresh=True)


def _progress(paths: list[Path]) -> _Shown:
    return _Shown(sum(path.stat().st_size for path in files(paths)))
