"""`listward demo`: the whole gateway with a sample organisation around it; what `make run` starts."""

import os
import signal
import socket
from pathlib import Path
from typing import Annotated

import typer

from listward.cli.demo.around import surroundings
from listward.cli.demo.guide import guide
from listward.cli.demo.world import Ports, build_world
from listward.cli.output import Refusal, Unreachable
from listward.cli.roles import METRICS_STOP, STORE_STOPS, Roles
from listward.cli.run import everything, supervise
from listward.config.load import Configuration
from listward.runtime.children import ChildSpec
from listward.runtime.sockets import CannotListen, require_free


def demo(
    directory: Annotated[
        Path, typer.Option("--directory", help="Where the sample organisation and its mail are kept.")
    ] = Path("listward-demo"),
    port_offset: Annotated[int, typer.Option(help="Shift every port by this much.", min=0, max=50_000)] = 0,
    leave: Annotated[bool, typer.Option("--leave", help="End after the tour instead of staying up.")] = False,
) -> None:
    """Start everything with a sample list server, send twelve messages, and say what happened to each."""
    place = directory.absolute()
    if place.exists() and any(place.iterdir()) and not (place / "site.toml").is_file():
        raise Refusal(f"{place} holds something else; name another folder with --directory")
    _require_free_ports(Ports(port_offset))
    world = build_world(place, Ports(port_offset))
    supervisor = os.getpid()

    def done() -> None:
        if leave:
            os.kill(supervisor, signal.SIGTERM)

    def plan(roles: Roles, configuration: Configuration) -> list[ChildSpec]:
        sample_servers = ChildSpec("samples", surroundings(world), STORE_STOPS)
        return [*everything(roles, configuration), sample_servers, ChildSpec("guide", guide(world, done), METRICS_STOP)]

    supervise(place, "run", plan, on_ready=lambda: None, log_file=place / "mail.log")


def _require_free_ports(ports: Ports) -> None:
    """Say at once which port is taken: half a demo would show wrong outcomes."""
    for name, port in ports.named().items():
        try:
            require_free(f"127.0.0.1:{port}", socket.SOCK_DGRAM if name == "dns" else socket.SOCK_STREAM)
        except CannotListen as error:
            raise Unreachable(f"listward: {error}; stop it, or shift all ports with --port-offset") from None
