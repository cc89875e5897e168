"""The courier as a whole: leases, gauges, sealing, and trouble that does not end it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from courier_world import World
from prometheus_client import generate_latest
from redis_server import running_server
from store_world import DAY, LIST, act, raw

from listward.config.load import Configuration
from listward.config.site import Store as StoreTable
from listward.queue.audit.verify import Verifier
from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.queue.courier.courier import Duty, Periods
from listward.queue.courier.process import Tasks, run_courier, wait_for_store
from listward.queue.store.connect import connect
from listward.queue.store.names import HELD_BYTES, HELD_CASES, ListKeys
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import SystemClock
from listward.runtime.rounds import Rounds
from listward.wire.payload import Payload

KEYS = ListKeys(LIST)


async def until(right: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so, 10 s at most."""
    for _ in range(1000):
        if await right():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


async def test_a_courier_does_everything_by_itself(world: World) -> None:
    """From release to list server, with events handed on and the log sealed, without anybody's help."""
    seen: list[str] = []

    async def handler(event: object, _case: object) -> None:
        seen.append(event.verb)  # type: ignore[attr-defined]

    clock = SystemClock()
    case = await world.held()
    await act(world.store, case, Verb.RELEASE, at=clock.now(), deliver_after=clock.now() + 0.2)
    stop = asyncio.Event()
    courier = world.courier(handlers={"hold": handler, "delivered": handler}, periods=Periods(seals=0.05))
    courier._clock = courier._deliverer._clock = clock
    running = asyncio.create_task(courier.run(stop))
    await world.hop.wait_for(1)

    async def done() -> bool:
        found = await Verifier(world.store.lanes).verify(LIST)
        return seen == ["hold", "delivered"] and found.unsealed == 0 and found.entries == 4

    await until(done)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert (await Verifier(world.store.lanes).verify(LIST)).whole
    assert world.log.lines("sealed")[-1]["entry"] == 4
    assert world.log.lines("courier-trouble") == []


async def test_each_list_has_one_courier(world: World) -> None:
    """The second gets what the first gives up or lets lapse."""
    one, two = world.courier(owner="one"), world.courier(owner="two")
    await one.take_leases()
    await two.take_leases()
    assert set(one._leases.lists) == {LIST, "members@party.example"}
    assert two._leases.lists == ()
    await one.take_leases()
    assert len(one._leases.lists) == 2
    await one.drain()
    await two.take_leases()
    assert len(two._leases.lists) == 2


async def test_a_courier_that_cannot_renew_stops_working(world: World) -> None:
    """Once the life of a lease is over it touches no list, whatever it held."""
    courier = world.courier()
    await courier.take_leases()
    world.clock.turn(15.1)
    assert courier._leases.lists == ()


async def test_lists_that_are_no_longer_configured_are_carried_on(world: World) -> None:
    """Their cases are still somebody's."""
    await world.held(list="closed@party.example")
    courier = world.courier()
    await courier.take_leases()
    assert "closed@party.example" in courier._leases.lists


async def test_gauges_tell_counts_and_ages(world: World) -> None:
    """By queue and state; overdue cases and texts as well."""
    old = await world.held()
    await world.held(queues=("moderators", "office"))
    world.clock.turn(2 * DAY)
    await world.held()
    await act(world.store, old, Verb.CLAIM)
    await world.courier().read_gauges()
    assert world.counted("cases", queue="moderators", state="held") == 2
    assert world.counted("cases", queue="moderators", state="claimed") == 1
    assert world.counted("oldest_case_seconds", queue="moderators", state="claimed") == 2 * DAY
    assert world.counted("overdue_cases", clock="hold") == 2
    assert (world.counted("store_up"), world.counted("store_durable")) == (1, 1)


async def test_overdue_deletion_shows(world: World) -> None:
    """A text kept a day too long is counted."""
    await act(world.store, await world.held(), Verb.WITHDRAW, at=world.clock.now())
    world.clock.turn(2.5 * DAY)
    await world.courier().read_gauges()
    assert world.counted("overdue_cases", clock="retention") == 1


async def test_every_gauge_is_there_from_the_start(world: World) -> None:
    """Before the first look at the store."""
    world.courier()
    text = generate_latest(world.metrics.registry).decode()
    assert 'listward_cases{queue="moderators",state="held"} 0.0' in text
    assert "listward_store_up 0.0" in text


async def test_only_one_courier_exports(world: World) -> None:
    """The other's gauges are 0, so that sums are right."""
    await world.held()
    first, second = world.courier(owner="one"), world.courier(owner="two")
    await first.read_gauges()
    await second.read_gauges()  # the same registry: the second has cleared it
    assert world.counted("cases", queue="moderators", state="held") == 0
    assert (world.counted("store_up"), world.counted("store_durable")) == (1, 1)  # a standby is no alarm
    await first.read_gauges()
    assert world.counted("cases", queue="moderators", state="held") == 1


async def test_a_store_without_the_promise_shows(world: World) -> None:
    """Up, but not durable."""
    await raw(world.store).config_set("appendfsync", "everysec")
    try:
        await world.courier().read_gauges()
        assert (world.counted("store_up"), world.counted("store_durable")) == (1, 0)
    finally:
        await raw(world.store).config_set("appendfsync", "always")


async def test_a_store_that_was_emptied_or_started_anew_is_told(world: World) -> None:
    """Once, in the log; and held bytes are counted again."""
    await world.held()
    courier = world.courier()
    await courier.read_gauges()
    assert world.log.lines("store-emptied") == world.log.lines("store-restarted") == []
    await raw(world.store).flushall()
    for _ in range(2):
        await courier.read_gauges()
    assert len(world.log.lines("store-emptied")) == 1
    courier._gauges._run_id = "another"
    for _ in range(2):
        await courier.read_gauges()
    assert (len(world.log.lines("store-emptied")), len(world.log.lines("store-restarted"))) == (1, 1)


