"""Holds of earlier releases are still read: one fixture a release, each written by that release's own code.

A fixture holds the store's key, the commands that bring back what lay in the store, and the messages. Its pieces were
cut at 4 KiB instead of 256, so that a message of several pieces is small enough to keep here.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from store_world import HandClock, raw

from listward.config.site import Site
from listward.queue.cases.case import CaseState
from listward.queue.store.connect import Store, connect
from listward.queue.store.keys import NAME

FIXTURES: list[dict[str, Any]] = [
    json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "fixtures").glob("hold-*.json"))
]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture["release"])
async def test_a_hold_of_an_earlier_release_is_read(
    fixture: dict[str, Any], store: Store, site: Site, clock: HandClock, tmp_path: Path
) -> None:
    """Case and message come back octet for octet, with the key they were written with."""
    for words in fixture["commands"]:
        await raw(store).execute_command(*(base64.b64decode(word) for word in words))
    (tmp_path / NAME).write_text(fixture["key"])
    now = site.model_copy(update={"store": site.store.model_copy(update={"path": tmp_path})})
    reader = connect(now, clock=clock)
    try:
        for kept in fixture["cases"]:
            case = await reader.cases.get(kept["number"])
            assert (case.state, case.draft.subject) == (CaseState.HELD, kept["subject"])
            assert await reader.cases.body(kept["number"]) == base64.b64decode(kept["body"])
            async with reader.cases.opened(kept["number"]) as body:
                assert body.whole() == base64.b64decode(kept["body"])
        page = await reader.cases.page(states=(CaseState.HELD,))
        assert [case.number for case in page.cases] == [kept["number"] for kept in fixture["cases"]]
    finally:
        await reader.close()
