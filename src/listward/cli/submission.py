"""`listward submission`: passwords of the programs that hand in mail."""

import asyncio
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from listward.cli.output import WrongUse, printable
from listward.cli.user import ask_password
from listward.config.values import LoginName
from listward.queue.desk.access.passwords import Passwords, WeakPassword

app = typer.Typer(help="Log-ins of the submission listener.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Log-ins of the submission listener."""


@app.command()
def password(
    name: Annotated[str, typer.Argument(help="The name of an identity in site.toml.")],
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it once.")] = False,
) -> None:
    """Print the line for `passwords_file`. The password is asked for, or read from stdin; only its hash is printed."""
    try:
        login: str = TypeAdapter(LoginName).validate_python(name)
    except ValidationError:
        raise WrongUse(f"{printable(name)} is not a name to log in with; see [[submission.identity]]") from None
    secret = ask_password(generate)
    try:
        kept = asyncio.run(Passwords().hash(secret))
    except WeakPassword as error:
        raise WrongUse(str(error)) from None
    if generate:
        typer.echo(f"password {secret}", err=True)
    typer.echo(f"{login}:{kept}")
