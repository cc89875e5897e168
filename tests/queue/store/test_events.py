"""Outbox entries as other releases wrote them."""

import json

from case_samples import body, draft
from store_world import LIST, raw

from listward.queue.store.connect import Store
from listward.queue.store.names import ListKeys
from listward.wire.payload import Payload

OUTBOX = ListKeys(LIST).outbox


async def test_an_entry_of_a_newer_release_is_read(store: Store) -> None:
    """What this release does not know of it is left out; the entries behind it come as well."""
    entry = {"number": "10008", "verb": "hold", "version": 1, "at": 1.0, "by": "gateway", "mood": "new", "id": "x"}
    identity = await raw(store).xadd(OUTBOX, {"e": json.dumps(entry)})
    case = await store.cases.hold(draft(), Payload(body()))
    events = [event async for event in store.cases.events(LIST)]
    assert [(event.number, event.verb) for event in events] == [("10008", "hold"), (case.number, "hold")]
    assert (events[0].id, events[0].list) == (identity.decode(), LIST)
