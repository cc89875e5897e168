"""`listward store`: the embedded store as a role of its own, or as the supervisor's child."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.output import Refusal, Unreachable, WrongUse
from listward.config.faults import ConfigError
from listward.config.find import find_directory
from listward.config.load import load
from listward.config.site import Site
from listward.queue.store.connect import store_folder
from listward.queue.store.embedded import EmbeddedServer, StoreNotStarted
from listward.queue.store.server_binary import NoServer
from listward.queue.store.socket_path import UnsafeFolder
from listward.runtime.children import ChildSpec, Ready
from listward.runtime.readiness import notify, watchdog_interval

LOOK_S = 0.5


def store(config: Annotated[Path | None, typer.Option("--config", help="The configuration folder.")] = None) -> None:
    """Run the embedded store in the foreground."""
    try:
        site = load(find_directory(config)).site
    except ConfigError as error:
        raise WrongUse(str(error)) from None
    if site.store.url != "embedded":
        raise Refusal("listward store: [store] url names a server of your own; there is nothing to start here")
    stop = _stop_by(signal.SIGTERM, signal.SIGINT)
    try:
        code = keep(EmbeddedServer(store_folder(site)), lambda: notify("READY=1"), stop, lambda: notify("WATCHDOG=1"))
    except (StoreNotStarted, NoServer, UnsafeFolder) as error:
        raise Unreachable(f"listward store: {error}") from None
    raise typer.Exit(code)


def store_child(site: Site, stop_order: int) -> ChildSpec:
    """Return the embedded store as a child of the supervisor, which alone decides when it stops."""

    def run(ready: Ready) -> int:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the store has to be the last
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a reload changes nothing here, and must not end it
        return keep(EmbeddedServer(store_folder(site)), ready, _stop_by(signal.SIGTERM))

    return ChildSpec("store", run, stop_order)


def keep(
    server: EmbeddedServer, ready: Ready, stop: threading.Event, on_look: Callable[[], None] = lambda: None
) -> int:
    """Start the server, say so, and wait for the stop (0) or for its end (1, so that it is started again).

    `on_look` is called while it lives. Raises StoreNotStarted, NoServer, UnsafeFolder.
    """
    server.start()
    ready()
    pause = min(LOOK_S, watchdog_interval() or LOOK_S)
    while not stop.wait(pause):
        if not server.alive():
            return 1
        on_look()
    server.stop()
    return 0


def _stop_by(*numbers: signal.Signals) -> threading.Event:
    """A handler, not a blocked signal: the server would inherit the block and never hear its own end."""
    stop = threading.Event()
    for number in numbers:
        signal.signal(number, lambda *_: stop.set())
    return stop
