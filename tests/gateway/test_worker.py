"""A whole worker on uvloop: real configuration, real judge, real next hop; signals, reload, a store that is away."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop
from gateway_fakes import Client, FakeCases, FakeLedger, message
from memory_accounts import MemoryAccounts, SilentPresence
from scripted_hop import ScriptedHop

from listward.config.carried import packed
from listward.config.load import Configuration, load
from listward.filters.transaction import Listener
from listward.gateway.worker import Surroundings, Worker, serve
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.runtime.orders import CannotPrepare, Said, Word, channel, said
from listward.wire.limits import Limits

NEWS = "news@lists.party.example"
SITE = """
[organisation]
name = "Party"
domains = ["party.example"]
internal_networks = ["127.0.0.0/8"]

[gateway]
hostname = "mx.party.example"
reply_deadline_s = 20
{gateway}

[dns]
servers = ["127.0.0.1:9"]
timeout_s = 0.2

[policy]
mode = "{mode}"

[[group]]
name = "moderators"
members = ["mod@party.example"]

[[queue]]
name = "moderators"
group = "moderators"

[egress]
next_hop = "{hop}"

[[list]]
address = "news@lists.party.example"
zone = "public"
next_hop = "{hop}"
"""


@dataclass
class Scene:
    """One worker while it runs."""

    directory: Path
    hop: ScriptedHop
    stop: asyncio.Event
    cases: FakeCases = field(default_factory=FakeCases)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    metrics: Metrics = field(default_factory=Metrics)
    stream: StringIO = field(default_factory=StringIO)
    away: bool = False
    adopted: list[Any] = field(default_factory=list)
    ours: socket.socket = field(default_factory=socket.socket)
    port: int = 0
    egress_port: int = 0

    def write(self, mode: str = "observe", gateway: str = "") -> None:
        """Write site.toml."""
        text = SITE.format(hop=self.hop.url, mode=mode, gateway=gateway)
        (self.directory / "site.toml").write_text(text)

    def connect_store(self, _configuration: Configuration, _metrics: Metrics) -> Any:
        """Open the fakes as a store."""
        if self.away:
            raise StoreUnavailable("away")

        async def close() -> None:
            return None

        async def seen_elsewhere(digest: str, list_address: str) -> int:
            return 0

        counters = SimpleNamespace(seen_elsewhere=seen_elsewhere)
        return SimpleNamespace(
            cases=self.cases,
            ledger=self.ledger,
            counters=counters,
            accounts=MemoryAccounts(),
            presence=SilentPresence(),
            close=close,
            adopt=self.adopted.append,
        )

    async def say(self, word: Word, configuration: Configuration | None = None) -> Said:
        """Give the worker an order as the supervisor does, and return its answer."""
        file = os.memfd_create("configuration", os.MFD_CLOEXEC)
        os.write(file, packed(configuration) if configuration else b"")
        socket.send_fds(self.ours, [Said(word, "new").encoded()], [file] if configuration else [])
        os.close(file)
        return said(await asyncio.get_running_loop().sock_recv(self.ours, 2048))

    async def switch(self) -> None:
        """Have it take up what the files say now."""
        assert (await self.say(Word.PREPARE, load(self.directory))).word is Word.PREPARED
        assert (await self.say(Word.COMMIT)).word is Word.RUNS

    async def send(self, number: int = 1) -> tuple[int, str]:
        """Send one message of our own network."""
        client = await Client.open(self.port)
        await client.envelope(NEWS, sender="ana@party.example")
        data = message(message_id=f"<{number}@party.example>").replace(b"home.example", b"party.example")
        reply = await client.content(data)
        await client.close()
        return reply

    def value(self, name: str) -> float | None:
        """One metric."""
        return self.metrics.registry.get_sample_value(f"listward_{name}")


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Callable[[Scene], Awaitable[None]]], None]:
    """Run a scene with a worker around it."""

    async def run(act: Callable[[Scene], Awaitable[None]]) -> None:
        async with ScriptedHop("smtp") as hop:
            ours, orders = channel()
            scene = Scene(tmp_path, hop, asyncio.Event(), ours=ours)
            scene.write()
            ready = asyncio.Event()
            sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
            scene.port, scene.egress_port = (bound.getsockname()[1] for bound in sockets)
            around = Surroundings(
                metrics=scene.metrics,
                log=MailLog(b"k", scene.stream),
                connect_store=scene.connect_store,
                orders=orders,
                on_ready=ready.set,
            )
            bound = {Listener.INGRESS: sockets[:1], Listener.EGRESS: sockets[1:]}
            working = asyncio.create_task(serve(load(tmp_path), bound, scene.stop, around))
            await asyncio.wait({working, asyncio.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
            try:
                await act(scene)
            finally:
                scene.stop.set()
                await asyncio.wait_for(working, 10)
                ours.close()
                orders.close()

    def play(act: Callable[[Scene], Awaitable[None]]) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(act))

    return play


async def test_the_end_waits_for_no_silent_next_hop(tmp_path: Path) -> None:
    """A server that takes connections and never greets is still being asked what it offers; the worker ends."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        (tmp_path / "site.toml").write_text(SITE.format(hop=url, mode="observe", gateway=""))
        stop, ready = asyncio.Event(), asyncio.Event()
        around = Surroundings(on_ready=ready.set, log=MailLog(b"k", StringIO()))
        working = asyncio.create_task(serve(load(tmp_path), {}, stop, around))
        await ready.wait()
        began = time.monotonic()
        stop.set()
        await working
        assert time.monotonic() - began < Limits().connect_timeout_s / 2


