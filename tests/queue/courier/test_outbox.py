"""Events reach their handlers, at least once, and then go."""

import asyncio

import pytest
from courier_world import World
from store_world import LIST, act, raw

from listward.queue.cases.case import Case
from listward.queue.cases.commands import Verb
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
