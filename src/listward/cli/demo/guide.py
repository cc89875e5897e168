"""Leads a visitor through the demo: makes a log-in, sends the twelve messages, tells what happened and what to try."""

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.progress import track

from listward.cli.demo.messages import twelve
from listward.cli.demo.table import mailbox_counts, posted_ids, table_of
from listward.cli.demo.tour import Outcome, send_all
from listward.cli.demo.world import MODERATOR, World
from listward.config.load import load
from listward.queue.cases.case import CaseState
from listward.queue.desk.access.person import AccessRole
from listward.queue.desk.terminal import TerminalDesk, terminal_desk
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.children import Ready

STORE_ANSWERS_WITHIN_S = 20.0
POSTS_ARRIVE_WITHIN_S = 10.0


def guide(world: World, done: Callable[[], None]) -> Callable[[Ready], int]:
    """Return what the child runs; `done` is called when everything has been told."""

    def run(ready: Ready) -> int:
        ready()
        console = Console(highlight=False)
        try:
            _lead(world, console)
        except (OSError, StoreUnavailable) as problem:
            console.print(f"The tour ended early: {problem}", markup=False)
        done()
        while True:
            signal.pause()

    return run


def _lead(world: World, console: Console) -> None:
    password = asyncio.run(_log_in(world))
    samples = twelve(world)
    sending = send_all(samples, world.ports.named()["smtp"])
    outcomes = list(track(sending, "Sending twelve messages", len(samples), console=console, transient=True))
    posted = posted_ids(world.directory / "list-server")
    console.print(table_of(outcomes, asyncio.run(_reasons(world)), posted))
    _tell_mailboxes(world, console, outcomes)
    _tell_next(world, console, password)


async def _log_in(world: World) -> str:
    """Make the moderator's log-in, or set a new password for this run."""
    password = secrets.token_urlsafe(9)
    deadline = time.monotonic() + STORE_ANSWERS_WITHIN_S
    async with terminal_desk(load(world.directory)) as desk:
        while True:
            try:
                await _set_password(desk, password)
                return password
            except StoreUnavailable:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)  # polling the store, with a deadline above


async def _set_password(desk: TerminalDesk, password: str) -> None:
    with suppress(ValueError):
        await desk.door.add_user(MODERATOR, frozenset({AccessRole.MODERATOR}), password)
        return
    await desk.door.change_password(MODERATOR, password)


async def _reasons(world: World) -> dict[str, str]:
    """Return why each held message is held, by Message-ID."""
    async with terminal_desk(load(world.directory)) as desk:
        page = await desk.cases.page(states=(CaseState.HELD,), limit=200)
    return {
        case.draft.message_id: f"{_once(reason.sentence for reason in case.draft.reasons)} Case {case.number}."
        for case in page.cases
    }


def _once(sentences: Iterable[str]) -> str:
    """Several words of a message may be marked for the same reason; it is told once."""
    return " ".join(dict.fromkeys(sentences))


def _tell_mailboxes(world: World, console: Console, outcomes: list[Outcome]) -> None:
    """Posts go on to the mailboxes after the list server has taken them; wait for those that were delivered."""
    delivered = sum(outcome.happened == "delivered" for outcome in outcomes)
    deadline = time.monotonic() + POSTS_ARRIVE_WITHIN_S
    while not (counts := mailbox_counts(world.directory / "mailboxes")) and delivered and time.monotonic() < deadline:
        time.sleep(0.1)  # polling a folder, with a deadline above
    told = ", ".join(f"{who} {count}" for who, count in counts.items())
    console.print(f"In the members' mailboxes: {told}", markup=False, soft_wrap=True)


def _program() -> str:
    """How this program was called, so that the line can be copied."""
    name = Path(sys.argv[0])
    return "listward" if name.name == "__main__.py" else str(name)


def _tell_next(world: World, console: Console, password: str) -> None:
    ports = world.ports.named()
    lines = (
        "",
        f"Console   http://127.0.0.1:{ports['console']}  log in as {MODERATOR} with {password}",
        f"Send      swaks --server 127.0.0.1:{ports['smtp']} --from ann@members.example --to members@party.example",
        f"Held      {_program()} queue list --config {world.directory}",
        f"Metrics   http://127.0.0.1:{ports['metrics']}/metrics",
        f"Mail      {world.directory}/list-server and {world.directory}/mailboxes",
        f"Mail log  {world.directory}/mail.log",
        "Stop      Ctrl-C",
    )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
