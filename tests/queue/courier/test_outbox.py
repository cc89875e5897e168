"""Events reach their handlers, at least once, and then go."""

import asyncio

import pytest
from courier_world import World
from store_world import DAY, LIST, act, raw

from listward.queue.cases.case import Case
from listward.queue.cases.commands import Verb
from listward.queue.courier import outbox
from listward.queue.store.events import event_of
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Event, StoreUnavailable

KEYS = ListKeys(LIST)


class Seen:
    """A handler that remembers, and fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.events: list[Event] = []
        self.cases: list[Case] = []
        self.failures = list(failures)

    async def __call__(self, event: Event, case: Case) -> None:
        """Take one event."""
        self.events.append(event)
        self.cases.append(case)
        if self.failures:
            raise self.failures.pop(0)


async def test_each_event_goes_to_the_handler_of_its_verb(world: World) -> None:
    """In order, with the case as it stands, and once; what nobody wants is dropped."""
    held, claimed = Seen(), Seen()
    courier = world.courier(handlers={"hold": held, "claim": claimed})
    first, second = await world.held(), await world.held()
    after = await act(world.store, first, Verb.CLAIM)
    await act(world.store, after, Verb.UNCLAIM)
    await courier.take_leases()
    for _ in range(2):
        await courier.work_off()
    assert [event.number for event in held.events] == [first.number, second.number]
    assert [(event.verb, event.by, event.version) for event in claimed.events] == [("claim", "mod@party.example", 2)]
    assert claimed.cases[0].version == 3
    assert await raw(world.store).xlen(KEYS.outbox) == 0


async def test_a_failing_handler_is_tried_again_and_stops_nobody(world: World) -> None:
    """The same event with the same id comes back after a growing pause; those behind it go on."""
    handler = Seen(RuntimeError("smarthost"), RuntimeError("smarthost"))
    courier = world.courier(handlers={"hold": handler})
    await world.held()
    await world.held()
    await courier.take_leases()
    await courier.work_off()
    assert [event.number for event in handler.events] == ["10008", "10013"] or len(handler.events) == 2
    await courier.work_off()
    assert len(handler.events) == 2
    world.clock.turn(2.5)
    await courier.take_leases()
    await courier.work_off()
    assert len(handler.events) == 4
    assert {event.id for event in handler.events[:2]} == {event.id for event in handler.events[2:]}
    assert await raw(world.store).xlen(KEYS.outbox) == 0
    (line, *_) = world.log.lines("handler-failed")
    assert (line["of"], line["kind"], line["tries"]) == ("hold", "RuntimeError", 1)
    assert "smarthost" not in world.log.text.getvalue()


async def test_an_event_survives_a_courier_that_dies_in_its_handler(world: World) -> None:
    """The next courier gets it again, with the id by which the handler can tell."""
    dying, next_one = Seen(asyncio.CancelledError()), Seen()  # type: ignore[arg-type]
    await world.held()
    first = world.courier(handlers={"hold": dying})
    await first.take_leases()
    with pytest.raises(asyncio.CancelledError):
        await first.work_off()
    await raw(world.store).delete(KEYS.lease)  # it has lapsed
    second = world.courier(handlers={"hold": next_one}, owner="second")
    await second.take_leases()
    await second.work_off()
    assert dying.events == next_one.events


async def test_a_store_that_goes_away_in_a_handler_is_the_rounds_trouble(world: World) -> None:
    """The event is not blamed, it stays where it is."""
    courier = world.courier(handlers={"hold": Seen(StoreUnavailable("away"))})
    await world.held()
    await courier.take_leases()
    with pytest.raises(StoreUnavailable):
        await courier.work_off()
    assert await raw(world.store).xlen(KEYS.outbox) == 1


async def test_events_of_a_case_that_is_gone_are_dropped(world: World) -> None:
    """And those of a damaged one wait."""
    handler = Seen()
    courier = world.courier(handlers={"hold": handler})
    gone, damaged = await world.held(), await world.held()
    await raw(world.store).delete(KEYS.case(gone.number))
    await raw(world.store).hset(KEYS.case(damaged.number), "y", "junk")
    await courier.take_leases()
    await courier.work_off()
    assert handler.events == []
    assert await raw(world.store).xlen(KEYS.outbox) == 1
    assert world.log.lines("handler-failed")[0]["kind"] == "damaged"


async def test_an_event_that_always_fails_is_set_aside(world: World) -> None:
    """After twenty tries and a day; it is kept, logged and counted, and the list goes on."""
    handler = Seen(*(RuntimeError("poison") for _ in range(100)))
    courier = world.courier(handlers={"hold": handler})
    await world.held()
    (event,) = [event async for event in world.store.cases.events(LIST)]
    for _ in range(30):
        world.clock.turn(301)
        await courier.take_leases()
        await courier.work_off()
    assert len(handler.events) == 30
    world.clock.turn(DAY)
    await courier.take_leases()
    await courier.work_off()
    assert await raw(world.store).xlen(KEYS.outbox) == 0
    ((_, values),) = await raw(world.store).xrange(KEYS.stuck)
    assert (values[b"i"].decode(), event.number in values[b"e"].decode()) == (event.id, True)
    assert [line["of"] for line in world.log.lines("event-stuck")] == ["hold"]
    await courier.read_gauges()
    assert world.counted("overdue_cases", clock="stuck") == 1
    handler.failures.clear()
    await world.held()
    await courier.work_off()
    assert (len(handler.events), await raw(world.store).xlen(KEYS.outbox)) == (32, 0)


async def test_an_entry_nobody_can_read_is_set_aside_at_once(world: World) -> None:
    """What stands behind it is handed on."""
    handler = Seen()
    await raw(world.store).xadd(KEYS.outbox, {"e": "junk"})
    await raw(world.store).xadd(KEYS.outbox, {"e": '{"number": "10008"}'})
    case = await world.held()
    courier = world.courier(handlers={"hold": handler})
    await courier.take_leases()
    await courier.work_off()
    assert [event.number for event in handler.events] == [case.number]
    assert await raw(world.store).xlen(KEYS.stuck) == 2


async def test_a_round_is_bounded_and_reads_nothing_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog of failures is not read again every round, and those behind it have their turn."""
    monkeypatch.setattr(outbox, "MOST", 2)
    handler = Seen(*(RuntimeError("away") for _ in range(4)))
    courier = world.courier(handlers={"hold": handler})
    cases = [await world.held() for _ in range(5)]
    await courier.take_leases()
    for done in (2, 4, 5, 5):
        await courier.work_off()
        assert len(handler.events) == done
    assert [event.number for event in handler.events] == [case.number for case in cases]
    world.clock.turn(3)
    await courier.take_leases()
    for done in (7, 9):
        await courier.work_off()
        assert len(handler.events) == done
    assert await raw(world.store).xlen(KEYS.outbox) == 0


