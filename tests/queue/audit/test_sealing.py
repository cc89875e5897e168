"""Sealing what was appended."""

import asyncio

import pytest
from case_samples import body, draft
from store_world import LIST, HandClock, act, raw, warm

from listward.queue.audit.log import AuditLog
from listward.queue.audit.sealing import Sealer
from listward.queue.audit.verify import Verifier
from listward.queue.cases.commands import Verb
from listward.queue.store.connect import Store
from listward.queue.store.names import SITE_CHAIN, ListKeys
from listward.wire.payload import Payload

KEYS = ListKeys(LIST)
OTHER = "members@party.example"


@pytest.fixture
def sealer(store: Store, clock: HandClock) -> Sealer:
    """A sealer on the store."""
    return Sealer(store.lanes, store.guard, clock)


async def test_a_seal_covers_what_came_since_the_last(store: Store, sealer: Sealer) -> None:
    """Seals follow each other without a gap; with nothing new there is none."""
    case = await store.cases.hold(draft(), Payload(body()))
    first = await sealer.seal(LIST)
    await act(store, case, Verb.CLAIM)
    await store.cases.hold(draft(), Payload(body()))
    second = await sealer.seal(LIST)
    assert first
    assert second
    assert (first.first, first.last, first.previous) == (1, 1, "")
    assert (second.first, second.last, second.previous) == (2, 3, first.head)
    assert await sealer.seal(LIST) is None
    assert [seal async for seal in AuditLog(store.lanes).seals(KEYS)] == [first, second]


async def test_only_lists_with_something_new_are_named(store: Store, sealer: Sealer) -> None:
    """One round trip asks for all lists."""
    lists = (LIST, OTHER)
    assert await sealer.unsealed(lists) == ()
    await store.cases.hold(draft(), Payload(body()))
    assert await sealer.unsealed(lists) == (LIST,)
    await sealer.seal(LIST)
    assert await sealer.unsealed(lists) == ()


async def test_a_seal_covers_at_most_1000_entries(store: Store, sealer: Sealer) -> None:
    """A long night's log is sealed in several steps."""
    for start in range(0, 1005, 201):
        adding = (store.trail.append(LIST, "read", float(start + n), {}) for n in range(201))
        await asyncio.gather(*adding)
    seals = [await sealer.seal(LIST) for _ in range(3)]
    assert [(seal.first, seal.last) for seal in seals if seal] == [(1, 1000), (1001, 1005)]
    assert (await Verifier(store.lanes).verify(LIST)).whole


async def test_of_two_couriers_sealing_at_once_one_does_it(store: Store, sealer: Sealer) -> None:
    """No entry is sealed twice."""
    await store.cases.hold(draft(), Payload(body()))
    await warm(store)
    seals = await asyncio.gather(*(sealer.seal(LIST) for _ in range(5)))
    assert sum(seal is not None for seal in seals) == 1
    assert await raw(store).xlen(KEYS.seals) == 1


async def test_every_head_enters_the_site_chain(store: Store, sealer: Sealer) -> None:
    """Also when lists are sealed side by side."""
    await warm(store)
    names = (LIST, OTHER, "youth@party.example")
    for name in names:
        await store.cases.hold(draft(list=name), Payload(body()))
    seals = await asyncio.gather(*(sealer.seal(name) for name in names))
    links = [link async for link in AuditLog(store.lanes).links()]
    assert {(link.list, link.seal) for link in links} == {
        (name, seal.head) for name, seal in zip(names, seals, strict=True) if seal
    }
    assert await Verifier(store.lanes).site_faults() == ()
    assert await Verifier(store.lanes).lists() == tuple(sorted(names))


async def test_a_head_a_crash_kept_out_is_linked_later(store: Store, sealer: Sealer) -> None:
    """Whoever takes the list over ties its newest head in."""
    await store.cases.hold(draft(), Payload(body()))
    await sealer.seal(LIST)
    await raw(store).delete(SITE_CHAIN, "listward:{chain}:heads")
    assert await sealer.relink((LIST, OTHER)) == 1
    assert await sealer.relink((LIST, OTHER)) == 0
    assert (await Verifier(store.lanes).verify(LIST)).whole
