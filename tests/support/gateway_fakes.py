"""Doubles for the gateway: a judge, cases and a ledger that do as told and count, and a rig with real sockets.

    async with Rig() as rig:
        rig.judge.verdict = Action.HOLD
        code, text = await rig.send(message())
        assert rig.cases.drafts[0].list == "board@lists.party.example"

The rig has two next hops: `board` (LMTP) for board@, `news` (SMTP) for news@, and `out` (SMTP) behind egress.
"""

import asyncio
import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Self

from scripted_hop import ScriptedHop

from listward.config.policy import Policy
from listward.config.site import Site
from listward.filters.findings import Evidence, Finding, Scores
from listward.filters.identity.origin import Authentication, AuthResult, Origin, OriginKind
from listward.filters.judgement import (
    Action,
    Judgement,
    MessageFacts,
    Mode,
    RecipientVerdict,
    ReplyWords,
    RuleOutcome,
)
from listward.filters.routing.targets import Directory
from listward.filters.transaction import Transaction
from listward.gateway.egress import Egress
from listward.gateway.hopsize import HopSizes
from listward.gateway.ingress import Ingress
from listward.gateway.server import Server
from listward.gateway.services import Services
from listward.gateway.session.bounds import Bounds
from listward.gateway.snapshot import Snapshot, make_snapshot
from listward.gateway.submission import Submission
from listward.queue.cases.case import Case, CaseDraft, CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.ports import Claimed, Conflict, StoreUnavailable
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.limits import Limits
from listward.wire.payload import Payload
from listward.wire.pool import Pool

BOARD, NEWS, MEMBERS = "board@lists.party.example", "news@lists.party.example", "members@lists.party.example"
SENDER = "ana@home.example"
KEY = b"k" * 32
WORDS = {
    Action.ACCEPT: ReplyWords(250, "2.0.0", "Received. Ref {id}"),
    Action.DISCARD: ReplyWords(250, "2.0.0", "Received. Ref {id}"),
    Action.HOLD: ReplyWords(250, "2.0.0", "Received. A moderator reads it first. Case {case}"),
    Action.DEFER: ReplyWords(451, "4.3.0", "Not delivered yet. Ref {id}"),
    Action.REJECT: ReplyWords(550, "5.7.1", "Not delivered. Ref {id}"),
}
FOUND = Finding("heat", "abuse", 0.9, "It is heated.", (Evidence("text", 0, 4, "grr!"),), "4.3")


def message(
    text: str = "Dear all,\r\n",
    message_id: str | None = "<one@home.example>",
    date: str | None = "Sat, 21 Nov 2026 10:00:00 +0000",
    extra: str = "",
    subject: str = "Minutes",
) -> bytes:
    """One small message with CRLF line ends; `extra` are whole header lines in front."""
    lines = [f"From: Ana Ruiz <{SENDER}>", f"To: {BOARD}", f"Subject: {subject}"]
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [f"Date: {date}"] if date else []
    return (extra + "\r\n".join(lines) + "\r\n\r\n" + text).encode()


