"""Commands of many callers in one pipeline: each gets its own replies, and nobody waits for nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from store_world import raw

from listward.queue.store.connect import Store
from listward.queue.store.gathering import MOST, Gathering, Placed
from listward.queue.store.ports import StoreUnavailable


class Server:
    """Answers each command with its own words; `gate` holds every pipeline back, `error` is raised once."""

    def __init__(self) -> None:
        self.pipelines: list[int] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def send(self, commands: Sequence[Placed]) -> list[Any]:
        """Take one pipeline."""
        self.pipelines.append(len(commands))
        await self.gate.wait()
        error, self.error = self.error, None
        if error is not None:
            raise error
        return [words for _, words in commands]


def command(name: str) -> Placed:
    """One command."""
    return (name, ("GET", name))


async def test_what_comes_meanwhile_goes_together() -> None:
    """The first goes at once, all others in the next pipeline; each caller gets its own replies in order."""
    server = Server()
    gathering = Gathering(server.send)
    callers = [asyncio.create_task(gathering.replies([command(f"{n}a"), command(f"{n}b")])) for n in range(5)]
    first = asyncio.create_task(gathering.replies([]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    late = asyncio.create_task(gathering.replies([command("late")]))
    await asyncio.sleep(0)
    server.gate.set()
    assert await asyncio.gather(*callers) == [[("GET", f"{n}a"), ("GET", f"{n}b")] for n in range(5)]
    assert (await first, await late) == ([], [("GET", "late")])
    assert server.pipelines == [10, 1]


async def test_a_pipeline_is_bounded() -> None:
    """A flood goes in several."""
    server = Server()
    gathering = Gathering(server.send)
    server.gate.set()
    await asyncio.gather(*(gathering.replies([command("x")]) for _ in range(3 * MOST)))
    assert server.pipelines == [MOST, MOST, MOST]


async def test_a_failure_is_everybodys_and_the_next_goes_on() -> None:
    """Who was in the pipeline hears of it; who comes later is served."""
    server = Server()
    gathering = Gathering(server.send)
    server.error = StoreUnavailable("away")
    server.gate.set()
    found = await asyncio.gather(*(gathering.replies([command("x")]) for _ in range(2)), return_exceptions=True)
    assert [str(error) for error in found] == ["away", "away"]
    assert await gathering.replies([command("y")]) == [("GET", "y")]


async def test_who_gives_up_costs_the_others_nothing() -> None:
    """A cancelled caller's commands were sent; the others get their replies, or their failure."""
    for error in (None, StoreUnavailable("away")):
        server = Server()
        server.error = error
        gathering = Gathering(server.send)
        one, two = (asyncio.create_task(gathering.replies([command(name)])) for name in ("one", "two"))
        await asyncio.sleep(0)
        one.cancel()
        server.gate.set()
        found = await asyncio.gather(two, return_exceptions=True)
        assert found == [[("GET", "two")]] if error is None else isinstance(found[0], StoreUnavailable)
        with pytest.raises(asyncio.CancelledError):
            await one


async def test_one_callers_bad_command_is_its_own(store: Store) -> None:
    """An error that the server answers to one command is nobody else's."""
    await raw(store).set("text", "x")
    good = [store.lanes.spread([("text", ("GET", "text"))]) for _ in range(3)]
    bad = store.lanes.spread([("text", ("HGET", "text", "field"))])
    *found, failed = await asyncio.gather(*good, bad, return_exceptions=True)
    assert found == [[b"x"]] * 3
    assert isinstance(failed, StoreUnavailable)


async def test_each_caller_waits_as_long_as_it_said() -> None:
    """One timer ends the wait of each at its own time; who has his replies by then keeps them."""
    server = Server()
    gathering = Gathering(server.send)
    patience = (0.2, 0.05, 60.0)
    loop = asyncio.get_running_loop()
    began, ends = loop.time(), dict[float, float]()

    async def caller(patience_s: float) -> list[Any]:
        try:
            return await gathering.replies([command("x")], patience_s)
        finally:
            ends[patience_s] = loop.time() - began

    callers = [asyncio.create_task(caller(patience_s)) for patience_s in patience]
    found = await asyncio.gather(*callers[:2], return_exceptions=True)
    assert [type(one) for one in found] == [TimeoutError, TimeoutError]
    assert 0.049 <= ends[0.05] < ends[0.2] >= 0.199
    server.gate.set()
    assert await callers[2] == [("GET", "x")]
