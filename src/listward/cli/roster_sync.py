"""`listward roster sync`: read rosters from Mailman now, and say what came of it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from listward.cli.configured import configuration_at
from listward.cli.output import NO, UNREACHABLE, Unreachable, WrongUse, printable
from listward.config.mailman_url import is_mailman
from listward.config.site import MailingList, Site
from listward.queue.courier.mailman.asking import Asker
from listward.queue.courier.mailman.trouble import SENTENCES
from listward.queue.courier.roster_sync import Outcome, Result, RosterSync
from listward.queue.store.connect import connect
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.urls import BadUrl
from listward.runtime.clock import SystemClock

OWNER = "roster-sync"
WAITS, WAIT_S = 60, 0.5


def sync(
    name: Annotated[str, typer.Argument(metavar="[LIST]", help="A list's address or short name; all without.")] = "",
    accept: Annotated[
        bool, typer.Option("--accept", help="Believe Mailman, also where a list lost most of its people.")
    ] = False,
    config: Annotated[Path | None, typer.Option("--config", help="The configuration folder.")] = None,
) -> None:
    """Read rosters from Mailman now. Exits with 3 where Mailman or the store cannot be reached."""
    site = configuration_at(config).site
    lists = _lists(site, name)
    outcomes = asyncio.run(_look(site, lists, accept))
    for mailing_list, outcome in zip(lists, outcomes, strict=True):
        typer.echo(f"{mailing_list.short_name}: {sentence(mailing_list, outcome)}", err=_code(outcome) != 0)
    if code := max(map(_code, outcomes)):
        raise typer.Exit(code)


def sentence(mailing_list: MailingList, outcome: Outcome) -> str:
    """What came of one list, in plain words."""
    if outcome.trouble is not None:
        return f"not read from {mailing_list.roster}: {SENTENCES[outcome.trouble]}. The last good copy stays in use."
    if outcome.result is Result.BUSY:
        return "it is being read at this moment; try again in a minute"
    if outcome.result is Result.DOUBTED:
        return (
            f"only {outcome.people} people now, less than half; the last good copy stays in use. "
            "If this is right, run it again with --accept; otherwise look at the list in Mailman."
        )
    unread = f"; {outcome.unread_bans} bans could not be understood" if outcome.unread_bans else ""
    return f"{outcome.people} people, {outcome.joined} new, {outcome.left} gone{unread}"


def _lists(site: Site, name: str) -> tuple[MailingList, ...]:
    """The lists that are meant. Raises WrongUse."""
    wanted = name.lower()
    meant = [entry for entry in site.lists if not name or wanted in {entry.address, entry.short_name}]
    if not meant:
        raise WrongUse(f"{printable(name)!r} is not one of the lists")
    found = tuple(entry for entry in meant if is_mailman(entry.roster))
    if not found:
        raise WrongUse(f"{printable(name)} has no mailman:// roster" if name else "no list has a mailman:// roster")
    return found


async def _look(site: Site, lists: tuple[MailingList, ...], accept: bool) -> list[Outcome]:
    try:
        store = connect(site)
    except (BadUrl, BadKey, OSError) as problem:
        raise Unreachable(f"listward: the store: {problem}") from None
    outcomes = []
    try:
        with _steps() as steps:
            look = RosterSync(Asker(site, told=steps.told), store.rosters, store.agenda, SystemClock(), OWNER)
            for mailing_list in lists:
                steps.begin(mailing_list.short_name)
                outcomes.append(await _patiently(look, mailing_list, accept))
    except StoreUnavailable as problem:
        raise Unreachable(f"listward: {problem}; nothing was changed") from None
    finally:
        await store.close()
    return outcomes


async def _patiently(look: RosterSync, mailing_list: MailingList, accept: bool) -> Outcome:
    """Look at a list; where the courier is reading it at this moment, wait for a while."""
    for _ in range(WAITS):
        outcome = await look.look(mailing_list, whole=True, accept=accept)
        if outcome.result is not Result.BUSY:
            break
        await asyncio.sleep(WAIT_S)
    return outcome


class _Steps:
    """Shows which list is being read and how far, where somebody looks."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=None)

    def begin(self, name: str) -> None:
        """Begin with the next list."""
        self._progress.reset(self._task, description=f"reading {name}", total=None)

    def told(self, done: int, total: int) -> None:
        """Show how many people were read, of how many. From any thread."""
        self._progress.update(self._task, completed=done, total=total)


@contextmanager
def _steps() -> Iterator[_Steps]:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Steps(progress)


def _code(outcome: Outcome) -> int:
    if outcome.trouble is not None:
        return UNREACHABLE
    return NO if outcome.result in {Result.DOUBTED, Result.BUSY} else 0