class FakeJudge:
    """Judges as told. `verdict` is everybody's action, `per` overrides it by address; `error` is raised instead."""

    def __init__(self, site: Site) -> None:
        self._directory = Directory(site)
        self.verdict = Action.ACCEPT
        self.per: dict[str, Action] = {}
        self.would: Action | None = None
        self.copy_to: tuple[str, ...] = ()
        self.whole: Action | None = None
        self.origin = OriginKind.MEMBER
        self.words = dict(WORDS)
        self.signed: frozenset[str] = frozenset()
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.results = (AuthResult("spf", "pass", "home.example"), AuthResult("dmarc", "pass", "home.example"))
        self.findings: tuple[Finding, ...] = (FOUND,)
        self.seen: list[Transaction] = []
        self.delay = 0.0

    async def judge(self, transaction: Transaction, payload: Payload) -> Judgement:
        """Return the judgement that was asked for."""
        self.seen.append(replace(transaction, raw=payload.whole()))
        if self.gate is not None:
            await self.gate.wait()
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        verdicts = tuple(self._verdict(address) for address in transaction.recipients)
        action = self.whole or max((verdict.action for verdict in verdicts), key=lambda action: action.strength)
        return Judgement(
            action=action,
            reply=self.words[action],
            origin=Origin(self.origin, SENDER),
            authentication=Authentication(SENDER, self.results, True, "reject"),
            scores=Scores(0.1, 0.2, 0.3),
            findings=self.findings,
            recipients=verdicts,
            facts=MessageFacts(
                "Minutes", "<one@home.example>", "00", "Dear all,", 10, True, True, self.signed, "Ana Ruiz"
            ),
            policy_hash="hash",
        )

    def _verdict(self, address: str) -> RecipientVerdict:
        target = self._directory.target(address)
        assert target is not None
        action = self.per.get(address, self.verdict)
        rule = RuleOutcome(
            "heat", "content", Mode.ENFORCE, True, "saw it", action, "moderators", "4.3", "It is heated."
        )
        outcomes = (rule,) if action is not Action.ACCEPT else ()
        if self.would is not None:
            outcomes = (replace(rule, mode=Mode.SHADOW, action=None, would=self.would),)
        if self.copy_to:
            outcomes = (replace(rule, copy_to=self.copy_to),)
        queues = ("moderators",) if action is Action.HOLD else ()
        return RecipientVerdict(target, Origin(self.origin, SENDER), action, queues, outcomes)


class FakeCases:
    """Keeps cases in memory, idempotent by ledger key. `away` makes every call raise; `fail_from` from that hold on.

    The answers to the first `lost` holds are lost: the cases are there.
    """

    def __init__(self) -> None:
        self.away = False
        self.error: StoreUnavailable = StoreUnavailable("away")
        self.fail_from: int | None = None
        self.lost = 0
        self.conflict = False
        self.drafts: list[CaseDraft] = []
        self.bodies: list[bytes] = []
        self.commands: list[Command] = []
        self.calls = 0
        self._by_key: dict[tuple[str, str], Case] = {}

    async def hold(self, draft: CaseDraft, body: Payload) -> Case:
        """Keep one case."""
        self.calls += 1
        if self.away or (self.fail_from is not None and self.calls >= self.fail_from):
            raise self.error
        key = (draft.list, draft.ledger_key)
        if key not in self._by_key:
            self.drafts.append(draft)
            self.bodies.append(body.whole())
            number = f"{1000 + len(self.drafts)}7"
            self._by_key[key] = Case(number, 1, CaseState.HELD, draft, 0.0, 0.0)
        if self.calls <= self.lost:
            raise self.error
        return self._by_key[key]

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """The numbers of the cases kept."""
        if self.away:
            raise self.error
        found = {key: self._by_key.get((list_address, key)) for key in ledger_keys}
        return {key: case.number for key, case in found.items() if case is not None}

    async def apply(self, number: str, expected_version: int, command: Command) -> Case:
        """Note one act."""
        if self.away:
            raise self.error
        if self.conflict:
            raise Conflict("policy", 2, "discarded")
        self.commands.append(command)
        key, case = next((key, case) for key, case in self._by_key.items() if case.number == number)
        assert case.version == expected_version
        state = CaseState.DISCARDED if command.verb is Verb.DISCARD else case.state
        self._by_key[key] = replace(case, version=case.version + 1, state=state)
        return self._by_key[key]


class FakeTrail:
    """Remembers audit entries. `away` makes the call raise."""

    def __init__(self) -> None:
        self.away = False
        self.entries: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []

    async def append(
        self, list_address: str, verb: str, at: float, facts: Mapping[str, Any], personal: Mapping[str, str]
    ) -> int:
        """Append one entry."""
        if self.away:
            raise StoreUnavailable("away")
        self.entries.append((list_address, verb, dict(facts), dict(personal)))
        return len(self.entries)