Play = Callable[[Callable[[Scene], Awaitable[None]]], None]


def test_mail_goes_through_and_out(play: Play) -> None:
    """Judged by the shipped policy, relayed, and sent out by the other door."""

    async def act(scene: Scene) -> None:
        code, text = await scene.send()
        assert (code, text[:5]) == (250, "2.0.0")
        data = scene.hop.messages[0].data
        assert b"Authentication-Results: mx.party.example;" in data
        client = await Client.open(scene.egress_port)
        await client.envelope("bob@home.example", sender="news-bounces@lists.party.example")
        assert (await client.content(data))[0] == 250
        await client.close()
        assert scene.hop.messages[1].recipients == ("bob@home.example",)
        assert scene.value("config_valid") == 1

    play(act)


def test_the_worker_makes_its_key_and_its_spool(play: Play, tmp_path: Path) -> None:
    """In the state folder, for us alone."""

    async def act(scene: Scene) -> None:
        assert (tmp_path / "var" / "gateway.key").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "var" / "spool").stat().st_mode & 0o777 == 0o700

    play(act)


def test_a_worker_switches_to_what_it_prepared(play: Play) -> None:
    """Not before it is told to, and not at all where what it prepared is dropped."""

    async def act(scene: Scene) -> None:
        async def size() -> str:
            client = await Client.open(scene.port)
            offered = (await client.ask("EHLO c.example"))[1]
            await client.close()
            return next(line for line in offered.splitlines() if line.startswith("SIZE"))

        scene.write(gateway="max_message_bytes = 70000")
        assert (await scene.say(Word.PREPARE, load(scene.directory))).word is Word.PREPARED
        assert await size() != "SIZE 70000"
        assert (await scene.say(Word.COMMIT)).word is Word.RUNS
        assert await size() == "SIZE 70000"
        assert "config-loaded" in scene.stream.getvalue()
        scene.write(gateway="max_message_bytes = 80000")
        assert (await scene.say(Word.PREPARE, load(scene.directory))).word is Word.PREPARED
        scene.ours.send(Said(Word.ABORT, "new").encoded())
        scene.ours.send(Said(Word.COMMIT, "new").encoded())  # which finds nothing any more
        (scene.directory / "none.pem").write_text("no certificate")
        scene.write(gateway="tls_certificate = 'none.pem'\ntls_key = 'none.pem'")
        answer = await scene.say(Word.PREPARE, load(scene.directory))
        assert answer.word is Word.CANNOT
        assert answer.reason
        assert await size() == "SIZE 70000"
        assert (await scene.send())[0] == 250

    play(act)


def test_a_transaction_keeps_the_configuration_it_began_with(play: Play) -> None:
    """What MAIL began is judged as it stood then."""

    async def act(scene: Scene) -> None:
        client = await Client.open(scene.port)
        await client.envelope(NEWS, sender="ana@party.example")
        scene.write(mode="enforce")
        await scene.switch()
        scene.away = scene.ledger.away = scene.cases.away = True
        assert (await client.content(message()))[0] == 250
        assert (await scene.send(2))[0] == 451
        await client.close()

    play(act)


def test_without_the_store_the_worker_starts_and_serves(play: Play, tmp_path: Path) -> None:
    """Posts wait, commands flow, and nothing has to be started again."""

    async def act(scene: Scene) -> None:
        scene.write(mode="enforce")
        await scene.switch()
        scene.ledger.away = True
        assert (await scene.send())[0] == 451
        scene.ledger.away = False
        assert (await scene.send())[0] == 250
        await scene.switch()
        assert scene.adopted  # limits and clocks reach the store that is open now

    play(act)


def test_sigterm_drains(play: Play) -> None:
    """An idle client hears 421, and the worker ends."""

    async def act(scene: Scene) -> None:
        client = await Client.open(scene.port)
        os.kill(os.getpid(), signal.SIGTERM)
        assert (await client.reply())[0] == 421
        await client.close()

    play(act)


async def test_an_unforeseen_error_is_told_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, the worker goes on as it was, and says where; the error's text stays inside."""

    def broken(*_: object) -> None:
        raise RuntimeError("marker")

    (tmp_path / "site.toml").write_text(SITE.format(hop="smtp://127.0.0.1:1", mode="observe", gateway=""))
    worker = Worker(load(tmp_path), Surroundings(log=MailLog(b"k", StringIO())))
    monkeypatch.setattr("listward.gateway.worker.make_snapshot", broken)
    with pytest.raises(CannotPrepare, match="RuntimeError at ") as told:
        await worker.prepare(packed(load(tmp_path)))
    assert "marker" not in str(told.value)
    with pytest.raises(CannotPrepare):
        await worker.prepare(b"no configuration at all")
