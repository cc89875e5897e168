"""One truthful scrape for many processes: sums, no backward counters, bounded series."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from promised_metrics import PROMISED

WORKER = """
import sys
from pathlib import Path
from listward.runtime import exposition
import os
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
metrics = exposition.process_metrics(sys.argv[2])
metrics.preset(["members"], ["personal-appeal"], ["structure"], ["lmtp:127.0.0.1:8024"], ["moderators"], "0")
metrics.messages.labels("ingress", "accept", "members").inc(int(sys.argv[3]))
metrics.connections.set(int(sys.argv[3]))
"""

SERVER = """
import sys
from pathlib import Path
from listward.runtime import exposition, sockets
listening = sockets.bind("127.0.0.1:0")[0]
exposition.prepare(Path(sys.argv[1]))
exposition.serve(listening, Path(sys.argv[1]), lambda: print(listening.getsockname()[1], flush=True))
"""


class Scraped:
    """A metrics server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def worker(self, identity: str, count: int) -> None:
        subprocess.run([sys.executable, "-c", WORKER, str(self.folder), identity, str(count)], check=True)

    def get(self, path: str = "/metrics") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    def value(self, series: str) -> float:
        return next(float(line.rsplit(" ", 1)[1]) for line in self.get().splitlines() if line.startswith(series))

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def scraped(tmp_path: Path):
    server = Scraped(tmp_path / "metrics")
    yield server
    server.close()


ACCEPTED = 'listward_messages_total{action="accept",list="members",listener="ingress"}'


def test_workers_are_added_up_and_a_restarted_one_counts_on(scraped: Scraped) -> None:
    """Two workers sum; the second life of one continues its counters and forgets its gauges."""
    from listward.runtime.exposition import forget_gauges

    scraped.worker("gateway-0", 2)
    scraped.worker("gateway-1", 3)
    assert scraped.value(ACCEPTED) == 5
    forget_gauges(scraped.folder, "gateway-0")
    assert scraped.value("listward_connections") == 3
    scraped.worker("gateway-0", 4)
    assert scraped.value(ACCEPTED) == 9
    assert scraped.value("listward_connections") == 7


def test_every_promised_name_is_there_at_the_first_scrape(scraped: Scraped) -> None:
    """Dashboards and alerts find all series before the first message."""
    scraped.worker("gateway-0", 0)
    text = scraped.get()
    for name in PROMISED:
        assert f"\nlistward_{name}" in text, name


def test_nothing_but_metrics_is_served(scraped: Scraped) -> None:
    """Other paths are not found."""
    with pytest.raises(urllib.error.HTTPError, match="404"):
        scraped.get("/")


@pytest.mark.parametrize("request_", [b"GET /metrics HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n"])
def test_no_versions_are_told(scraped: Scraped, request_: bytes) -> None:
    """Metrics, a wrong path and a broken request: the Server field names the product and nothing more."""
    with socket.create_connection(("127.0.0.1", scraped.port), 5) as client:
        client.sendall(request_)
        with client.makefile("rb") as answer:
            head = answer.read().partition(b"\r\n\r\n")[0]
    assert b"Python" not in head
    assert b"WSGI" not in head
    assert [line for line in head.split(b"\r\n") if line.startswith(b"Server:")] in ([b"Server: listward"], [])
