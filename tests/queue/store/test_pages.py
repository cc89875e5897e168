"""Listing cases, oldest first."""

import pytest
from case_samples import body, draft
from store_world import HandClock, act, raw

from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.queue.store.connect import Store
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import DamagedBody
from listward.wire.payload import Payload

MEMBERS = "members@party.example"


async def numbers(store: Store, limit: int, **asked: object) -> list[str]:
    """Walk all pages."""
    found, cursor = [], ""
    while True:
        page = await store.cases.page(limit=limit, cursor=cursor, **asked)  # type: ignore[arg-type]
        found += [case.number for case in page.cases]
        assert len(page.cases) <= limit
        cursor = page.cursor
        if not cursor:
            return found


async def test_pages_are_in_order_and_whole(store: Store, clock: HandClock) -> None:
    """Across lists, with equal times at the edge of a page, nothing is left out or shown twice."""
    held = []
    for step in range(14):
        held.append(
            (await store.cases.hold(draft(list=MEMBERS if step % 3 else "board@party.example"), Payload(body()))).number
        )
        clock.turn(1.0 if step in {3, 4, 9} else 0.0)
    for limit in (1, 2, 3, 5, 14, 50):
        assert sorted(await numbers(store, limit)) == sorted(held)
    opened = [case.opened_at for case in (await store.cases.page()).cases]
    assert opened == sorted(opened)


async def test_pages_can_be_walked_newest_first(store: Store, clock: HandClock) -> None:
    """The same cases in exactly the other order, with equal times and across lists and states."""
    for step in range(14):
        case = await store.cases.hold(draft(list=MEMBERS if step % 3 else "board@party.example"), Payload(body()))
        if step % 4 == 0:
            await act(store, case, Verb.CLAIM)
        clock.turn(1.0 if step in {3, 4, 9} else 0.0)
    oldest_first = await numbers(store, 50)
    assert len(oldest_first) == 14
    for limit in (1, 2, 3, 5, 14, 50):
        assert await numbers(store, limit, newest_first=True) == oldest_first[::-1]


async def test_the_last_page_has_no_cursor(store: Store) -> None:
    """Also when it is exactly full."""
    for _ in range(4):
        await store.cases.hold(draft(), Payload(body()))
    first = await store.cases.page(limit=2)
    assert first.cursor
    assert (await store.cases.page(limit=2, cursor=first.cursor)).cursor == ""


async def test_pages_can_be_asked_by_state_list_and_queue(store: Store) -> None:
    """Each question sees just its cases."""
    one = await store.cases.hold(draft(), Payload(body()))
    two = await store.cases.hold(draft(list=MEMBERS, queues=("moderators", "office")), Payload(body()))
    await act(store, one, Verb.CLAIM)
    assert await numbers(store, 5, states=(CaseState.CLAIMED,)) == [one.number]
    assert await numbers(store, 5, lists=(MEMBERS,)) == [two.number]
    assert await numbers(store, 5, queue="office") == [two.number]
    assert await numbers(store, 5, queue="moderators", states=(CaseState.HELD,)) == [two.number]
    assert await numbers(store, 5, lists=("none@party.example",)) == []


async def test_a_broken_cursor_starts_from_the_beginning(store: Store) -> None:
    """A link that was cut on the way shows the first page."""
    case = await store.cases.hold(draft(), Payload(body()))
    for cursor in ("x", ":", "nan:", "1:2:3", "abc:def"):
        assert [found.number for found in (await store.cases.page(cursor=cursor)).cases] in ([case.number], [])
    assert (await store.cases.page(cursor="abc:10")).cases == (case,)


async def test_a_damaged_record_does_not_hide_the_others(store: Store) -> None:
    """The page shows what can be read; the damaged case says so when it is asked for."""
    broken, fine = await store.cases.hold(draft(), Payload(body())), await store.cases.hold(draft(), Payload(body()))
    await raw(store).hset(ListKeys("board@party.example").case(broken.number), "x", b"junk")
    assert (await store.cases.page()).cases == (fine,)
    with pytest.raises(DamagedBody):
        await store.cases.get(broken.number)
