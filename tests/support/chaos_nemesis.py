"""Breaks one thing after the other, drawn from a seed, and mends each again. Every act is written into the history."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from chaos_parts import fill
from chaos_world import World
from running import ZONE

SERVFAIL = {name: {"error": "SERVFAIL"} for name in ZONE}
SILENT = {name: {"error": "TIMEOUT"} for name in ZONE}
SLOW = {name: {**values, "delay_s": 1.0} for name, values in ZONE.items()}
REFUSALS = ("450 4.2.0 later", "451 4.3.0 later", "550 5.0.0 no", "554 5.3.0 broken", "421 4.3.2 closing")
STEPS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT", "DOT", "DOT")
Act = Callable[["Nemesis"], Awaitable[None]]


@dataclass
class Nemesis:
    """Draws faults until stopped. `pause_s` is the longest of a SIGSTOP, `rest_s` the longest time between faults."""

    world: World
    random: random.Random
    pause_s: float = 5.0
    rest_s: float = 1.5
    done: Counter[str] = field(default_factory=Counter)

    async def rage(self, stop: asyncio.Event) -> None:
        """Break things, one after the other, until told to stop; then mend all."""
        names, weights = list(ACTS), [weight for _, weight in ACTS.values()]
        while not stop.is_set():
            await self.strike(self.random.choices(names, weights)[0])
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.random.uniform(0.2, self.rest_s))
        self.world.heal()

    async def strike(self, name: str) -> None:
        """Carry one act out."""
        self.done[name] += 1
        await ACTS[name][0](self)

    async def sleep(self, least: float, most: float) -> None:
        """Let it last."""
        await asyncio.sleep(self.random.uniform(least, most))

    async def some(self, pids: list[int], number: signal.Signals) -> list[int]:
        """Send a signal to one of the processes; returns whom it reached."""
        for pid in self.random.sample(pids, min(1, len(pids))):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
                return [pid]
        return []

    # -- gateway workers

    async def kill_worker(self) -> None:
        """SIGKILL one worker."""
        async with self.world.fault("worker", "kill"):
            await self.some(await asyncio.to_thread(self.world.gateway.workers), signal.SIGKILL)

    async def pause_worker(self) -> None:
        """SIGSTOP one worker for a while: its clients and next hops wait."""
        async with self.world.fault("worker", "pause"):
            stopped = await self.some(await asyncio.to_thread(self.world.gateway.workers), signal.SIGSTOP)
            await self.sleep(1, self.pause_s)
            await self.some(stopped, signal.SIGCONT)

    async def stop_worker(self) -> None:
        """SIGTERM one worker: it drains, another is started. Nothing may be lost or doubled by that."""
        async with self.world.fault("restart", "terminate worker"):
            await self.some(await asyncio.to_thread(self.world.gateway.workers), signal.SIGTERM)

    async def kill_reader(self) -> None:
        """SIGKILL a process that reads messages for a worker."""
        async with self.world.fault("reader", "kill"):
            await self.some(await asyncio.to_thread(self.world.gateway.readers), signal.SIGKILL)

    async def pause_reader(self) -> None:
        """SIGSTOP a process that reads messages for a worker: its answers come late or never."""
        async with self.world.fault("reader", "pause"):
            stopped = await self.some(await asyncio.to_thread(self.world.gateway.readers), signal.SIGSTOP)
            await self.sleep(1, self.pause_s)
            await self.some(stopped, signal.SIGCONT)

    async def reload(self) -> None:
        """SIGHUP the supervisor."""
        async with self.world.fault("restart", "reload"):
            self.world.gateway.hang_up()

    # -- store

    async def kill_store(self) -> None:
        """SIGKILL the store, and start it again where nobody else does."""
        async with self.world.fault("store", "kill"):
            store = self.world.store
            if store is None:
                await self.some(await asyncio.to_thread(self.world.gateway.store_pids), signal.SIGKILL)
            else:
                await asyncio.to_thread(store.kill)
                await self.sleep(0, 3)
                await asyncio.to_thread(store.start)

    async def pause_store(self) -> None:
        """SIGSTOP the store for a while."""
        async with self.world.fault("store", "pause"):
            store = self.world.store
            pids = [store.child.pid] if store and store.child else self.world.gateway.store_pids()
            stopped = await self.some(pids, signal.SIGSTOP)
            await self.sleep(1, self.pause_s)
            await self.some(stopped, signal.SIGCONT)

    async def fill_store_disk(self) -> None:
        """No room for the store: it ends, as it cannot write. Then there is room again."""
        if "store" not in self.world.disks:
            return
        async with self.world.fault("store", "disk full"):
            filler = await asyncio.to_thread(fill, self.world.disks["store"])
            await self.sleep(1, 3)
            filler.unlink(missing_ok=True)
            if self.world.store is not None:
                await asyncio.to_thread(self.world.store.start)

    # -- next hops

    async def kill_hop(self) -> None:
        """SIGKILL a next hop and start it again."""
        name = self.random.choice(list(self.world.hops))
        async with self.world.fault("hop", f"kill {name}"):
            await asyncio.to_thread(self.world.hops[name].kill)
            await self.sleep(0, 2)
            await asyncio.to_thread(self.world.hops[name].start)

    async def pause_hop(self) -> None:
        """SIGSTOP a next hop for a while."""
        name = self.random.choice(list(self.world.hops))
        async with self.world.fault("hop", f"pause {name}"):
            self.world.hops[name].kill(signal.SIGSTOP)
            await self.sleep(1, self.pause_s)
            self.world.hops[name].kill(signal.SIGCONT)

    async def break_hop(self) -> None:
        """Let a next hop lose replies, refuse, talk nonsense, be slow or break off."""
        name = self.random.choice(list(self.world.hops))
        step = self.random.choice(STEPS)
        ways = ["drop", "garbage", "slow", "hang", self.random.choice(REFUSALS), self.random.choice(REFUSALS)]
        ways += ["drop", "drop", "mixed", "single"] if step == "DOT" else []
        ways += ["550 5.1.1 no such list"] * 6 if step in {"MAIL", "RCPT"} else []
        do = self.random.choice(ways)
        if self.random.random() < 0.1:
            step, do = "CONTENT", "cut"
        lasts = 12.0 if do == "hang" else self.random.uniform(0.5, 2.0)
        async with self.world.fault("hop-answers", f"{step} {do}"):
            times = self.random.randint(1, 6)
            self.world.hops[name].order(step=step, do=do, times=times, **{"for": lasts})
            await self.sleep(0.3, 1)

    # -- ways between

    async def cut_way(self) -> None:
        """Reset every connection of one way."""
        name = self.random.choice(list(self.world.ways))
        async with self.world.fault("store" if name == "store" else "way", f"cut {name}"):
            self.world.ways[name].cut_all()

    async def cut_in_the_middle(self) -> None:
        """Let a few octets through, then cut."""
        name = self.random.choice(list(self.world.ways))
        async with self.world.fault("store" if name == "store" else "way", f"cut {name} in the middle"):
            self.world.ways[name].cut_after = self.random.randint(1, 3000)
            await self.sleep(0.2, 1)
            self.world.ways[name].cut_after = None

    async def slow_way(self) -> None:
        """Delay each block."""
        name = self.random.choice(list(self.world.ways))
        async with self.world.fault("store" if name == "store" else "way", f"slow {name}"):
            self.world.ways[name].delay_s = self.random.uniform(0.05, 0.6)
            await self.sleep(1, 3)
            self.world.ways[name].delay_s = 0

    async def half_open(self) -> None:
        """Connections stay, nothing passes; then they are reset, or everything comes late."""
        name = self.random.choice(list(self.world.ways))
        async with self.world.fault("store" if name == "store" else "way", f"half open {name}"):
            self.world.ways[name].hold = True
            await self.sleep(1, self.pause_s)
            if self.random.random() < 0.5:
                self.world.ways[name].cut_all()
            self.world.ways[name].hold = False

    async def close_way(self) -> None:
        """Nobody gets through."""
        name = self.random.choice(list(self.world.ways))
        async with self.world.fault("store" if name == "store" else "way", f"close {name}"):
            self.world.ways[name].refuse = True
            self.world.ways[name].cut_all()
            await self.sleep(0.5, 3)
            self.world.ways[name].refuse = False

    # -- around

    async def no_names(self) -> None:
        """The name server fails, is silent or slow."""
        what, zone = self.random.choice([("SERVFAIL", SERVFAIL), ("silent", SILENT), ("slow", SLOW)])
        async with self.world.fault("dns", what):
            self.world.names.zone = zone
            await self.sleep(1, 3)
            self.world.names.zone = ZONE

    async def fill_spool(self) -> None:
        """No room for large messages on their way in."""
        if "spool" not in self.world.disks:
            return
        async with self.world.fault("disk", "spool full"):
            filler = await asyncio.to_thread(fill, self.world.disks["spool"])
            await self.sleep(1, 3)
            filler.unlink(missing_ok=True)

    async def restart_all(self) -> None:
        """A whole stop in order and a new start, as for an upgrade."""
        await self.world.count()
        async with self.world.fault("restart", "all"):
            await asyncio.to_thread(self.world.gateway.stop)
            await asyncio.to_thread(self.world.gateway.start)


# What it can do, and how often. A killed worker costs its messages half a minute, so it is rarer.
ACTS: dict[str, tuple[Act, float]] = {
    "kill worker": (Nemesis.kill_worker, 3),
    "pause worker": (Nemesis.pause_worker, 3),
    "terminate worker": (Nemesis.stop_worker, 3),
    "kill reader": (Nemesis.kill_reader, 4),
    "pause reader": (Nemesis.pause_reader, 3),
    "reload": (Nemesis.reload, 2),
    "kill store": (Nemesis.kill_store, 5),
    "pause store": (Nemesis.pause_store, 4),
    "fill the store's disk": (Nemesis.fill_store_disk, 2),
    "kill next hop": (Nemesis.kill_hop, 5),
    "pause next hop": (Nemesis.pause_hop, 4),
    "break next hop's answers": (Nemesis.break_hop, 16),
    "cut a way": (Nemesis.cut_way, 5),
    "cut a way in the middle": (Nemesis.cut_in_the_middle, 5),
    "slow a way": (Nemesis.slow_way, 4),
    "half-open a way": (Nemesis.half_open, 4),
    "close a way": (Nemesis.close_way, 4),
    "take the names away": (Nemesis.no_names, 4),
    "fill the spool": (Nemesis.fill_spool, 3),
    "restart all": (Nemesis.restart_all, 1),
}
