"""The world around the demo's gateway: name server, list server and members' mailboxes, in one child."""

import asyncio
from collections.abc import Callable

from listward.cli.demo.list_server import ListServer, Mailboxes, serve_smtp
from listward.cli.demo.names import serve_names
from listward.cli.demo.world import World
from listward.runtime.children import Ready
from listward.runtime.role import run_role
from listward.wire.hop import Hop
from listward.wire.pool import Pool


def surroundings(world: World) -> Callable[[Ready], int]:
    """Return what the child runs."""

    def run(ready: Ready) -> int:
        return run_role(lambda stop: _serve(world, stop, ready))

    return run


async def _serve(world: World, stop: asyncio.Event, ready: Ready) -> None:
    ports = world.ports.named()
    pool = Pool("sample.party.example")
    way_out = Hop("smtp", "127.0.0.1", ports["egress"])
    names = await serve_names(world.zone, ports["dns"])
    list_server = ListServer(world.directory / "list-server", world.directory / "rosters", way_out, pool)
    servers = [
        await serve_smtp(list_server, ports["list_server"]),
        await serve_smtp(Mailboxes(world.directory / "mailboxes"), ports["mailboxes"]),
    ]
    ready()
    await stop.wait()
    names.close()
    for server in servers:
        server.close()
    await pool.close()
