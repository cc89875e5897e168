"""`listward user` and `listward token`: who may log in, and what programs may call."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import available_timezones

import typer

from listward.cli.output import Refusal, Unreachable, WrongUse, printable
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import load
from listward.queue.desk.access.door import SCOPES
from listward.queue.desk.access.passwords import WeakPassword
from listward.queue.desk.access.person import AccessRole
from listward.queue.desk.api.views import iso
from listward.queue.desk.terminal import TerminalDesk, terminal_desk
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import StoreUnavailable
from listward.wire.addresses import is_safe_address

app = typer.Typer(help="Add and change users of the console.", no_args_is_help=True)
token_app = typer.Typer(help="Make and revoke tokens for programs.", no_args_is_help=True)
T = TypeVar("T")

Config = Annotated[Path | None, typer.Option("--config", help="The configuration folder.")]
Address = Annotated[str, typer.Argument(help="The user's mail address.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")]


@app.command()
def add(
    address: Address,
    role: Annotated[list[AccessRole] | None, typer.Option(help="May be repeated.")] = None,
    zone: Annotated[
        str, typer.Option(help="Time zone for what the user reads, as Europe/Madrid; else the organisation's.")
    ] = "",
    generate: Generate = False,
    config: Config = None,
) -> None:
    """Add a user. The password is asked for, or read from stdin."""
    if not is_safe_address(address) or not address.isascii():
        raise WrongUse(f"{printable(address)} is not a mail address")
    if zone and zone not in available_timezones() | {"UTC"}:
        raise WrongUse(f"{printable(zone)} is not a time zone; allowed: names as Europe/Madrid")
    password = ask_password(generate)

    async def work(desk: TerminalDesk) -> None:
        own = zone or desk.configuration.site.organisation.timezone
        await desk.door.add_user(address, frozenset(role or ()), password, own)

    _run(work, config)
    typer.echo(f"added {address.lower()}" + (f", password {password}" if generate else ""))


@app.command("list")
def list_users(config: Config = None) -> None:
    """List users with their roles."""
    for user in _run(lambda desk: desk.access.users(), config):
        roles = ",".join(sorted(user.roles)) or "-"
        typer.echo(printable(f"{user.address}  {roles}  {'disabled' if user.disabled else 'active'}"))


@app.command()
def passwd(address: Address, generate: Generate = False, config: Config = None) -> None:
    """Set a new password. All sessions of the user end."""
    password = ask_password(generate)
    _run(lambda desk: desk.door.change_password(address, password), config)
    typer.echo("changed" + (f", password {password}" if generate else ""))


@app.command()
def disable(address: Address, config: Config = None) -> None:
    """Keep a user out. Sessions and tokens end at once; `passwd` lets the user in again."""
    _run(lambda desk: desk.door.disable(address), config)
    typer.echo("disabled")


@token_app.command()
def create(
    address: Annotated[str, typer.Argument(help="The user whose rights the token has.")],
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help=f"{' or '.join(SCOPES)}; default: both")] = None,
    days: Annotated[int, typer.Option(min=0, help="Ends after so many days; 0: never.")] = 0,
    config: Config = None,
) -> None:
    """Make a bearer token. It is shown once."""
    scopes = frozenset(scope or SCOPES)
    typer.echo(_run(lambda desk: desk.door.issue_token(address, label, scopes, days), config))


@token_app.command("list")
def list_tokens(config: Config = None) -> None:
    """List tokens, without their secrets."""
    for token in _run(lambda desk: desk.access.tokens(), config):
        facts = (token.id, token.address, ",".join(sorted(token.scopes)), iso(token.expires_at) or "-", token.label)
        typer.echo(printable("  ".join(facts)))


@token_app.command()
def revoke(
    identity: Annotated[str, typer.Argument(help="The token, or its part before the dot.")], config: Config = None
) -> None:
    """End a token."""
    name = identity.partition(".")[0]
    if not _run(lambda desk: desk.access.end_token(name), config):
        raise Refusal("there is no such token")
    typer.echo("revoked")


def ask_password(generate: bool) -> str:
    """A made password, one line of stdin, or one that is asked for twice."""
    if generate:
        return secrets.token_urlsafe(15)
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _run(work: Callable[[TerminalDesk], Awaitable[T]], config: Path | None) -> T:
    """Do the work, and end with one plain line where it cannot be done."""
    try:
        configuration = load(find_directory(config))
    except ConfigError as error:
        raise WrongUse(str(error)) from None

    async def working() -> T:
        async with terminal_desk(configuration) as desk:
            return await work(desk)

    try:
        return asyncio.run(working())
    except KeyError as problem:
        raise Refusal(f"there is no user {printable(str(problem.args[0]))}") from None
    except WeakPassword as problem:
        raise WrongUse(str(problem)) from None
    except ValueError as problem:
        raise Refusal(printable(str(problem))) from None
    except BadKey as problem:
        raise WrongUse(str(problem)) from None
    except StoreUnavailable as problem:
        raise Unreachable(f"The store does not answer: {problem}. Nothing was changed.") from None
