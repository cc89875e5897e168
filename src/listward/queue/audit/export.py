"""The log as JSON lines, for auditors: each entry with its number, its facts and its clear text where that still is."""

import json
from collections.abc import AsyncIterator

from listward.queue.audit.log import AuditLog
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import ListKeys
from listward.queue.store.record import to_json


async def export(lanes: Lanes, list_address: str) -> AsyncIterator[bytes]:
    """Yield one JSON object per entry, without line end. Raises StoreUnavailable."""
    keys = ListKeys(list_address)
    async for entry in AuditLog(lanes).entries(keys, 1):
        clear = {name: value for name, value in _object(entry.clear).items() if name != "salt"}
        yield to_json({"list": keys.list, "number": entry.number, **_object(entry.chained), "clear": clear})


def _object(text: bytes) -> dict[str, object]:
    """An entry somebody broke is exported as it lies there; `verify` names it."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        found = {"unreadable": text.decode(errors="replace")}
    return found if isinstance(found, dict) else {"unreadable": found}
