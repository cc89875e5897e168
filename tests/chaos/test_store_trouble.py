"""A running gateway whose store cannot keep a promise: holds wait, posts follow the policy, health is red."""

import shutil
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from chaos_parts import ChaosRunning, StoreProcess
from dns_server import DnsServer
from free_ports import free_ports
from hop_thread import HopThread
from messages import build
from redis_nodes import command
from running import APPEAL, ZONE

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("chaos-more"), pytest.mark.timeout(120)]
ANN, BEN, MEMBERS = "ann@members.example", "ben@members.example", "members@party.example"
IN_TIME_S = 2.0  # what is promised; several questions in a row take longer
BACK_S = 10.0
WRONG = [
    ("appendfsync", "everysec", "always"),
    ("maxmemory-policy", "allkeys-lru", "noeviction"),
    ("no-appendfsync-on-rewrite", "yes", "no"),
    ("appendonly", "no", "yes"),
]


class Site:
    """A gateway on a store of its own, and one next hop."""

    def __init__(self, running: ChaosRunning, store: StoreProcess) -> None:
        self.running, self.store = running, store

    def send(self, author: str, text: str) -> tuple[int, float]:
        """Send a message; the code and how long the answer took, in seconds."""
        raw = build(from_=author, to=MEMBERS, subject="Tea", text=text, message_id=f"<{uuid4()}@test.example>")
        began = time.monotonic()
        return self.running.send(author, MEMBERS, raw).code, time.monotonic() - began

    def hold(self) -> tuple[int, float]:
        """Send what is held."""
        return self.send(BEN, APPEAL)

    def post(self) -> tuple[int, float]:
        """Send what is relayed."""
        return self.send(ANN, f"Tea at five, {uuid4()}.")

    def durable(self) -> bool:
        """What the metrics say."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.running.metrics}/metrics", timeout=10) as answer:
            return b"listward_store_durable 1.0" in answer.read()

    def comes_back(self) -> None:
        """Holds are taken again, without a restart of the gateway."""
        self.running.wait_for(lambda: self.hold()[0] == 250, "a hold", BACK_S)

    def turns(self, colour: str) -> None:
        """Wait for health to be green or red."""
        self.running.wait_for(lambda: self.durable() == (colour == "green"), f"{colour} health", BACK_S)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of this file: each of them leaves it sound."""
    folder: Path = tmp_path_factory.mktemp("trouble")
    (port,) = free_ports(1)
    store = StoreProcess("store", port, folder=folder / "store")
    hop = HopThread("lmtp")
    store.start()
    try:
        with DnsServer(ZONE) as names:
            url = f"redis://127.0.0.1:{port}"
            running = ChaosRunning(folder / "site", names.address, hop.hop.url, hop.hop.url, url, workers=1)
            with running:
                site = Site(running, store)
                site.comes_back()
                site.turns("green")
                yield site
    finally:
        store.end()
        hop.close()


@pytest.mark.parametrize(("name", "wrong", "right"), WRONG)
def test_a_wrong_setting_stops_holds_alone(site: Site, name: str, wrong: str, right: str) -> None:
    """CONFIG SET in a store that was sound: no hold from then on, red health; ordinary posts flow; then all is well."""
    command(site.store.port, "CONFIG", "SET", name, wrong)
    try:
        code, seconds = site.hold()
        assert (code, seconds < IN_TIME_S) == (451, True)
        assert site.post()[0] == 250
        if name == "appendfsync":  # the courier looks every five seconds
            site.turns("red")
    finally:
        command(site.store.port, "CONFIG", "SET", name, right)
    site.comes_back()


def test_a_replica_stops_holds(site: Site) -> None:
    """A store that was made a read-only replica takes nothing; made a master again it does."""
    command(site.store.port, "REPLICAOF", "127.0.0.1", "1")
    try:
        code, seconds = site.hold()
        assert (code, seconds < IN_TIME_S) == (451, True)
    finally:
        command(site.store.port, "REPLICAOF", "NO", "ONE")
    site.comes_back()
    site.turns("green")


def test_a_store_that_is_gone_is_answered_for_in_time(site: Site) -> None:
    """Each of several messages hears 451 within two seconds, and the gateway finds the store when it is back."""
    site.store.kill()
    try:
        for _ in range(3):
            for code, seconds in (site.hold(), site.post()):
                assert (code, seconds < IN_TIME_S) == (451, True), seconds
        site.turns("red")
    finally:
        site.store.start()
    site.comes_back()


def test_a_store_that_is_stopped_is_answered_for_in_time(site: Site) -> None:
    """It takes connections and says nothing: 451 within the deadline of one question, not of several."""
    site.store.kill(signal.SIGSTOP)
    try:
        for _ in range(2):
            code, seconds = site.hold()
            assert (code, seconds < IN_TIME_S) == (451, True), seconds
    finally:
        site.store.kill(signal.SIGCONT)
    site.comes_back()


def test_a_store_that_comes_back_empty_is_told_of(site: Site) -> None:
    """Another run id and nothing in it: holds go on with new numbers, and the log names what happened."""
    before = site.running.log().count("store-restarted")
    site.store.kill()
    shutil.rmtree(site.store.folder)
    site.store.start()
    site.comes_back()
    site.running.wait_for(lambda: site.running.log().count("store-restarted") > before, "the line in the log", 20)
