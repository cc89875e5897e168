"""Outbox entries: written in the step they tell of, read in order, dropped when their effects are done."""

import json
from collections.abc import AsyncIterator

from listward.queue.cases.case import Case
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Event
from listward.queue.store.record import known, to_json

PAGE = 100


def event_of(case: Case, verb: str, at: float, by: str) -> bytes:
    """Return the outbox entry of one step."""
    return to_json({"number": case.number, "verb": verb, "version": case.version, "at": at, "by": by})


class Outbox:
    """The outboxes of all lists."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def events(self, list_address: str) -> AsyncIterator[Event]:
        """Yield the entries not yet acknowledged, oldest first. Raises StoreUnavailable."""
        keys, after = ListKeys(list_address), "-"
        while True:
            page = await self._lanes.one(keys.outbox, "XRANGE", keys.outbox, after, "+", "COUNT", PAGE)
            for identity, values in page:
                after = f"({identity.decode()}"
                facts = json.loads(values[b"e"])
                yield known(Event, {**facts, "id": identity.decode(), "list": keys.list})
            if len(page) < PAGE:
                return

    async def acknowledge(self, list_address: str, event_id: str) -> None:
        """Drop one entry."""
        keys = ListKeys(list_address)
        await self._lanes.one(keys.outbox, "XDEL", keys.outbox, event_id)
