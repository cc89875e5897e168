"""`listward doctor`: what runs by which rules; `doctor identity`: what is known of mail from an address."""

import asyncio
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from listward.cli.configured import configuration_at
from listward.cli.doctor_report import Report, examine
from listward.cli.doctor_words import Line, State
from listward.cli.output import NO, UNREACHABLE, WrongUse, printable
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.site import Site
from listward.filters.identity.domains import domain_of
from listward.filters.identity.survey import Survey
from listward.wire.addresses import is_safe_address

if TYPE_CHECKING:
    from listward.cli.doctor_store import Remembered

NARROW = 32
COLOURS = {State.FINE: "green", State.MISSING: "bold red", State.UNKNOWN: "yellow", State.NOTE: ""}
LATER = ("lists", "store")
"""Promised verbs that this release does not have."""

app = typer.Typer(help="Find out what is missing.")


@app.callback(invoke_without_command=True)
def here(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
) -> None:
    """Find out what is missing. Without a further word: which process runs which policy, and whether all is well.

    Exit code 1 where something is missing, 3 where nothing runs.
    """
    if context.invoked_subcommand is not None:
        return
    from listward.cli.doctor_here import overall  # the other words need none of what this takes

    directory = find_directory(config)
    try:
        found = asyncio.run(overall(directory))
    except ConfigError as error:
        raise WrongUse(str(error)) from None
    _print_parts(str(directory), found.parts, found.advice)
    if not found.runs:
        raise typer.Exit(UNREACHABLE)
    raise typer.Exit(NO if found.advice else 0)


@app.command()
def identity(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Whose mail: user@domain.")],
    client_ip: Annotated[
        str | None, typer.Option("--client-ip", metavar="IP", help="A server that their mail comes from, for SPF.")
    ] = None,
    selector: Annotated[
        list[str] | None, typer.Option("--selector", metavar="S", help="A DKIM selector of theirs; may be given often.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    live: Annotated[bool, typer.Option("--store", help="Ask the running store who vouched or froze.")] = False,
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
) -> None:
    """Say what would be known about mail from an address, and what is missing. Exit code 1 where something is."""
    plain = _address(address)
    _require_client(client_ip)
    site = configuration_at(config).site
    known = _remembered(plain, site) if live else None
    report = asyncio.run(examine(plain, client_ip, tuple(selector or ()), site, known))
    if as_json:
        typer.echo(json.dumps(_as_json(report)))
    else:
        _print(report)
    if not report.found.answered:
        servers = ", ".join(site.dns.servers) or "the system's name servers"
        typer.echo(f"listward: DNS does not answer: {servers}", err=True)
        raise typer.Exit(UNREACHABLE)
    raise typer.Exit(NO if report.advice else 0)


def _later(verb: str) -> None:
    """Say plainly that a promised verb is not there yet."""

    def refuse() -> None:
        raise WrongUse(f"listward: doctor {verb} is not in this release; CHANGELOG.md says what is")

    app.command(verb, hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})(refuse)


for _verb in LATER:
    _later(_verb)


def _address(given: str) -> str:
    """The address in lower case, its domain in A-labels."""
    local, _, _ = given.strip().strip("<>").rpartition("@")
    domain = domain_of(given.strip().strip("<>"))
    address = f"{local.lower()}@{domain}"
    if not domain or not is_safe_address(address):
        raise WrongUse(f"listward: {printable(given)[:200]!r} is not a mail address")
    return address


def _require_client(client_ip: str | None) -> None:
    try:
        ip_address(client_ip or "::1")
    except ValueError:
        raise WrongUse(f"listward: --client-ip {client_ip!r} is not an IP address") from None


def _remembered(address: str, site: Site) -> "Remembered":
    from listward.cli.doctor_store import remembered  # without --store nobody need wait for the store's library

    return asyncio.run(remembered(address, site))


def _print(report: Report, console: Console | None = None) -> None:
    """Print what was found of an address."""
    _print_parts(report.address, report.parts, report.advice, console)


def _print_parts(
    title: str, parts: Mapping[str, Sequence[Line]], advice: Sequence[str], console: Console | None = None
) -> None:
    """Print for a person: words first, colour only on a terminal, wrapped to it however narrow."""
    out = console or Console(highlight=False, soft_wrap=True)
    width = max(out.width, NARROW) if out.is_terminal else 0
    out.print(Text(printable(title), style="bold"))
    for part, lines in parts.items():
        out.print(Text(f"\n{part}", style="bold"))
        for line in lines:
            mark = f"{line.state.value}: " if line.state is not State.NOTE else ""
            first, *rest = _wrapped(f"{mark}{printable(line.text)}", width)
            out.print(Text("  ").append(first[: len(mark)], style=COLOURS[line.state]).append(first[len(mark) :]))
            for more in rest:
                out.print(Text(f"    {more}"))
    out.print(Text("\nWhat to do", style="bold"))
    for each in advice or ("Nothing is missing.",):
        first, *rest = _wrapped(printable(each), width)
        out.print(Text("\n".join((f"  {first}", *(f"    {more}" for more in rest)))))


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width - 4, break_on_hyphens=False) if width else [text]


def _as_json(report: Report) -> dict[str, Any]:
    """The facts, the statements and the advice, for programs."""
    found = report.found
    return {
        "address": report.address,
        "domain": {"name": domain_of(report.address), "exists": found.exists, "mx": found.mx},
        "spf": asdict(found.spf) if found.spf else None,
        "dkim": [asdict(key) if key else None for key in found.keys],
        "dmarc": _dmarc_json(found),
        "rosters": {role.value: lists for role, lists in report.roles.items()},
        "origins": {way.way.value: {kind.value: lists for kind, lists in way.lists.items()} for way in report.ways},
        "statements": [{"part": part, **asdict(line)} for part, lines in report.parts.items() for line in lines],
        "remembered": _remembered_json(report.known) if report.known else None,
        "missing": report.advice,
    }


def _remembered_json(known: "Remembered") -> dict[str, Any]:
    return {"frozen": known.frozen, "vouches": [asdict(vouch) for vouch in known.vouches]}


def _dmarc_json(found: Survey) -> dict[str, Any] | None:
    if found.dmarc is None:
        return None
    record = found.dmarc.found
    return {
        "policy": found.dmarc.policy,
        "at": record.domain if record else "",
        "inherited": record.inherited if record else False,
        "broken": found.dmarc.broken,
    }
