"""`listward audit`: recompute the chain, or write the log out for an auditor."""

import asyncio
import getpass
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, BinaryIO, TypeVar

import typer

from listward.cli.output import NO, Refusal, Unreachable, WrongUse
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import load
from listward.config.site import Site
from listward.queue.audit.export import export as export_log
from listward.queue.audit.verify import Verification, Verifier
from listward.queue.store.connect import Store, connect
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.record import plain
from listward.queue.store.urls import BadUrl

app = typer.Typer(help="Verify or export the audit chain.", no_args_is_help=True)
Result = TypeVar("Result")
Config = Annotated[Path | None, typer.Option("--config", help="The configuration folder.")]
Lists = Annotated[list[str] | None, typer.Option("--list", help="Only this list; may be repeated.")]


@app.command()
def verify(
    lists: Lists = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: Config = None,
) -> None:
    """Recompute every chain; exit 0 when all is whole, 1 when something is broken or missing."""

    async def work(store: Store, site: Site) -> tuple[tuple[Verification, ...], tuple[str, ...]]:
        verifier = Verifier(store.lanes)
        names = await _names(store, site, verifier, lists)
        return tuple([await verifier.verify(name) for name in names]), await verifier.site_faults()

    found, site_faults = _run(work, config)
    whole = all(entry.whole for entry in found) and not site_faults
    if as_json:
        typer.echo(json.dumps({"whole": whole, "lists": plain(found), "site": list(site_faults)}))
    else:
        for line in (*(line for entry in found for line in _lines(entry)), *site_faults):
            typer.echo(line)
    raise typer.Exit(0 if whole else NO)


@app.command()
def export(
    lists: Lists = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write here instead of the terminal.")] = None,
    config: Config = None,
) -> None:
    """Write the log as JSON lines. The export is itself noted in the log of each list."""

    async def work(store: Store, site: Site) -> int:
        names = await _names(store, site, Verifier(store.lanes), lists)
        if output is None:
            return await _export(store, names, sys.stdout.buffer)
        with output.open("wb") as file:
            return await _export(store, names, file)

    try:
        count = _run(work, config)
    except OSError as error:
        raise Refusal(f"{output}: {error.strerror}") from None
    if output is not None:
        typer.echo(f"wrote {count} entries to {output}")


async def _export(store: Store, names: tuple[str, ...], file: BinaryIO) -> int:
    total = 0
    for name in names:
        count = 0
        async for line in export_log(store.lanes, name):
            file.write(line + b"\n")
            count += 1
        await store.trail.append(name, "export", time.time(), {"entries": count}, {"by": getpass.getuser()})
        total += count
    file.flush()
    return total


async def _names(store: Store, site: Site, verifier: Verifier, given: list[str] | None) -> tuple[str, ...]:
    """The lists asked for, else every list that is configured, has cases or is named by the site chain."""
    if given:
        return tuple(name.lower() for name in given)
    configured = (entry.address for entry in site.lists)
    return tuple(dict.fromkeys((*configured, *await store.numbering.lists(), *await verifier.lists())))


def _lines(found: Verification) -> list[str]:
    state = "whole" if found.whole else "NOT WHOLE"
    unsealed = f", {found.unsealed} not sealed yet" if found.unsealed else ""
    erased = f", clear text of {found.erased} erased" if found.erased else ""
    head = f"{found.list}: {state}. {found.entries} entries, sealed up to {found.sealed}{unsealed}{erased}."
    return [head, *(f"  {fault}" for fault in found.faults)]


def _run(work: Callable[[Store, Site], Awaitable[Result]], config: Path | None) -> Result:
    """Do the work on the configured store, and end with one plain line where that cannot be."""
    try:
        site = load(find_directory(config)).site
    except ConfigError as error:
        raise WrongUse(str(error)) from None

    async def working() -> Result:
        store = connect(site)
        try:
            return await work(store, site)
        finally:
            await store.close()

    try:
        return asyncio.run(working())
    except (BadUrl, BadKey) as error:
        raise WrongUse(f"listward audit: {error}") from None
    except StoreUnavailable as error:
        raise Unreachable(f"The store does not answer: {error}.") from None
