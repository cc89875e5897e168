"""`listward check`: judge one message without effect, and explain."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.explain import print_judgement
from listward.cli.judging import Given, NoNames, configuration_at, offline_judge, transaction_for
from listward.cli.output import WrongUse
from listward.cli.verdicts import as_json
from listward.config.site import Site
from listward.filters.identity.origin import OriginKind
from listward.filters.identity.resolver import BudgetedResolver, DnsResolver
from listward.filters.probes import Resolver

# A person waits at the terminal: DNS that is away must not make this longer than a second.
DNS_SECONDS, DNS_QUERIES = 0.5, 80


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
    explain: Annotated[bool, typer.Option("--explain", help="Show every rule that was tried.")] = False,
    config: Annotated[Path | None, typer.Option("--config", metavar="DIR", help="The configuration folder.")] = None,
) -> None:
    """Judge one message without effect, and explain. The exit code is 0 whatever the verdict."""
    configuration = configuration_at(config)
    raw = _read(file)
    judge = offline_judge(configuration, _resolver(configuration.site, origin))
    given = Given(mail_from, tuple(rcpt or ()), client_ip, helo)
    transaction, message = transaction_for(raw, given, judge.directory, time.time())
    judgement = asyncio.run(judge.judge(transaction, origin, message=message))
    if as_json_:
        typer.echo(json.dumps(as_json(file, judgement, explain)))
    else:
        print_judgement(judgement, message, configuration.policy, explain)


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