class FakeLedger:
    """Remembers outcomes and claims. `away` makes every call raise; `deaf` only writes. `lapsed`: an owner has died."""

    def __init__(self) -> None:
        self.away = False
        self.deaf = False
        self.lapsed = False
        self.outcomes: dict[str, str] = {}
        self.claims: dict[str, str] = {}
        self.reads = self.writes = 0

    async def settled(self, keys: Sequence[str]) -> dict[str, str]:
        """Return what is known."""
        self.reads += 1
        if self.away:
            raise StoreUnavailable("away")
        return {key: self.outcomes[key] for key in keys if key in self.outcomes}

    async def claim(self, keys: Sequence[str], owner: str, lasts_s: float) -> Claimed:
        """Return what is known, and claim all copies or none."""
        known = await self.settled(keys)
        copies = {key.rpartition(":")[0] for key in keys}
        free = all(self.claims.get(copy, owner) == owner for copy in copies)
        self.claims |= dict.fromkeys(copies, owner) if free else {}
        return Claimed(known, free, self.lapsed)

    async def settle(self, outcomes: dict[str, str], owner: str = "", claimed: Sequence[str] = ()) -> None:
        """Remember, and end claims."""
        self.writes += 1
        if self.away or self.deaf:
            raise StoreUnavailable("away")
        self.outcomes |= outcomes
        ended = {key.rpartition(":")[0] for key in claimed}
        self.claims = {copy: by for copy, by in self.claims.items() if copy not in ended or by != owner}


class Client:
    """A raw SMTP client: what is written is sent as it is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, greet: bool = True, source: str | None = None) -> "Client":
        """Connect; with `greet`, read the greeting and say EHLO."""
        local = (source, 0) if source else None
        client = cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=local))
        if greet:
            await client.reply()
            await client.ask("EHLO client.example")
        return client

    async def reply(self) -> tuple[int, str]:
        """Read one reply: its code and its lines without code, joined by LF. (0, "") when the connection is closed."""
        lines: list[str] = []
        while True:
            try:
                line = (await asyncio.wait_for(self.reader.readline(), 10)).decode("latin-1")
            except ConnectionError:
                return 0, ""
            if not line:
                return 0, ""
            assert line.endswith("\r\n")
            assert len(line) <= 400
            lines.append(line[4:-2])
            if line[3] == " ":
                return int(line[:3]), "\n".join(lines)

    async def ask(self, command: str | bytes) -> tuple[int, str]:
        """Send a command line and read its reply."""
        data = command if isinstance(command, bytes) else command.encode()
        self.writer.write(data + b"\r\n")
        return await self.reply()

    async def envelope(self, *recipients: str, sender: str = SENDER, parameters: str = "") -> tuple[int, str]:
        """Send MAIL and RCPTs; returns the last reply."""
        last = await self.ask(f"MAIL FROM:<{sender}>{parameters}")
        for recipient in recipients or (BOARD,):
            last = await self.ask(f"RCPT TO:<{recipient}>")
        return last

    async def content(self, data: bytes) -> tuple[int, str]:
        """Send DATA and a message, dots stuffed; returns the final reply."""
        code, text = await self.ask("DATA")
        if code != 354:
            return code, text
        stuffed = data.replace(b"\r\n.", b"\r\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        self.writer.write(stuffed + (b"" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n") + b".\r\n")
        return await self.reply()

    async def is_closed(self) -> bool:
        """Whether the server has closed, whatever it said before."""
        try:
            return await asyncio.wait_for(self.reader.read(), 10) is not None
        except ConnectionError:
            return True

    async def close(self) -> None:
        """Close without QUIT."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


