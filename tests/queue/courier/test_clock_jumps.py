"""A machine that gets the date wrong by a day for a while: nothing ends early, nothing comes back."""

from typing import cast

import pytest
from courier_world import World
from store_world import DAY, LIST, HandClock, act

from listward.queue.cases.case import CaseState
from listward.queue.cases.commands import Verb
from listward.runtime.clock import SystemClock


class Machine:
    """The courier's machine: its wall clock is the true time and what is wrong with it."""

    def __init__(self, world: World) -> None:
        self._true, self.wrong = world.clock, 0.0
        world.clock = cast(HandClock, SystemClock(lambda: self._true.now() + self.wrong, self._true.monotonic))

    def turn(self, seconds: float) -> None:
        """Let true time pass."""
        self._true.turn(seconds)


async def round_of(world: World) -> list[str]:
    """One round of every clock; returns the events that came of it."""
    courier = world.courier()
    await courier.take_leases()
    await courier.turn_clocks()
    await courier.forget()
    return [event.verb async for event in world.store.cases.events(LIST) if event.verb != "hold"]


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_holds_neither_end_nor_come_back(world: World, jump: float) -> None:
    """A stranger's hold, hours before its end and hours after it, with the date a day off."""
    machine = Machine(world)
    case = await world.held(authenticated=False, origin="unproven")
    machine.turn(13.5 * DAY)
    before = await round_of(world)
    machine.wrong = jump
    machine.turn(600)
    assert await round_of(world) == before
    machine.wrong = 0.0
    machine.turn(0.6 * DAY)
    assert (await round_of(world)).count("expire") == 1
    machine.wrong = jump
    machine.turn(600)
    await round_of(world)
    assert (await world.now(case)).state is CaseState.EXPIRED


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_a_release_leaves_when_its_time_for_undo_is_over(world: World, jump: float) -> None:
    """Neither at once nor a day later."""
    machine = Machine(world)
    now = world.clock.now()
    case = await act(world.store, await world.held(), Verb.RELEASE, at=now, deliver_after=now + 60)
    machine.wrong = jump
    machine.turn(30)
    await world.once(world.courier())
    assert (await world.now(case)).state is CaseState.RELEASED
    machine.turn(31)
    await world.once(world.courier())
    assert (await world.now(case)).state is CaseState.DELIVERED
