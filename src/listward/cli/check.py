"""`listward check`: judge one message without effect, and explain."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.alternatives import alternatives_json, print_alternatives
from listward.cli.configured import configuration_at
from listward.cli.explain import print_judgement
from listward.cli.in_force import in_force, in_force_json, print_in_force
from listward.cli.judging import Given, NoNames, live_judge, offline_judge, transaction_for
from listward.cli.output import WrongUse, printable
from listward.cli.verdicts import as_json
from listward.config.site import Site
from listward.filters.identity.origin import OriginKind
from listward.filters.identity.resolver import BudgetedResolver, DnsResolver
from listward.filters.identity.roster import SiteRosters
from listward.filters.judgement import Judgement
from listward.filters.policy.alternatives import alternatives
from listward.filters.policy.situation import Situation
from listward.filters.probes import Counters, Resolver, Standings
from listward.filters.routing.targets import Directory
from listward.runtime.clock import SystemClock
from listward.wire.addresses import is_safe_address

# A person waits at the terminal: DNS that is away must not make this longer than a second.
DNS_SECONDS, DNS_QUERIES = 0.5, 80
NOT_KNOWN_HERE = (
    "Note: a saved message does not say who connected, so its author could not be confirmed.\n"
    "Give --client-ip and --mail-from as the server saw them, or take an origin as given: --origin member."
)


def check(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The message; - reads standard input.")],
    mail_from: Annotated[
        str | None, typer.Option("--mail-from", metavar="A", help="The envelope sender; default: Return-Path or From.")
    ] = None,
    rcpt: Annotated[
        list[str] | None,
        typer.Option(
            "--rcpt", metavar="A", help="A recipient; may be given often. Default: our addresses in To and Cc."
        ),
    ] = None,
    client_ip: Annotated[str | None, typer.Option("--client-ip", metavar="IP", help="Who connected, for SPF.")] = None,
    helo: Annotated[str, typer.Option("--helo", metavar="NAME", help="How the client named itself.")] = "",
    origin: Annotated[
        OriginKind | None, typer.Option("--origin", help="Take this origin as given instead of proving it.")
    ] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show every rule that was tried, and what would alter the verdict.")
    ] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--store", help="Read what the store counts and remembers of senders, and the site's own spam model."
        ),
    ] = False,
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
) -> None:
    """Judge one message without effect, and explain. The exit code is 0 whatever the verdict."""
    _require_addresses(client_ip, mail_from, rcpt or [])
    configuration = configuration_at(config)
    raw = _read(file)
    given = Given(mail_from, tuple(rcpt or ()), client_ip, helo)
    transaction, message = transaction_for(raw, given, Directory(configuration.site), time.time())
    resolver = _resolver(configuration.site, origin)
    situations: list[Situation] = []

    async def judged() -> Judgement:
        if not live:
            judge = offline_judge(configuration, resolver, situations.append)
            return await judge.judge(transaction, origin, message=message)
        async with _memory(configuration.site) as memory:
            judge = live_judge(configuration, resolver, *memory, on_situation=situations.append)
            return await judge.judge(transaction, origin, message=message)

    judgement = asyncio.run(judged())
    forced = in_force(configuration, situations)
    ways = {each.target.address: alternatives(configuration.policy, each) for each in situations if explain}
    if as_json_:
        typer.echo(json.dumps(as_json(file, judgement, explain) | in_force_json(forced) | alternatives_json(ways)))
    else:
        print_judgement(judgement, message, configuration.policy, explain)
        print_in_force(forced)
        print_alternatives(ways)
        if origin is None and client_ip is None and judgement.origin.kind is OriginKind.UNPROVEN:
            typer.echo(NOT_KNOWN_HERE)


@asynccontextmanager
async def _memory(site: Site) -> AsyncIterator[tuple[Counters, Standings, SiteRosters]]:
    """What the running store counts, remembers of senders and keeps of rosters; only looked at. Raises Unreachable."""
    # `check` without --store need not wait for the store's library.
    from listward.cli.running_store import running_store
    from listward.queue.store.counters import RedisCounters
    from listward.queue.store.following import Following

    rosters = SiteRosters(site)
    async with running_store(site) as store:
        await store.durability()
        await Following(lambda: rosters, lambda: store.rosters).look()
        yield RedisCounters(store.lanes, SystemClock(), record=False), store.accounts, rosters


def _require_addresses(client_ip: str | None, mail_from: str | None, recipients: list[str]) -> None:
    """Refuse what cannot be an address: a slip here would explain another message."""
    if client_ip is not None:
        try:
            ip_address(client_ip)
        except ValueError:
            raise WrongUse(f"listward: --client-ip {client_ip!r} is not an IP address") from None
    for option, address in (*(("--rcpt", given) for given in recipients), ("--mail-from", mail_from or "")):
        plain = address.strip("<>")
        if plain and ("@" not in plain or not is_safe_address(plain)):
            raise WrongUse(f"listward: {option} {printable(address)!r} is not a mail address")


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except IsADirectoryError:
        raise WrongUse(f"listward: {file}: is a folder; `listward replay` judges folders") from None
    except OSError as error:
        raise WrongUse(f"listward: {file}: {error.strerror or 'cannot be read'}") from None


def _resolver(site: Site, origin: OriginKind | None) -> Resolver:
    if origin is not None:
        return NoNames()
    timeout = min(site.dns.timeout_s, DNS_SECONDS)
    return BudgetedResolver(DnsResolver(site.dns.servers, timeout), DNS_QUERIES, DNS_SECONDS)
