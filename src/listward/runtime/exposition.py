"""Adds up the metrics of all processes of one machine and serves them to Prometheus.

prometheus-client keeps one file per process; with the role and worker index as identifier, not the pid, a worker that
was restarted counts on, so that no counter goes backwards.
"""

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app, values
from prometheus_client.multiprocess import MultiProcessCollector

from listward.runtime import allotted
from listward.runtime.metrics import Metrics
from listward.runtime.tallies import PASSED_ON_EVERY_S

NAME = "listward"  # for the Server field, which WSGI would fill with Python's version
_DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own way to be told


def prepare(directory: Path) -> None:
    """Empty the folder of metric files and name it to the library. Called once, before anything forks."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True, mode=0o700)
    os.environ[_DIRECTORY_VARIABLE] = str(directory)
    allotted.use()


def process_metrics(identity: str) -> Metrics:
    """Return the metrics of this process; `identity` is role and worker index, such as "gateway-0"."""
    values.ValueClass = values.MultiProcessValue(lambda: identity)  # type: ignore[no-untyped-call]  # untyped there
    return Metrics(CollectorRegistry(), PASSED_ON_EVERY_S)


def forget_gauges(directory: Path, identity: str) -> None:
    """Drop what a dead process last said of itself: its connections are gone, its counts are not."""
    for path in directory.glob(f"gauge_live*_{identity}.db"):
        path.unlink(missing_ok=True)


def serve(listening: socket.socket, directory: Path, ready: Callable[[], None]) -> int:
    """Answer scrapes on a bound socket until the process is told to end."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(directory))  # type: ignore[no-untyped-call]  # untyped there
    listening.setblocking(True)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a reload changes nothing here
    with _Server(listening) as server:
        server.set_app(_read_only(make_wsgi_app(registry)))
        ready()
        server.serve_forever()
    return 0


def _read_only(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Answer /metrics alone: everything else is not ours to tell, also not which versions run."""

    def answer(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
        def start(status: str, fields: list[tuple[str, str]]) -> object:
            return start_response(status, [*fields, ("Server", NAME)])

        if environ.get("PATH_INFO") != "/metrics":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"metrics are at /metrics\n"]
        return app(environ, start)

    return answer


class _Handler(WSGIRequestHandler):
    timeout = 10  # a client that stalls must not keep the next scrape waiting

    def version_string(self) -> str:
        """Name us in answers to what is no HTTP, without versions."""
        return NAME

    def log_message(self, format: str, *args: object) -> None:
        """Scrapes are not worth a line each."""


class _Server(WSGIServer):
    """A WSGI server on a socket that is bound already."""

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(listening.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = "localhost", listening.getsockname()[1]
        self.setup_environ()
