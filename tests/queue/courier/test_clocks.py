"""Reminders come in three stages, once each; strangers' mail ends, members' never."""

from courier_world import World
from store_world import DAY, LIST, act, raw

from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import Event

KEYS = ListKeys(LIST)


async def turn(world: World, days: float) -> list[str]:
    """Let time pass; return the events of the clock."""
    world.clock.turn(days * DAY)
    courier = world.courier()
    await courier.take_leases()
    await courier.turn_clocks()
    found = [event async for event in world.store.cases.events(LIST)]
    await raw(world.store).delete(KEYS.outbox)
    return [event.verb for event in found if event.verb in {"remind", "deputy", "secretary", "expire"}]


async def test_an_undecided_case_is_announced_three_times(world: World) -> None:
    """After 24, 48 and 72 hours, once each, also when the courier looks often."""
    await world.held()
    assert await turn(world, 0.99) == []
    assert await turn(world, 0.02) == ["remind"]
    assert await turn(world, 0.5) == []
    assert await turn(world, 0.5) == ["deputy"]
    assert await turn(world, 1.0) == ["secretary"]
    assert await turn(world, 30.0) == []


async def test_claiming_does_not_put_reminders_off(world: World) -> None:
    """The clock of a claimed case runs on."""
    await act(world.store, await world.held(), Verb.CLAIM)
    assert await turn(world, 1.01) == ["remind"]


async def test_a_decision_ends_the_clock_and_coming_back_starts_it(world: World) -> None:
    """After an undo people have their whole time again."""
    case = await world.released()
    assert await turn(world, 0.0) == []
    world.clock.turn(30.0)
    await act(world.store, case, Verb.UNDO, at=world.clock.now())
    assert await turn(world, 0.99) == []
    assert await turn(world, 0.02) == ["remind"]


async def test_after_a_long_outage_each_stage_is_still_announced(world: World) -> None:
    """The events carry the time they were due."""
    case = await world.held()
    world.clock.turn(10 * DAY)
    courier = world.courier()
    await courier.take_leases()
    await courier.turn_clocks()
    events = [event async for event in world.store.cases.events(LIST)][1:]
    days = [(event.verb, (event.at - case.opened_at) / DAY) for event in events]
    assert days == [("remind", 1.0), ("deputy", 2.0), ("secretary", 3.0)]


async def test_of_two_couriers_announcing_one_does_it(world: World) -> None:
    """Whoever comes second is told that it was said."""
    case = await world.held()
    agenda = world.store.agenda
    (due,) = await agenda.waiting((LIST,), "remind", world.clock.now() + 2 * DAY)
    assert await agenda.announce(due, case, "remind", DAY)
    assert not await agenda.announce(due, case, "remind", DAY)
    assert [event.verb async for event in world.store.cases.events(LIST)] == ["hold", "remind"]


async def test_announcements_reach_the_handler_for_due_cases(world: World) -> None:
    """A handler of the stage's own name goes before it."""
    due: list[str] = []
    own: list[str] = []

    async def on_due(event: Event, _case: object) -> None:
        due.append(event.verb)

    async def secretary(event: Event, _case: object) -> None:
        own.append(event.verb)

    await world.held()
    world.clock.turn(4 * DAY)
    courier = world.courier(on_due=on_due, handlers={"secretary": secretary})
    await courier.take_leases()
    await courier.turn_clocks()
    await courier.work_off()
    assert (due, own) == (["remind", "deputy"], ["secretary"])


async def test_strangers_mail_ends_after_14_days(world: World) -> None:
    """Held or claimed; an authenticated author's stays open however long."""
    stranger = await world.held(authenticated=False, origin="unproven")
    claimed = await act(world.store, await world.held(authenticated=False), Verb.CLAIM)
    member = await world.held()
    assert "expire" not in await turn(world, 13.9)
    assert (await turn(world, 0.2)).count("expire") == 2
    assert (await world.now(stranger)).state is CaseState.EXPIRED
    assert (await world.now(claimed)).state is CaseState.EXPIRED
    assert (await world.now(member)).state is CaseState.HELD


async def test_a_clock_set_back_neither_announces_nor_expires(world: World) -> None:
    """A day back and forth changes nothing that was said already."""
    await world.held()
    assert await turn(world, 1.01) == ["remind"]
    assert await turn(world, -1.01) == []
    assert await turn(world, 1.02) == []
