"""A wall clock that jumps by a day is not believed at once; small corrections and true changes are."""

import time

import pytest

from listward.runtime.clock import BELIEVED_S, STEP_S, SystemClock

DAY_S = 86_400.0


class Machine:
    """A machine whose wall clock can be set."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_800_000_000.0, 500.0
        self.clock = SystemClock(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> float:
        """Let time pass; returns what the clock says."""
        self.wall += seconds
        self.steady += seconds
        return self.clock.now()


def test_it_tells_the_machines_time() -> None:
    """As long as nothing jumps it is the wall clock."""
    assert abs(SystemClock().now() - time.time()) < 1.0
    machine = Machine()
    assert machine.passes(1000.0) == 1_800_001_000.0


def test_small_corrections_are_followed() -> None:
    """A clock that is set right by seconds counts at once, also again and again."""
    machine = Machine()
    for correction in (-STEP_S / 2, STEP_S / 2, STEP_S / 2, STEP_S / 2, STEP_S / 2):
        machine.wall += correction
        assert machine.passes(1.0) == machine.wall


@pytest.mark.parametrize("jump", [DAY_S, -DAY_S])
def test_a_jump_by_a_day_passes_unnoticed(jump: float) -> None:
    """Whatever is due counts on as if nothing had been, during it and after it."""
    machine = Machine()
    before = machine.passes(10.0)
    machine.wall += jump
    assert machine.passes(1.0) == before + 1.0
    assert machine.passes(BELIEVED_S - 2.0) == before + BELIEVED_S - 1.0
    machine.wall -= jump
    assert machine.passes(1.0) == machine.wall == before + BELIEVED_S


@pytest.mark.parametrize("jump", [DAY_S, -DAY_S])
def test_a_jump_that_lasts_is_believed(jump: float) -> None:
    """A clock that was wrong when we started is followed an hour after it was set right."""
    machine = Machine()
    machine.wall += jump
    assert machine.passes(1.0) == machine.wall - jump
    assert machine.passes(BELIEVED_S) == machine.wall