async def test_held_bytes_are_counted_anew_at_the_start_and_daily(world: World) -> None:
    """One of the couriers does it; what fell short is made good."""
    await world.held(b"x" * 100)
    one, two = world.courier(owner="one"), world.courier(owner="two")
    await one._recount.look()
    assert int(await raw(world.store).hget(HELD_BYTES, "*") or 0) == 100
    for turn, expected in ((1.0, None), (DAY, b"100")):
        await raw(world.store).delete(HELD_BYTES, HELD_CASES)
        world.clock.turn(turn)
        await one._recount.look()
        assert await raw(world.store).hget(HELD_BYTES, "*") == expected
    await raw(world.store).delete(HELD_BYTES, HELD_CASES)
    await two._recount.look()
    assert await raw(world.store).exists(HELD_BYTES) == 0
    one._recount.doubt()
    await one._recount.look()
    assert await raw(world.store).exists(HELD_BYTES) == 1


async def test_trouble_is_told_once_and_ends_nothing() -> None:
    """The duty goes on; the store's absence is told to the gauges."""
    stop, away, done = asyncio.Event(), [], []
    answers: list[Exception | None] = [StoreUnavailable("x"), StoreUnavailable("x"), ValueError("secret"), None]

    async def duty() -> None:
        done.append(1)
        if len(done) == len(answers):
            stop.set()
        if (error := answers[len(done) - 1]) is not None:
            raise error

    told: list[tuple[str, str]] = []
    rounds = Rounds(stop, lambda *trouble: told.append(trouble), StoreUnavailable, lambda: away.append(1))
    await rounds.every("duty", 0.0, duty)
    assert (len(done), len(away)) == (4, 2)
    assert told == [("duty", "x"), ("duty", "ValueError")]


async def test_the_process_waits_for_the_store_and_says_so(world: World) -> None:
    """Started before its store it does nothing; once the store is there it works; the stop ends it."""
    with running_server() as server:
        socket, table = server.socket, StoreTable(url=f"unix://{server.socket}", path=server.directory.parent)
        server.stop()
        site = world.site.model_copy(update={"store": table})
        configuration = Configuration(site, None, server.directory, None)  # type: ignore[arg-type]
        done: list[str] = []
        stop = asyncio.Event()

        async def duty() -> None:
            done.append("duty")
            if len(done) == 1:
                raise ValueError("secret")

        def make_tasks(store: object) -> Tasks:
            return Tasks(duties=(Duty("more", 0.01, duty),))

        running = asyncio.create_task(run_courier(configuration, world.metrics, world.log, stop, make_tasks))

        async def waiting() -> bool:
            return bool(world.log.lines("waiting"))

        await until(waiting)
        assert not socket.exists()
        assert done == []
        await asyncio.to_thread(server.start)
        store = connect(site)
        now = SystemClock().now()
        case = await store.cases.hold(replace(world.draft(), received_at=now), Payload(b"x\r\n"))
        await act(store, case, Verb.RELEASE, at=now, deliver_after=now)
        await world.hop.wait_for(1)

        async def delivered() -> bool:
            return (await store.cases.get(case.number)).state is CaseState.DELIVERED

        await until(delivered)
        stop.set()
        await asyncio.wait_for(running, 10)
        await store.close()
        assert len(done) > 1
        assert [line["reason"] for line in world.log.lines("courier-trouble")] == ["ValueError"]
        assert [line["reason"] for line in world.log.lines("waiting")] == ["the store cannot be reached"]


async def test_who_may_not_go_does_nothing(world: World) -> None:
    """A successor that is not wanted after all lets go of what it has built."""
    done: list[str] = []

    async def duty() -> None:
        done.append("duty")

    async def never() -> bool:
        return False

    configuration = Configuration(world.site, None, world.site.directory, None)  # type: ignore[arg-type]
    tasks = Tasks(duties=(Duty("more", 0.01, duty),))
    stop = asyncio.Event()
    await asyncio.wait_for(run_courier(configuration, world.metrics, world.log, stop, lambda store: tasks, never), 10)
    assert done == []


async def test_a_stop_ends_the_wait(world: World) -> None:
    """A role without a store can be stopped."""
    stop = asyncio.Event()
    stop.set()
    await wait_for_store(world.store, world.log, stop)


@pytest.mark.parametrize("count", [30])
async def test_a_courier_survives_a_restart_of_the_store(world: World, count: int) -> None:
    """Killed in the middle: every release is delivered once, none is left behind."""
    import os
    import signal

    with running_server() as server:
        table = StoreTable(url=f"unix://{server.socket}", path=server.directory.parent)
        world.site = world.site.model_copy(update={"store": table})
        world.store = connect(world.site, clock=world.clock)
        cases = [await world.released() for _ in range(count)]
        world.clock.turn(61)
        stop = asyncio.Event()
        running = asyncio.create_task(world.courier(periods=Periods(deliveries=0.05)).run(stop))
        await world.hop.wait_for(5)
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        assert server._child
        await asyncio.to_thread(server._child.wait)
        await asyncio.to_thread(server.start)

        async def settled() -> bool:
            states = {(await world.now(case)).state for case in cases}
            if CaseState.DELIVERING in states and len(states) <= 2:
                world.clock.turn(5.0)
            return states == {CaseState.DELIVERED}

        await until(settled)
        stop.set()
        await running
        await world.store.close()
        unknown = world.counted("next_hop_errors_total", kind="unknown")
        assert count <= len(world.hop.messages) <= count + unknown
