"""`listward account`: the switch that freezes a person's account, from a terminal."""

from collections.abc import Iterable
from typing import Annotated

import typer

from listward.cli.output import printable
from listward.cli.queue import As, Config, Json, run, show_json
from listward.queue.desk.access.person import Person
from listward.queue.desk.api.accounts import account_view, turning_view
from listward.queue.desk.console.times import ago
from listward.queue.desk.freezing import Account, Turning
from listward.queue.desk.terminal import TerminalDesk

app = typer.Typer(help="Freeze and thaw people's accounts.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(help="An address of the person.")]
Reason = Annotated[str, typer.Option("--reason", help="One sentence for colleagues; it is written down.")]


@app.command()
def freeze(address: Address, reason: Reason, acting_as: As = "", as_json: Json = False, config: Config = None) -> None:
    """Hold all mail of a person to the lists from now on, whichever address it comes from."""

    async def work(desk: TerminalDesk, person: Person) -> tuple[Turning, bool]:
        observes = desk.configuration.site.policy.mode == "observe"
        return await desk.freezing.freeze(person, address, reason), observes

    turning, observes = run(work, acting_as, config)
    if as_json:
        show_json(turning_view(turning))
        return
    typer.echo(f"frozen: {_addresses(turning.addresses)}")
    _say(_told(turning))
    if turning.leaving:
        _say(f"On the way to a list already, undo is possible for a short while: case {', '.join(turning.leaving)}.")
    if observes:
        _say("Listward only observes now: their mail passes until [policy] mode is enforce.")


@app.command()
def thaw(address: Address, reason: Reason, acting_as: As = "", as_json: Json = False, config: Config = None) -> None:
    """Let a person's mail through again. What is held stays held until somebody decides."""

    async def work(desk: TerminalDesk, person: Person) -> Turning:
        return await desk.freezing.thaw(person, address, reason)

    turning = run(work, acting_as, config)
    if as_json:
        show_json(turning_view(turning))
        return
    typer.echo(f"no longer frozen: {_addresses(turning.addresses)}")
    _say(_told(turning))


@app.command("list")
def list_frozen(acting_as: As = "", as_json: Json = False, config: Config = None) -> None:
    """List frozen accounts, newest first, with their age."""

    async def work(desk: TerminalDesk, person: Person) -> tuple[tuple[Account, ...], float]:
        return await desk.freezing.frozen(person), desk.clock.now()

    accounts, now = run(work, acting_as, config)
    if as_json:
        show_json([account_view(account) for account in accounts])
        return
    for account in accounts:
        typer.echo(f"{_addresses(account.addresses)}  {ago(account.at, now)}  by {printable(account.by)}")
        typer.echo(f"    {printable(account.reason)}")
    if not accounts:
        typer.echo("No account is frozen.")


def _told(turning: Turning) -> str:
    told = "The person is told by another address."
    if not turning.reachable:
        told = "No other address of this person is known: please tell them by telephone."
    if not turning.on_roster:
        told = f"This address is on no roster of ours: is it written as the person writes it? {told}"
    return told if turning.whole else f"{told} A roster could not be read; there may be more addresses."


def _addresses(addresses: Iterable[str]) -> str:
    return printable(", ".join(addresses))


def _say(sentence: str) -> None:
    typer.echo(f"  {sentence}")
