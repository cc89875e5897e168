"""`listward replay`: judge an archive, or compare two policies on it and with what people have ruled."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from listward.cli.archives import Record, records
from listward.cli.judging import Given
from listward.cli.output import Refusal
from listward.cli.replay_judging import Orders, judge_chunk, judges_for
from listward.cli.replay_marks import Marks, Ruled, read_labels
from listward.cli.replay_pool import Bounds, Pool
from listward.cli.replay_progress import Shown
from listward.cli.replay_report import Subject, check_place, write_report
from listward.cli.replay_rulings import rulings
from listward.cli.replay_state import (
    Output,
    State,
    cut_output,
    digest_of_archives,
    digest_of_judges,
    digest_of_options,
    load_state,
    save_state,
)
from listward.cli.replay_stop import Stop
from listward.cli.replay_store import bring_rosters
from listward.cli.replay_words import print_summary
from listward.cli.tally import Judged, Tally
from listward.config.find import find_directory
from listward.config.vocabulary import vocabulary
from listward.filters.identity.origin import OriginKind
from listward.filters.judge import Judge
from listward.filters.policy.difference import differences

SAVED_EVERY_S = 0.5
MEMORY_BYTES = 384 * 1024 * 1024
"""Beside what the gateway's readers may take: the largest record as it was read, unpacked and with its line ends."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says of the run itself."""

    paths: list[Path]
    jobs: int
    resume: Path | None
    report: Path | None
    as_json: bool
    quiet: bool


def replay(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="mbox, Maildir, folder, .eml, JSON lines, tar, zip; packed.")
    ],
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
    in_force: Annotated[
        bool, typer.Option("--in-force", help="Take a policy that only observes as if it were in force.")
    ] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, max=64, help="Processes; default: one a core.")] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="FILE", help="Keep here how far it is, and go on from there.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the outcome as a page for a browser.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="What people say: CSV or JSON lines of path, keep or stop."),
    ] = None,
    rulings_wanted: Annotated[
        bool | None,
        typer.Option("--rulings/--no-rulings", help="Score by past rulings. Default: where the store answers."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Judge an archive without effect. It cannot prove who wrote, so From is believed unless --origin is given."""
    directories = (find_directory(config),) if against is None else (find_directory(config), against)
    judges = judges_for(
        directories, in_force
    )  # read once, here: faults are named at once, and forked workers inherit it
    _warn(judges, bring_rosters(judges))
    given = Given(recipients=tuple(rcpt or ()))
    wishes = Wishes(paths, jobs or len(os.sched_getaffinity(0)), resume, report, as_json, quiet)
    known = read_labels(labels) if labels else {}
    if report is not None:
        check_place(report)
    options = (given, origin, as_json, rulings_wanted, in_force)
    state, octets = _begun(wishes, judges, options, known)
    orders = Orders(directories, given, origin, as_json, state.began, in_force)
    if not state.done:
        marks = Marks(known, rulings(judges[0].site, state.began, wanted=rulings_wanted) or Ruled())
        _run(wishes, state, partial(judge_chunk, orders, marks), judges, octets)
    _tell(wishes, state, judges)


def _warn(judges: tuple[Judge, ...], missing: Sequence[str]) -> None:
    """Say on standard error what makes the outcome say less than one might think."""
    if missing:
        names = ", ".join(missing)
        typer.echo(
            f"listward: the rosters of these lists are not at hand, so their mail is undecided: {names}", err=True
        )
    if any(judge.site.policy.mode == "observe" for judge in judges):
        typer.echo(
            "listward: a site that observes lets all this pass; --in-force shows what its rules would do", err=True
        )


def _begun(wishes: Wishes, judges: tuple[Judge, ...], options: tuple[object, ...], labels: object) -> tuple[State, int]:
    """Return where the run stands, and the octets of all files. Raises Refusal where it is a run of something else."""
    archives, octets = digest_of_archives(wishes.paths)
    tally = Tally.for_policies(len(judges))
    if wishes.resume is None:
        return State({}, time.time(), tally), octets
    made_of = {
        "configuration": digest_of_judges(judges),
        "archives": archives,
        "options": digest_of_options(options),
        "labels": digest_of_options(labels),
    }
    state = load_state(wishes.resume, made_of)
    if state is None:
        state = State(made_of, time.time(), tally)
        _save(wishes.resume, state)  # where that cannot be written is said now, not after hours
        return state, octets
    if wishes.as_json and not state.done:
        cut_output(state.printed)
    return state, octets


def _run(wishes: Wishes, state: State, judging: Callable[..., Judged], judges: tuple[Judge, ...], octets: int) -> None:
    """Judge what is left of the archive."""
    started, before = time.monotonic(), state.seconds
    saved = started
    with (
        Stop(orderly=wishes.resume is not None) as stop,
        Shown(octets, quiet=wishes.quiet, done=state.records) as shown,
        Pool(judging, wishes.jobs, _bounds(judges), len(judges)) as pool,
    ):
        for count, judged in pool.judge(_left(records(wishes.paths, shown.read), state.records)):
            state.tally.merge(judged.tally)
            state.records += count
            state.seconds = before + time.monotonic() - started
            for line in judged.lines:
                print(line)
            shown.judged(state.records)
            if wishes.resume is not None and (stop.asked or time.monotonic() - saved > SAVED_EVERY_S):
                _save(wishes.resume, state)
                saved = time.monotonic()
            if stop.asked:
                raise Refusal(f"listward: stopped after {state.records} messages. The same command goes on from there.")
    state.done = True
    if wishes.resume is not None:
        _save(wishes.resume, state)


def _left(found: Iterable[Record], done: int) -> Iterator[Record]:
    """The records behind those that are done. These are passed over without being judged."""
    return islice(found, done, None)


def _save(path: Path, state: State) -> None:
    """What has been printed is on its way before it is said to be."""
    sys.stdout.flush()
    state.printed = Output.now()
    save_state(path, state)


def _bounds(judges: tuple[Judge, ...]) -> Bounds:
    """What one message may take, by what the gateway's readers may: a busy machine makes both slower."""
    gateway = judges[0].site.gateway
    return Bounds(
        cpu_s=min(4 * gateway.read_cpu_s, gateway.read_large_cpu_s) * len(judges),
        large_cpu_s=gateway.read_large_cpu_s * len(judges),
        large_octets=gateway.read_large_bytes,
        memory_bytes=gateway.read_memory_bytes + MEMORY_BYTES,
    )


def _tell(wishes: Wishes, state: State, judges: tuple[Judge, ...]) -> None:
    tally = state.tally
    changes = _changes(judges)
    if not wishes.as_json:
        print_summary(Console(highlight=False, soft_wrap=True), tally, changes)
    if wishes.report is not None:
        write_report(wishes.report, Subject.of(wishes.paths, judges, state.began, state.seconds), tally, changes)
    if tally.unread:
        unread = "1 record" if tally.unread == 1 else f"{tally.unread} records"
        raise Refusal(f"listward: {unread} could not be read; the first: {tally.unreadable[0].why}")


def _changes(judges: tuple[Judge, ...]) -> tuple[str, ...] | None:
    """What the second policy says otherwise, as sentences; None where there is no second."""
    if len(judges) < 2:
        return None
    return differences(judges[0].policy, judges[1].policy, vocabulary("en"))
