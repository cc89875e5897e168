"""`listward config`: check what the organisation wrote, or write something to start from."""

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.output import Refusal, WrongUse
from listward.cli.usable import usable
from listward.config.approval import SHOWN, approval_of
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.schema import write_schemas
from listward.config.signing_checks import is_selector
from listward.config.signing_key import UnusableSigningKey, make_signing_key, read_signing_key, zone_line
from listward.config.starter import NotEmpty, example_names, write_starter
from listward.config.vocabulary import vocabulary
from listward.filters.identity.roster import today
from listward.filters.identity.roster_advice import roster_advice
from listward.filters.policy.phrase_advice import phrase_advice

app = typer.Typer(help="Check the configuration, or write one to start from.", no_args_is_help=True)


@app.command()
def check(
    config: Annotated[Path | None, typer.Option("--config", help="The configuration folder.")] = None,
) -> None:
    """Say whether the configuration can be used; else one line a fault: file:line: key: what is wrong.

    What is allowed and yet hardly meant is said too, as advice, and changes nothing.
    """
    directory = find_directory(config)
    try:
        configuration, rosters = usable(directory)
    except ConfigError as error:
        raise Refusal(str(error)) from None
    site = configuration.site
    points = (roster_advice(site, rosters, today()), phrase_advice(configuration, rosters, today()))
    for point in (*configuration.advice, *chain.from_iterable(points)):
        typer.echo(f"{point} (advice)")
    typer.echo(
        f"{directory}: valid. {_count(len(site.lists), 'list')}, {_count(len(configuration.policy.rules), 'rule')}, "
        f"policy {configuration.policy.digest[:SHOWN]}, mode {site.policy.mode}."
    )
    approval = approval_of(configuration.policy, site.policy)
    typer.echo(approval.sentence(vocabulary("en")))
    if site.policy.require_approval and not approval.is_given:
        typer.echo(
            f"[policy] require_approval: a reload keeps the rules that run until approved_hash is "
            f'"{approval.digest[:SHOWN]}".'
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@app.command()
def schema(
    directory: Annotated[Path, typer.Argument(help="Where to write them, such as a folder `schema` beside site.toml.")],
) -> None:
    """Write JSON Schemas of the files, so that an editor completes and checks them."""
    for path in write_schemas(directory):
        typer.echo(f"wrote {path}")


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
    example: Annotated[
        str, typer.Option("--example", metavar="NAME", help="Begin with a small organisation: union-branch, residents.")
    ] = "",
) -> None:
    """Write a commented configuration to start from."""
    if example and example not in example_names():
        raise WrongUse(f"listward: {example!r} is not an example; there are: {', '.join(example_names())}")
    try:
        written = write_starter(directory, example)
    except NotEmpty as error:
        raise Refusal(str(error)) from None
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Next: edit {directory / 'site.toml'}, then `listward config check --config {directory}`.")


@app.command("signing-key")
def signing_key(
    file: Annotated[Path, typer.Argument(help="Where the private key is, or is to be made.")],
    domain: Annotated[str, typer.Option(help="The domain that seals, such as party.example.")],
    selector: Annotated[str, typer.Option(help="The name under which the key is published.")] = "listward",
) -> None:
    """Make a key to seal mail with, where there is none; print the line that publishes it and the table to write."""
    if not is_selector(selector) or not is_selector(domain):
        raise WrongUse("--domain and --selector take letters, digits, hyphens and dots")
    try:
        key = read_signing_key(file) if file.exists() else make_signing_key(file)
    except UnusableSigningKey as fault:
        raise Refusal(f"{file} {fault}") from None
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(f"Publish this line in the zone of {domain}, and wait until it can be seen everywhere:")
    typer.echo(zone_line(key, domain, selector))
    typer.echo(f'Then write into site.toml:\n[signing]\ndomain = "{domain}"\nselector = "{selector}"')
    typer.echo(f'key_file = "{file.resolve()}"')
