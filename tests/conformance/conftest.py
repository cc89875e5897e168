"""One running gateway for the hostile runs: name server, list server, embedded store around it."""

from collections.abc import Iterator

import pytest
from dns_server import DnsServer
from hop_thread import HopThread
from running import ZONE, Running
from scripted_hop import ScriptedHop

# All the attacks come from one sender and are held: none is put off for want of room.
ROOM = "[limits]\nheld_bytes_per_sender = 4_000_000_000\nstrangers_held_per_hour = 0\n"


@pytest.fixture(scope="module")
def list_server() -> Iterator[ScriptedHop]:
    """The next hop of the lists, by LMTP."""
    thread = HopThread("lmtp")
    yield thread.hop
    thread.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, list_server: ScriptedHop) -> Iterator[Running]:
    """The whole of Listward in front of that next hop, with one worker: nobody else can help it out."""
    folder = tmp_path_factory.mktemp("hostile") / "site"
    with DnsServer(ZONE) as names, Running(folder, names.address, list_server.url, more=ROOM) as started:
        yield started
