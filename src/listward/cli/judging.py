"""What `check` and `replay` share: a judge without any running part, and a transaction made from a message alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from listward.cli.output import CommandError
from listward.config.load import Configuration
from listward.config.site import Site
from listward.filters.identity.author import plain_address, sole_author
from listward.filters.identity.roster import SiteRosters
from listward.filters.judge import Judge
from listward.filters.learner import ModelError, SpamModel
from listward.filters.learner.load import load_for
from listward.filters.message.message import Message
from listward.filters.message.parse import parse_message
from listward.filters.policy.situation import Situation
from listward.filters.probes import Counters, Probes, ProbeUnavailable, Resolver, Standings
from listward.filters.routing.targets import Directory
from listward.filters.transaction import Client, Listener, Transaction
from listward.runtime.ids import new_id

_MBOX_LINE = re.compile(rb"\A>?From [^\n]*\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of the transaction; None where it says nothing."""

    sender: str | None = None
    recipients: tuple[str, ...] = ()
    client_ip: str | None = None
    helo: str = ""


class NoNames:
    """A resolver for archives: what can no longer be proven is not asked."""

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Always raises ProbeUnavailable."""
        raise ProbeUnavailable(f"{kind} {name} is not asked")

    def spent(self) -> None:
        """Nobody counts here."""

    async def exists(self, name: str) -> bool:
        """Always raises ProbeUnavailable."""
        raise ProbeUnavailable(f"{name} is not asked")

    def remembered(self, name: str, kind: str) -> None:
        """Nothing."""


def _forget(situation: Situation) -> None:
    """Whoever does not explain needs no situation."""


def offline_judge(
    configuration: Configuration, resolver: Resolver, on_situation: Callable[[Situation], None] = _forget
) -> Judge:
    """Return a judge with the shipped model, the rosters' files and no store."""
    return _judge(configuration, resolver, lambda site: SpamModel.load_default(), on_situation)


def live_judge(
    configuration: Configuration,
    resolver: Resolver,
    counters: Counters,
    standings: Standings,
    rosters: SiteRosters,
    on_situation: Callable[[Situation], None] = _forget,
) -> Judge:
    """Return a judge that knows what the gateway knows: the site's own model, what the store counts and remembers."""
    return _judge(configuration, resolver, load_for, on_situation, counters, standings, rosters)


def _judge(
    configuration: Configuration,
    resolver: Resolver,
    model_for: Callable[[Site], SpamModel],
    on_situation: Callable[[Situation], None],
    counters: Counters | None = None,
    standings: Standings | None = None,
    rosters: SiteRosters | None = None,
) -> Judge:
    site = configuration.site
    try:
        model = model_for(site)
    except ModelError as error:
        raise CommandError(f"listward: the spam model cannot be read: {error}") from None
    probes = Probes(resolver, rosters or SiteRosters(site), counters, standings)
    return Judge(site, configuration.policy, model, probes, on_situation=on_situation)


def as_received(raw: bytes) -> bytes:
    """Return a stored message as SMTP would carry it: CRLF line ends, no mbox line in front."""
    raw = _MBOX_LINE.sub(b"", raw, count=1)
    if b"\r" not in raw:
        return raw.replace(b"\n", b"\r\n")
    if raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        return raw
    return _LINE_END.sub(b"\r\n", raw)


def transaction_for(stored: bytes, given: Given, directory: Directory, now: float) -> tuple[Transaction, Message]:
    """Return a transaction for a stored message, and the message; what is not given is taken from its message."""
    message = parse_message(as_received(stored))
    return transaction_of(message, given, directory, now), message


def transaction_of(message: Message, given: Given, directory: Directory, now: float) -> Transaction:
    """Return a transaction for a message that came `now` (Unix seconds)."""
    return Transaction(
        id=new_id(),
        listener=Listener.INGRESS,
        client=Client(given.client_ip, given.helo),
        sender=_sender(message) if given.sender is None else given.sender.strip("<>"),
        recipients=given.recipients or _recipients(message, directory),
        raw=message.raw,
        received_at=now,
    )


def _sender(message: Message) -> str:
    """The return path where a server wrote one (RFC 5321 section 4.4), else the author."""
    paths = message.all("Return-Path")
    written = paths[0].value.strip().strip("<>") if paths else None
    return sole_author(message) if written is None else plain_address(written)


def _recipients(message: Message, directory: Directory) -> tuple[str, ...]:
    """Our own addresses in To and Cc, else the first list."""
    named = (mailbox.address for mailbox in (*message.to_mailboxes, *message.cc_mailboxes))
    ours = tuple(dict.fromkeys(address for address in named if directory.target(address)))
    return ours or (directory.site.lists[0].address,)
