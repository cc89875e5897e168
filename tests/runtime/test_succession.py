"""A role is succeeded by itself: the next one builds while this one serves, and nobody is silent in between."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable

import pytest

from listward.runtime import succession
from listward.runtime.orders import CannotPrepare
from listward.runtime.succession import Go, Succession


class Stage:
    """A role that notes what it does; `broken` configurations cannot be built, `brief` ones end by themselves."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.drained = asyncio.Event()
        self.stop = asyncio.Event()
        self.reigns = Succession[str](self.serve, bytes.decode, (ValueError,))

    async def serve(self, name: str, stop: asyncio.Event, go: Go) -> None:
        self.notes.append(f"build {name}")
        if name == "broken":
            raise ValueError("no good")
        if name == "odd":
            raise KeyError("secret")
        if name == "silent":
            return
        if name == "slow":
            await asyncio.sleep(0.05)
        if not await go():
            self.notes.append(f"let go {name}")
            return
        self.notes.append(f"serve {name}")
        if name == "brief":
            raise RuntimeError("brief")
        await stop.wait()
        await self.drained.wait()
        self.notes.append(f"end {name}")

    async def until(self, note: str) -> None:
        """Wait for a note."""
        async with asyncio.timeout(5):
            while note not in self.notes:  # noqa: ASYNC110  # what is awaited here tells nobody
                await asyncio.sleep(0)


Play = Callable[[Callable[[Stage], Awaitable[None]]], Awaitable[Stage]]


@pytest.fixture
def play() -> Play:
    """Run a role around an act, and end it in order."""

    async def run(act: Callable[[Stage], Awaitable[None]]) -> Stage:
        stage = Stage()
        running = asyncio.create_task(stage.reigns.run("one", stage.stop))
        await stage.until("serve one")
        await act(stage)
        stage.drained.set()
        stage.stop.set()
        await asyncio.wait_for(running, 5)
        return stage

    return run


async def test_the_next_serves_while_the_last_still_drains(play: Play) -> None:
    """It was built before, and serves at the very moment it is told to."""

    async def act(stage: Stage) -> None:
        await stage.reigns.prepare(b"two")
        assert stage.notes == ["build one", "serve one", "build two"]
        stage.reigns.commit()
        await stage.until("serve two")
        assert "end one" not in stage.notes

    stage = await play(act)
    assert sorted(stage.notes[-2:]) == ["end one", "end two"]


async def test_what_is_dropped_lets_go(play: Play) -> None:
    """It has served nobody; the last one goes on, and the next may come."""

    async def act(stage: Stage) -> None:
        await stage.reigns.prepare(b"two")
        stage.reigns.abort()
        await stage.until("let go two")
        stage.reigns.commit()  # finds nothing
        await stage.reigns.prepare(b"three")
        stage.reigns.commit()
        await stage.until("serve three")

    assert "serve two" not in (await play(act)).notes


@pytest.mark.parametrize(
    ("name", "reason"), [("broken", "no good"), ("odd", "unexpected KeyError$"), ("silent", "ended at once")]
)
async def test_what_cannot_be_built_is_told(play: Play, name: str, reason: str) -> None:
    """In its own words where these are for people; never what an unforeseen error says."""

    async def act(stage: Stage) -> None:
        with pytest.raises(CannotPrepare, match=reason):
            await stage.reigns.prepare(name.encode())
        stage.reigns.abort()
        assert stage.notes.count("serve one") == 1

    assert (await play(act)).notes[-1] == "end one"


async def test_what_is_still_being_built_can_be_dropped(play: Play) -> None:
    """Nothing of it stays behind, and the next may come."""

    async def act(stage: Stage) -> None:
        preparing = asyncio.create_task(stage.reigns.prepare(b"slow"))
        await stage.until("build slow")
        preparing.cancel()
        await asyncio.wait({preparing})
        stage.reigns.abort()
        await stage.until("let go slow")
        await stage.reigns.prepare(b"two")
        stage.reigns.commit()
        await stage.until("serve two")

    assert len(asyncio.all_tasks()) == 1
    await play(act)
    assert len(asyncio.all_tasks()) == 1


async def test_octets_that_hold_nothing_are_told(play: Play) -> None:
    """The last one goes on."""

    async def act(stage: Stage) -> None:
        with pytest.raises(CannotPrepare):
            await stage.reigns.prepare(b"\xff")

    await play(act)


async def test_a_role_that_ends_ends_all() -> None:
    """Its process has to be started anew, also while the one before it still drains."""
    stage = Stage()
    running = asyncio.create_task(stage.reigns.run("one", stage.stop))
    await stage.until("serve one")
    await stage.reigns.prepare(b"brief")
    stage.reigns.commit()
    await stage.until("serve brief")
    stage.drained.set()
    with pytest.raises(RuntimeError, match="brief"):
        await asyncio.wait_for(running, 5)


async def test_what_served_before_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all that refers to itself in it."""

    class Ring:
        def __init__(self) -> None:
            self.itself = self

    alive: weakref.WeakSet[Ring] = weakref.WeakSet()

    async def serve(_name: str, stop: asyncio.Event, go: Go) -> None:
        alive.add(kept := Ring())
        if await go():
            await stop.wait()
        del kept

    monkeypatch.setattr(succession, "_FORGOTTEN_AFTER_S", 0.0)
    stop, reigns = asyncio.Event(), Succession[str](serve, bytes.decode)
    gc.disable()
    try:
        running = asyncio.create_task(reigns.run("one", stop))
        for _ in range(3):
            await reigns.prepare(b"next")
            reigns.commit()
        async with asyncio.timeout(5):
            while len(alive) > 1:  # noqa: ASYNC110  # what is awaited here tells nobody
                await asyncio.sleep(0.01)
    finally:
        gc.enable()
    stop.set()
    await asyncio.wait_for(running, 5)
