"""`listward roster`: who is on which list, with what the roster says of them. Readings are written down."""

import asyncio
import getpass
import json
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.configured import configuration_at
from listward.cli.output import NO, Unreachable, WrongUse, printable
from listward.cli.roster_sync import sync
from listward.cli.roster_words import overview, overview_lines, overview_object, person_line, person_object
from listward.config.site import MailingList, Site
from listward.filters.identity.author import plain_address
from listward.filters.identity.origin import Role
from listward.filters.identity.roster import SiteRosters, today
from listward.filters.identity.roster_source import FileSource
from listward.filters.probes import ProbeUnavailable, RosterEntry
from listward.queue.store.connect import Store, connect, store_folder
from listward.queue.store.following import Following
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.urls import BadUrl

app = typer.Typer(help="See who is on which list.", no_args_is_help=True)
app.command()(sync)
SHOWN = 50
Found = tuple[str, RosterEntry]


@app.callback()
def roster() -> None:
    """See who is on which list."""


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="[LIST]", help="A list's address or short name.")] = "",
    address: Annotated[str, typer.Option("--address", metavar="A", help="Only what stands of this address.")] = "",
    role: Annotated[Role | None, typer.Option(help="Only people with this role.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Show so many people of a list; 0 shows all.")] = SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    config: Annotated[Path | None, typer.Option("--config", help="The configuration folder.")] = None,
) -> None:
    """Say how many people are on each list; of one list or address, who. Readings of people are written down."""
    site = configuration_at(config).site
    lists = _lists(site, name)
    rosters = SiteRosters(site)
    wanted = plain_address(address) if address else ""
    if address and not wanted:
        raise WrongUse(f"{printable(address)!r} is not an address; write name@domain")
    personal = bool(name or address)
    if personal or not all(_from_file(rosters, entry) for entry in lists):
        asyncio.run(_prepare(site, rosters, lists if personal else (), wanted))
    if wanted:
        _show_address(wanted, lists, rosters, as_json)
    elif personal:
        _show_people(lists, rosters, role, limit, as_json)
    else:
        _show_overviews(lists, rosters, as_json)


def _lists(site: Site, name: str) -> tuple[MailingList, ...]:
    """The lists with a roster that are meant. Raises WrongUse."""
    wanted = name.lower()
    meant = [entry for entry in site.lists if not name or wanted in {entry.address, entry.short_name}]
    if not meant:
        known = ", ".join(entry.address for entry in islice(site.lists, SHOWN))
        raise WrongUse(f"{printable(name)!r} is not one of the lists; allowed: {known}")
    found = tuple(entry for entry in meant if entry.roster)
    if not found:
        raise WrongUse(f"{meant[0].address} has no roster" if name else "no list has a roster")
    return found


def _from_file(rosters: SiteRosters, entry: MailingList) -> bool:
    return isinstance(rosters.source(entry.address), FileSource)


async def _prepare(site: Site, rosters: SiteRosters, lists: tuple[MailingList, ...], address: str) -> None:
    """Fetch copies that the courier keeps in the store, and write down whose people will be read."""
    try:
        store = _store(site)
        try:
            await Following(lambda: rosters, lambda: store.rosters).first()
            await _write_down(store, lists, address)
        finally:
            await store.close()
    except (BadUrl, BadKey, OSError, StoreUnavailable) as problem:
        _not_written(rosters, lists, str(problem))


def _store(site: Site) -> Store:
    """The store. One that never ran is not begun here, by whoever types this. Raises as `connect`, StoreUnavailable."""
    if site.store.url == "embedded" and not store_folder(site).exists():
        raise StoreUnavailable("the store never ran")
    return connect(site)


async def _write_down(store: Store, lists: Iterable[MailingList], address: str) -> None:
    personal = {"by": getpass.getuser(), "address": address}
    for entry in lists:
        await store.trail.append(entry.address, "roster-read", time.time(), {}, personal)


def _not_written(rosters: SiteRosters, lists: Iterable[MailingList], reason: str) -> None:
    """A file can be read by whoever may read it, so that goes on and says what is missing. Others are not shown."""
    for entry in lists:
        message = f"{entry.address}: this reading could not be written down: {printable(reason)}."
        if not _from_file(rosters, entry):
            raise Unreachable(message)
        typer.echo(message, err=True)


def _show_overviews(lists: Iterable[MailingList], rosters: SiteRosters, as_json: bool) -> None:
    now = time.time()
    for entry in lists:
        if (source := rosters.source(entry.address)) is None:
            continue
        found = overview(entry, source)
        if as_json:
            typer.echo(json.dumps(overview_object(found, now), ensure_ascii=False))
        else:
            typer.echo("\n".join(overview_lines(found, now)))


def _show_people(
    lists: Iterable[MailingList], rosters: SiteRosters, role: Role | None, limit: int, as_json: bool
) -> None:
    for entry in lists:
        if not as_json:
            _show_overviews((entry,), rosters, as_json)
        people = (person for person in _people(entry, rosters) if role in {None, person.role})
        shown = islice(people, limit) if limit else people
        _print(((entry.address, person) for person in shown), as_json)
        rest = sum(1 for _ in people)
        if rest:
            typer.echo(f"{rest} more; --limit 0 shows all.", err=as_json)


def _people(entry: MailingList, rosters: SiteRosters) -> Iterator[RosterEntry]:
    try:
        copy = rosters.copy(entry.address)
    except ProbeUnavailable:
        source = rosters.source(entry.address)
        raise Unreachable("\n".join(map(str, source.faults if source else ())) or "no copy was ever read") from None
    return copy.people(entry.address) if copy else iter(())


def _show_address(address: str, lists: Iterable[MailingList], rosters: SiteRosters, as_json: bool) -> None:
    found = [(entry.address, person) for entry in lists if (person := _find(entry, rosters, address))]
    _print(found, as_json, with_list=True)
    if not found:
        typer.echo(f"{address} is on none of these rosters.", err=True)
        raise typer.Exit(NO)


def _find(entry: MailingList, rosters: SiteRosters, address: str) -> RosterEntry | None:
    """As the roster says it, also where a ban is over."""
    try:
        copy = rosters.copy(entry.address)
    except ProbeUnavailable:
        typer.echo(f"{entry.address}: no copy of its roster was ever read.", err=True)
        return None
    return copy.find(entry.address, address) if copy else None


def _print(people: Iterable[Found], as_json: bool, with_list: bool = False) -> None:
    day = today()
    for list_address, person in people:
        if as_json:
            typer.echo(json.dumps(person_object(list_address, person, day), ensure_ascii=False))
        else:
            typer.echo(f"{list_address}: {person_line(person, day)}" if with_list else f"  {person_line(person, day)}")
