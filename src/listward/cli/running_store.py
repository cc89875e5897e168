"""The running store for a command that only looks: open while it is needed, one plain line where it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from listward.cli.output import Unreachable
from listward.config.site import Site
from listward.queue.store.connect import Store, connect
from listward.queue.store.keys import BadKey
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.urls import BadUrl


@asynccontextmanager
async def running_store(site: Site) -> AsyncIterator[Store]:
    """Open the store, and close it in the end. Raises Unreachable, also where it goes away meanwhile."""
    try:
        store = connect(site)
    except (BadUrl, BadKey) as problem:
        raise Unreachable(f"listward: the store: {problem}") from None
    try:
        yield store
    except StoreUnavailable as error:
        raise Unreachable(f"listward: the store does not answer: {error}") from None
    finally:
        await store.close()