async def test_a_slow_handler_of_one_list_holds_back_no_other(world: World) -> None:
    """The other list's event is done while the first one's handler still works; the stop ends that one."""
    other, begun, done = asyncio.Event(), asyncio.Event(), []

    async def handler(event: Event, _case: Case) -> None:
        if event.list == LIST:
            begun.set()
            await asyncio.Event().wait()
        done.append(event.number)
        other.set()

    courier = world.courier(handlers={"hold": handler})
    await courier.take_leases()
    await world.held()
    await courier.work_off(0.01)
    await asyncio.wait_for(begun.wait(), 5)
    case = await world.held(list="members@party.example")
    await courier.work_off(0.01)
    await asyncio.wait_for(other.wait(), 5)
    assert done == [case.number]
    await courier._hands.drain(0.0)
    assert await raw(world.store).xlen(KEYS.outbox) == 1


async def test_a_list_that_moved_to_another_courier_is_forgotten(world: World) -> None:
    """Coming back, its events are read from the start and tried at once."""
    handler = Seen(RuntimeError("away"))
    courier = world.courier(handlers={"hold": handler})
    await world.held()
    await courier.take_leases()
    await courier.work_off()
    assert set(courier._outbox._backlogs) == {LIST}
    await courier.drain()
    await courier.work_off()
    assert courier._outbox._backlogs == {}
    await courier.take_leases()
    await courier.work_off()
    assert (len(handler.events), await raw(world.store).xlen(KEYS.outbox)) == (2, 0)


async def test_an_emptied_store_is_read_from_its_start(world: World) -> None:
    """Entries whose ids lie before the place reached are found."""
    handler = Seen()
    courier = world.courier(handlers={"hold": handler})
    first = await world.held()
    await courier.take_leases()
    await courier.work_off()
    await raw(world.store).delete(KEYS.outbox)
    entry = event_of(first, "hold", 1.0, "gateway")
    await raw(world.store).xadd(KEYS.outbox, {"e": entry}, id="1-1")
    for _ in range(2):
        await courier.work_off()
    assert [event.number for event in handler.events] == [first.number] * 2
