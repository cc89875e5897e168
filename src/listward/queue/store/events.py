"""Outbox entries: written in the step they tell of, read in order, dropped when their effects are done."""

import json
from collections.abc import AsyncIterator, Mapping

from listward.queue.cases.case import Case
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Event
from listward.queue.store.record import known, to_json

PAGE = 100
START = "-"
KEPT_STUCK = 10_000  # of one list; older ones make room


def event_of(case: Case, verb: str, at: float, by: str) -> bytes:
    """Return the outbox entry of one step."""
    return to_json({"number": case.number, "verb": verb, "version": case.version, "at": at, "by": by})


class Outbox:
    """The outboxes of all lists. Everything raises StoreUnavailable."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def events(self, list_address: str) -> AsyncIterator[Event]:
        """Yield the entries not yet acknowledged, oldest first."""
        after = START
        while page := await self.read(list_address, after):
            for identity, event in page:
                after = behind(identity)
                if event is not None:
                    yield event

    async def read(self, list_address: str, after: str, limit: int = PAGE) -> list[tuple[str, Event | None]]:
        """Return some entries from a place on (`START`, `behind`), oldest first; None where one cannot be read."""
        keys = ListKeys(list_address)
        page = await self._lanes.one(keys.outbox, "XRANGE", keys.outbox, after, "+", "COUNT", limit)
        return [(identity.decode(), _event(keys.list, identity.decode(), values)) for identity, values in page]

    async def acknowledge(self, list_address: str, event_id: str) -> None:
        """Drop one entry."""
        keys = ListKeys(list_address)
        await self._lanes.one(keys.outbox, "XDEL", keys.outbox, event_id)

    async def set_aside(self, list_address: str, event_id: str) -> None:
        """Move one entry to those that are stuck: kept for a person to look at, no longer worked on."""
        keys = ListKeys(list_address)
        call = LIBRARY.call("set_aside", (keys.outbox, keys.stuck), event_id, KEPT_STUCK)
        await self._lanes.one(keys.outbox, *call)


def behind(event_id: str) -> str:
    """Return the place just behind an entry."""
    return f"({event_id}"


def _event(list_address: str, identity: str, values: Mapping[bytes, bytes]) -> Event | None:
    try:
        return known(Event, {**json.loads(values[b"e"]), "id": identity, "list": list_address})
    except (KeyError, TypeError, ValueError):
        return None
