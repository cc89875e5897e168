"""Every process says which policy it runs; what says nothing any more lapses."""

import asyncio

import pytest
from memory_redis import HashRedis

from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.presence import FORGOTTEN_S, LAPSES_S, PROCESSES, Presence, Present, Saying, keep_present


class Clock:
    """Stands until it is turned."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_the_silent_lapse_and_are_forgotten() -> None:
    """Who spoke within the minute is there; a day later not even the name is kept."""
    redis, clock = HashRedis(), Clock()
    presence = Presence(redis, clock)
    await presence.say(Present("one/courier", "a", 5.0))
    clock.now += LAPSES_S
    await presence.say(Present("two/gateway-0", "b", 7.5))
    found = await presence.all()
    assert [(each.name, each.policy, each.since) for each in found] == [
        ("one/courier", "a", 5.0),
        ("two/gateway-0", "b", 7.5),
    ]
    clock.now += 1
    assert [each.name for each in await presence.all()] == ["two/gateway-0"]
    clock.now += FORGOTTEN_S
    assert await presence.all() == ()
    assert PROCESSES not in redis.keys or not redis._values[PROCESSES]


async def test_a_change_is_said_at_once_and_the_same_not_again_and_again() -> None:
    """A store that is away is told when it is back."""
    redis = HashRedis()
    presence, runs = Presence(redis), ["a"]
    saying = Saying(lambda: presence, "courier", lambda: runs[-1])
    await saying.once()
    redis._values.clear()
    await saying.once()
    assert await presence.all() == ()
    runs.append("b")
    await saying.once()
    assert [each.policy for each in await presence.all()] == ["b"]
    redis.away = True
    runs.append("c")
    with pytest.raises(StoreUnavailable):
        await saying.once()


async def test_it_ends_with_its_process() -> None:
    """Also while the store is away."""
    redis, stop = HashRedis(), asyncio.Event()
    redis.away = True
    keeping = asyncio.create_task(keep_present(lambda: Presence(redis), "console", lambda: "a", stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(keeping, 5)
