"""A gateway worker as it runs: shipped policy, real store, name server, roster and next hop, and one unproven member.

Ana is in the roster of the members' list, and her mail comes signed by a small mail host: nothing proves her address.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path as File
from typing import Any

from dns_server import DnsServer
from gateway_fakes import Client
from identity_world import rsa_record, signed
from messages import build
from redis_server import running_server
from scripted_hop import ScriptedHop

from listward.config.load import load
from listward.filters.identity.standing import How, Method, Path
from listward.filters.transaction import Listener
from listward.gateway.worker import Surroundings, Worker
from listward.queue.cases.case import Case
from listward.queue.store.connect import Store, connect
from listward.queue.store.embedded import EmbeddedServer
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

MEMBERS, INNER = "members@lists.party.example", "inner@lists.party.example"
ANA, OLA, SOL, STRANGER = "ana@isp.example", "ola@isp.example", "sol@isp.example", "nobody@isp.example"
PATH = Path(Method.DKIM, "small-host.test", "s1")
SENDER = "ana@small-host.test"
ROSTER = f"""address,name,role
{ANA},Ana Ruiz,member
{OLA},Ola Berg,officer
{SOL},Sol Vega,member
"""
SITE = """
[organisation]
name = "Party"
domains = ["party.example"]

[gateway]
hostname = "mx.party.example"

[dns]
servers = ["127.0.0.1:{dns}"]
timeout_s = 1

[store]
url = "unix://{store}"
path = "{folder}"

[[group]]
name = "moderators"
members = ["mod@party.example"]

[[queue]]
name = "moderators"
group = "moderators"

[[list]]
address = "members@lists.party.example"
zone = "members"
next_hop = "{hop}"
roster = "members.csv"

[[list]]
address = "inner@lists.party.example"
zone = "internal"
next_hop = "{hop}"
roster = "members.csv"
"""
ZONE: dict[str, dict[str, Any]] = {
    "isp.example": {"A": ["192.0.2.80"]},
    "elsewhere.example": {"A": ["192.0.2.81"]},
    "small-host.test": {"TXT": ["v=spf1 ip4:127.0.0.0/8 -all"], "A": ["192.0.2.82"]},
    "other-host.test": {"TXT": ["v=spf1 ip4:127.0.0.0/8 -all"], "A": ["192.0.2.83"]},
    "broken.test": {"error": "SERVFAIL"},
    "lists.party.example": {"TXT": ["v=spf1 ip4:127.0.0.0/8 -all"]},
    "s1._domainkey.lists.party.example": {"TXT": [rsa_record()]},
    "s1._domainkey.small-host.test": {"TXT": [rsa_record()]},
    "s1._domainkey.other-host.test": {"TXT": [rsa_record()]},
}


@dataclass
class World:
    """One worker while it runs; `store` is the tests' own connection to its store."""

    worker: Worker
    store: Store
    server: EmbeddedServer
    hop: ScriptedHop
    metrics: Metrics
    port: int
    log: StringIO
    _sent: int = field(default=0)

    async def send(
        self,
        author: str = ANA,
        host: str = "small-host.test",
        to: str = MEMBERS,
        sender: str | None = None,
        number: int = 0,
        **more: Any,
    ) -> tuple[int, str]:
        """Send a message by a mail host that signs it ("" signs nothing), a new one without a number; its reply."""
        self._sent += 1
        number = number or self._sent
        usual = f"Dear all, the room is booked for evening number {number}. Please bring chairs, as last time.\r\n"
        raw = build(
            from_=f"X <{author}>",
            to=to,
            subject=f"Evening {number}",
            message_id=f"<{number}@x.example>",
            **{"text": usual, **more},
        )
        client = await Client.open(self.port)
        await client.envelope(to, sender=f"x@{host or 'none.test'}" if sender is None else sender)
        reply = await client.content(signed(raw, host, "s1") if host else raw)
        await client.close()
        await self.noted()
        return reply

    async def noted(self) -> None:
        """Have everything written that is noted of senders."""
        noting = self.worker._services.noting
        assert noting is not None
        await noting.write()

    async def cases(self) -> tuple[Case, ...]:
        """All cases, oldest first."""
        return (await self.store.cases.page()).cases

    async def vouch(self, author: str = ANA, on: str = MEMBERS, path: Path = PATH) -> str:
        """Vouch as a moderator's release does, whatever the roster says."""
        return await self.store.accounts.vouch(on, author, path, "mod@party.example", How.RELEASE, self.now())

    def value(self, name: str) -> float | None:
        """One metric."""
        return self.metrics.registry.get_sample_value(f"listward_{name}")

    def now(self) -> float:
        """Unix seconds, as the store counts them."""
        return self.store.accounts._clock.now()


@asynccontextmanager
async def vouching_world(folder: File, roster: str = ROSTER, site: str = SITE) -> AsyncIterator[World]:
    """Run it."""
    with running_server() as server, DnsServer(ZONE) as names:
        async with ScriptedHop("smtp") as hop:
            (folder / "members.csv").write_text(roster)
            text = site.format(dns=names.port, store=server.socket, folder=server.directory.parent, hop=hop.url)
            (folder / "site.toml").write_text(text)
            configuration = load(folder)
            stop, ready, log, metrics = asyncio.Event(), asyncio.Event(), StringIO(), Metrics()
            around = Surroundings(metrics=metrics, log=MailLog(b"k", log), on_ready=ready.set, handle_signals=False)
            bound = socket.create_server(("127.0.0.1", 0))
            worker = Worker(configuration, around)
            running = asyncio.create_task(worker.run({Listener.INGRESS: [bound]}, stop))
            store = connect(configuration.site)
            await ready.wait()
            try:
                yield World(worker, store, server, hop, metrics, bound.getsockname()[1], log)
            finally:
                stop.set()
                await asyncio.wait_for(running, 20)
                await store.close()
