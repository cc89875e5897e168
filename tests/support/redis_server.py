"""A real embedded server in a short temporary folder, and a site whose store is that server."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from listward.config.site import Gateway, MailingList, Organisation, Site, Store
from listward.queue.store.embedded import EmbeddedServer


@contextmanager
def running_server() -> Iterator[EmbeddedServer]:
    """Start a server in a folder of its own (`server.directory`, `server.socket`); both go away at the end."""
    folder = Path(tempfile.mkdtemp(prefix="lw-", dir="/tmp"))
    server = EmbeddedServer(folder / "store")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def site_for(server: EmbeddedServer, *lists: str, **tables: Any) -> Site:
    """Return a site on that server. `lists` are addresses (default board@party.example); `tables` replace tables."""
    entries = tuple(
        MailingList(address=address, zone="members", next_hop="smtp://127.0.0.1:2527")
        for address in lists or ("board@party.example",)
    )
    values: dict[str, Any] = {
        "organisation": Organisation(name="Party", domains=("party.example",)),
        "gateway": Gateway(),
        "store": Store(url=f"unix://{server.socket}", path=server.directory.parent),
        "list": entries,
        "directory": server.directory.parent,
        **tables,
    }
    return Site(**values)