class Rig:
    """A gateway worker's server on real sockets, between clients and scripted next hops."""

    def __init__(self, *, directory: Path | None = None, **tables: Any) -> None:
        self._tables, self._directory = tables, directory
        self.board, self.news, self.out = ScriptedHop("lmtp"), ScriptedHop("smtp"), ScriptedHop("smtp")
        self.cases, self.ledger, self.metrics = FakeCases(), FakeLedger(), Metrics()
        self.trail = FakeTrail()
        self.stream = StringIO()
        self.sizes = HopSizes()
        self.clients: list[Client] = []
        self.terms: Callable[[Any], Any] = lambda terms: terms

    async def __aenter__(self) -> Self:
        for hop in (self.board, self.news, self.out):
            await hop.__aenter__()
        self.site = make_site(self.board.url, self.news.url, self.out.url, self._directory, **self._tables)
        self.judge = FakeJudge(self.site)
        self.policy = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})
        self.snapshot = self.build(self.site)
        self.pool = Pool("mx.party.example", Limits(connect_timeout_s=2.0))
        self.services = Services(
            self.pool, self.cases, self.ledger, self.trail, self.metrics, MailLog(b"log", self.stream)
        )
        self.bounds = Bounds(self.metrics)
        self.server = Server(self.bounds)
        self.port = await self._listen(Ingress(self.services, lambda: self.snapshot, self.sizes))
        self.egress_port = await self._listen(Egress(self.services, lambda: self.snapshot, self.sizes))
        self.submission_port = await self._listen(Submission(self.services, lambda: self.snapshot, self.sizes))
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            await client.close()
        if self.judge.gate is not None:
            self.judge.gate.set()
        await self.server.drain(5)
        await self.pool.close()
        for hop in (self.board, self.news, self.out):
            await hop.__aexit__(None, None, None)

    def build(self, site: Site, **terms: Any) -> Snapshot:
        """Make a snapshot; `terms` override the bounds of both listeners."""
        snapshot = make_snapshot(site, self.policy, self.judge, KEY)
        return replace(
            snapshot,
            ingress=replace(snapshot.ingress, **terms),
            egress=replace(snapshot.egress, **terms),
            submission=replace(snapshot.submission, **terms),
        )

    def bound(self, **terms: Any) -> None:
        """Tighten bounds for connections that begin from now on."""
        self.snapshot = self.build(self.site, **terms)

    async def connect(self, *, egress: bool = False, greet: bool = True, source: str | None = None) -> Client:
        """Open a connection; it is closed with the rig."""
        client = await Client.open(self.egress_port if egress else self.port, greet, source)
        self.clients.append(client)
        return client

    async def send(self, data: bytes, *recipients: str, sender: str = SENDER, egress: bool = False) -> tuple[int, str]:
        """Send one message on its own connection; returns the final reply, or the one that stopped it."""
        client = await self.connect(egress=egress)
        code, text = await client.envelope(*recipients, sender=sender)
        return await client.content(data) if code == 250 else (code, text)

    def events(self) -> list[dict[str, Any]]:
        """The mail log."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def count(self, name: str, **labels: str) -> float:
        """One metric's value, 0 where it was never touched."""
        return self.metrics.registry.get_sample_value(f"listward_{name}", labels) or 0.0

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds, at most ten seconds."""
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            await asyncio.sleep(0.005)

    async def _listen(self, door: Any) -> int:
        bound = socket.create_server(("127.0.0.1", 0))
        await self.server.listen(door, [bound])
        return int(bound.getsockname()[1])


def make_site(board: str, news: str, out: str, directory: Path | None = None, **tables: Any) -> Site:
    """A site with an internal list, a members' list and a public one. `tables` are merged into its tables."""
    values: dict[str, Any] = {
        "organisation": {"name": "Party", "domains": ["party.example"], "internal_domains": ["inside.party.example"]},
        "addresses": {"report": "report@party.example", "appeal": "appeal@party.example"},
        "gateway": {"hostname": "mx.party.example", "reply_deadline_s": 20, "judge_deadline_s": 2},
        "egress": {"next_hop": out, "clients": [str(IPv4Network("127.0.0.0/8"))]},
        "list": [
            {"address": BOARD, "zone": "internal", "next_hop": board},
            {"address": NEWS, "zone": "public", "next_hop": news},
            {"address": MEMBERS, "zone": "members", "next_hop": news, "moderators": ["office"]},
        ],
    }
    for name, table in tables.items():
        merged = {**values.get(name, {}), **table} if isinstance(table, dict) else table
        values[name] = merged
    return Site.model_validate({**values, "directory": directory or Path()})
