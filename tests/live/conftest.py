"""A running gateway for the live tests: name server and next hop around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dns_server import DnsServer
from hop_thread import HopThread
from running import ZONE, Running
from scripted_hop import ScriptedHop


@pytest.fixture(scope="module")
def names() -> Iterator[DnsServer]:
    """A name server that knows the sample domains."""
    with DnsServer(ZONE) as server:
        yield server


@pytest.fixture
def list_server() -> Iterator[ScriptedHop]:
    """The next hop of the lists, by LMTP."""
    thread = HopThread("lmtp")
    yield thread.hop
    thread.close()


@pytest.fixture
def running(tmp_path: Path, names: DnsServer, list_server: ScriptedHop) -> Iterator[Running]:
    """The whole of Listward in front of that next hop."""
    with Running(tmp_path / "site", names.address, list_server.url) as started:
        yield started
