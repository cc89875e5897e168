"""A copy for an office in a real store: kept once, sent by the courier, written down, given to people at last."""

import asyncio
import json
from dataclasses import replace

import pytest
from case_samples import body, draft
from store_world import LIST, HandClock, act

from listward.config.site import Site
from listward.queue.cases.case import CaseDraft, CaseState, CopyTo
from listward.queue.cases.commands import Verb
from listward.queue.cases.copies import copy_of
from listward.queue.store.connect import Store
from listward.queue.store.copying import keep_copy
from listward.queue.store.names import ListKeys
from listward.wire.payload import Payload

OFFICE, KEYS = "office@party.example", ListKeys(LIST)
COPY = CopyTo("to-the-office", (OFFICE,), "digest:copy", "8.4", "The office reads it too.")


def copied(site: Site, **changes: object) -> CaseDraft:
    """The draft of a copy."""
    made = copy_of(draft(**changes), COPY, site)
    assert made is not None
    return made


async def keep(store: Store, made: CaseDraft, clock: HandClock) -> bool:
    """Keep a copy."""
    return await keep_copy(store.cases, store.ledger, made, Payload(body()), clock.now())


async def test_a_copy_is_due_at_once(store: Store, site: Site, clock: HandClock) -> None:
    """Released by the policy, without anybody's ruling and without time to undo it."""
    assert await keep(store, copied(site), clock)
    (due,) = await store.agenda.deliveries([LIST], clock.now())
    case = await store.cases.get(due.number)
    assert case.state is CaseState.RELEASED
    assert case.draft.is_copy
    assert case.ruling is not None
    assert case.ruling.by == "policy"


async def test_however_often_it_is_kept_there_is_one(store: Store, site: Site, clock: HandClock) -> None:
    """At once or later, by this list or another."""
    kept = await asyncio.gather(*(keep(store, copied(site), clock) for _ in range(8)))
    assert any(kept)
    assert not await keep(store, copied(site, list="members@party.example"), clock)
    cases = (await store.cases.page()).cases
    assert [case.state for case in cases] == [CaseState.RELEASED]
    assert [approval.by for approval in cases[0].approvals] == ["policy"]


async def test_a_copy_that_no_server_took_is_not_sent_again_by_a_retry(
    store: Store, site: Site, clock: HandClock
) -> None:
    """It is with people then, and what they have decided stands."""
    made = replace(copied(site), ledger_key="other:copy")
    await keep(store, made, clock)
    (case,) = (await store.cases.page()).cases
    case = await act(store, case, Verb.DELIVERING, "courier")
    case = await act(store, case, Verb.FAILED, "courier", note="Nobody took it.")
    await store.lanes.one("any", "DEL", *await _ledger_keys(store))
    assert await keep(store, made, clock)
    (after,) = (await store.cases.page()).cases
    assert after.state is CaseState.HELD
    assert after.version == case.version


async def _ledger_keys(store: Store) -> list[bytes]:
    return list(await store.lanes.one("any", "KEYS", "listward:ledger:*"))


async def test_a_copy_is_written_down(store: Store, site: Site, clock: HandClock) -> None:
    """That it was one, by which rule; to whom as what is personal, which can be erased."""
    await keep(store, copied(site), clock)
    ((_, values),) = [
        entry
        for entry in await store.lanes.one(KEYS.audit, "XRANGE", KEYS.audit, "-", "+")
        if b"hold" in entry[1][b"e"]
    ]
    entry = json.loads(values[b"e"])
    assert entry["copy"] == 1
    assert entry["rules"] == "to-the-office,copy"
    assert OFFICE not in values[b"e"].decode()
    assert "to" in entry["personal"]


@pytest.mark.parametrize("copies", [(), (COPY, replace(COPY, rule="b"))])
async def test_who_gets_a_copy_survives_the_store(store: Store, copies: tuple[CopyTo, ...]) -> None:
    """Until a person has released the message."""
    case = await store.cases.hold(draft(copies=copies), Payload(body()))
    assert (await store.cases.get(case.number)).draft.copies == copies
