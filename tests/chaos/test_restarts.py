"""Restarts under load: workers one after the other, and the whole service, lose nothing and double nothing."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterable
from itertools import takewhile

import pytest
from chaos_checker import Findings, judge
from chaos_clients import Clients
from chaos_history import Told
from chaos_mail import Mail, draw
from chaos_world import World, world

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("chaos-more"), pytest.mark.timeout(240)]
SEED = 5
REPLY_DEADLINE_S = 6.0
# What the service file gives a worker after SIGTERM: its reply deadline and the time to hang up.
STOPS_WITHIN_S = REPLY_DEADLINE_S + 20.0


async def under_load(around: World, *acts: str) -> tuple[Findings, list[Told]]:
    """Send mail while things are restarted; returns the judgement and every try of every client."""
    enough, draws = asyncio.Event(), random.Random(SEED)
    mails: Iterable[Mail] = takewhile(lambda _: not enough.is_set(), (draw(draws, n) for n in range(5000)))
    clients = Clients(around.gateway.smtp, around.history, random.Random(SEED), at_once=8)
    clients.leaves = False
    bringing = asyncio.create_task(clients.bring(mails))
    await asyncio.sleep(0.5)  # mail is flowing
    for act in acts:
        await (terminate_each(around) if act == "workers" else restart(around))
        await asyncio.sleep(0.5)  # and flows again
    enough.set()
    clients.hurry.set()
    await bringing
    await around.collect()
    return judge(around.history), list(around.history.told())


async def terminate_each(around: World) -> None:
    """SIGTERM one worker after the other, each when its successor serves, and see how long each took."""
    for pid in await asyncio.to_thread(around.gateway.workers):
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        await around.until(lambda pid=pid: not _alive(pid), "the worker's end", STOPS_WITHIN_S)  # type: ignore[misc]
        assert time.monotonic() - began < STOPS_WITHIN_S
        await around.until(lambda: len(around.gateway.workers()) == 2, "its successor")


async def restart(around: World) -> None:
    """Stop everything in order and start it again, as an upgrade does."""
    await around.count()
    assert await asyncio.to_thread(around.gateway.stop) == 0
    await asyncio.to_thread(around.gateway.start)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_rolling_restart_loses_and_doubles_nothing() -> None:
    """SIGTERM drains: who is amid a message is answered, nobody hears 5xx, and no second copy is even possible."""
    async with world(reply_deadline_s=REPLY_DEADLINE_S) as around:
        around.gateway.hang_up()
        findings, told = await under_load(around, "workers")
    assert findings.violations == ()
    assert (findings.duplicates, findings.counted) == (0, 0)
    assert {each.code for each in told} <= {0, 250, 421, 451}
    assert findings.accepted == findings.messages > 50


async def test_a_stop_and_a_start_lose_and_double_nothing() -> None:
    """The whole service, store and all: it ends with 0, and whoever came meanwhile comes again."""
    async with world(embedded=True, reply_deadline_s=REPLY_DEADLINE_S) as around:
        findings, told = await under_load(around, "all")
    assert findings.violations == ()
    assert (findings.duplicates, findings.counted) == (0, 0)
    assert {each.code for each in told} <= {0, 250, 421, 451}
    assert findings.accepted == findings.messages > 20
