"""A real store, a scripted next hop and a courier whose clock is turned by hand."""

from collections.abc import AsyncIterator

import pytest_asyncio
from courier_world import World
from scripted_hop import ScriptedHop
from store_world import HandClock, clock, server, site, store

from listward.config.site import Site
from listward.queue.store.connect import Store
from listward.wire.limits import Limits
from listward.wire.pool import Pool

__all__ = ["clock", "server", "site", "store"]


@pytest_asyncio.fixture
async def world(store: Store, clock: HandClock, site: Site) -> AsyncIterator[World]:
    """The lists' server is the scripted hop."""
    async with ScriptedHop() as hop:
        pool = Pool("gateway.party.example", Limits(connect_timeout_s=2.0))
        lists = tuple(entry.model_copy(update={"next_hop": hop.url}) for entry in site.lists)
        yield World(store, clock, hop, pool, site.model_copy(update={"lists": lists}))
        await pool.close()
