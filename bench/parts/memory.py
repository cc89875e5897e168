"""Memory of an idle Listward by role, how long it takes to start, and what idle clients cost."""

import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from bench import proc, systems
from bench.corpus import Template
from bench.load import Order, send
from bench.measure import Sample, run
from bench.processes import running
from bench.run import Bench, Part
from bench.tables import markdown, number

SETTLES_S = 3.0
LATENCY_MESSAGES = 200
MOST_IDLE = 2000


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the command to listening sockets, to a greeting, to the first message accepted; memory by role."""

    bound_s: float
    greeted_s: float
    accepted_s: float
    pss_mb: dict[str, float]


@dataclass(frozen=True, slots=True)
class Idle:
    """One look: how many idle clients were greeted, memory of all processes, latency of messages beside them."""

    greeted: int
    mb: float
    p50_ms: float
    p99_ms: float


def measure(bench: Bench) -> Part:
    """Start it several times."""
    starts = []
    for number_ in range(bench.options.repetitions):
        bench.settle("memory and start")
        starts.append(_start(bench, number_))
        bench.tell(f"started: bound {starts[-1].bound_s:.2f} s, accepted {starts[-1].accepted_s:.2f} s")
    roles = {role: statistics.median(one.pss_mb.get(role, 0.0) for one in starts) for role in starts[0].pss_mb}
    found = {
        "memory: worker_mb": max(
            mb + roles.get(role.replace("gateway", "reader"), 0.0)
            for role, mb in roles.items()
            if role.startswith("gateway")
        ),
        "memory: all_mb": sum(roles.values()),
        "start: bound_s": statistics.median(one.bound_s for one in starts),
        "start: accepted_s": statistics.median(one.accepted_s for one in starts),
    }
    greeted = statistics.median(one.greeted_s for one in starts)
    rows = [[role, number(mb, 1)] for role, mb in roles.items()] + [["in all", number(found["memory: all_mb"], 1)]]
    text = markdown(("role, with what it started", "PSS MB, idle"), rows)
    text += (
        f"\n\nFrom the command: listeners bound after {found['start: bound_s']:.2f} s, greeting after {greeted:.2f} s, "
        f"first message accepted after {found['start: accepted_s']:.2f} s."
    )
    return Part("Memory and start", text, found)


def _start(bench: Bench, number_: int) -> Start:
    folder = bench.folder / f"start-{number_}"
    ports, site = systems.make_site(folder, bench.around, bench.options.workers)
    program = str(Path(sys.executable).parent / "listward")
    started = time.perf_counter()
    with running([program, "run", "--config", str(site)], folder / "listward.log", None) as pid:
        bound, greeted, accepted = asyncio.run(_first(ports["ingress"], bench.mail.internal[0]))
        time.sleep(SETTLES_S)
        memory = proc.pss_by_role(pid)
    return Start(bound - started, greeted - started, accepted - started, memory)


async def _first(port: int, template: Template) -> tuple[float, float, float]:
    """Return when a connection was taken, when it was greeted, when the first message was accepted."""
    async with asyncio.timeout(60):
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            await asyncio.sleep(0.01)
        bound = time.perf_counter()
        await reader.readline()
        greeted = time.perf_counter()
        writer.close()
        order = Order(port, systems.LIST, (template,), 1, 1, seconds=10)
        while "250" not in (await send(order, order.mail())).replies:
            continue  # each try is a connection of its own, so the server is not asked without a pause
        return bound, greeted, time.perf_counter()


def measure_idle(bench: Bench) -> Part:
    """Keep more and more clients that say nothing, and send messages beside them."""
    found: dict[int, list[Idle]] = {count: [] for count in bench.options.idle}
    with systems.listward(bench.folder / "idle", bench.around, bench.options.workers) as ours:
        _beside(bench, ours)
        for _ in range(bench.options.repetitions):
            for count, group in found.items():
                with _Idlers(ours.ports["ingress"], count) as idlers:
                    bench.settle("idle clients")
                    sample = _beside(bench, ours)
                    group.append(Idle(idlers.greeted, proc.pss_mb(ours.pid), sample.p50_ms, sample.p99_ms))
                bench.tell(f"{count} idle clients: {group[-1].mb:.0f} MB, p50 {group[-1].p50_ms:.2f} ms")
    few, *_, many = found.values()
    figures = {}
    if min(one.greeted for one in many) >= MOST_IDLE:
        pairs = list(zip(few, many, strict=True))
        figures["idle: mb"] = statistics.median(more.mb - less.mb for less, more in pairs)
        figures["idle: latency"] = statistics.median(more.p50_ms / less.p50_ms for less, more in pairs)
    rows = [_idle_row(count, group) for count, group in found.items()]
    text = markdown(("idle clients", "greeted", "PSS MB of all", "p50 ms", "p99 ms"), rows)
    return Part("Idle clients", f"{text}\n\nThe messages go over one connection.", figures)


def _idle_row(count: int, group: Sequence[Idle]) -> list[str]:
    return [
        str(count),
        str(min(one.greeted for one in group)),
        number(statistics.median(one.mb for one in group), 0),
        number(statistics.median(one.p50_ms for one in group), 2),
        number(statistics.median(one.p99_ms for one in group), 2),
    ]


def _beside(bench: Bench, ours: systems.Running) -> Sample:
    order = Order(ours.ports["ingress"], systems.LIST, bench.mail.internal, LATENCY_MESSAGES, 1)
    return run("idle", order, bench.charged(ours.pid), bench.folder)


class _Idlers:
    """Clients that read the greeting, say EHLO, and then nothing; `greeted` counts them."""

    def __init__(self, port: int, count: int) -> None:
        self._port, self._count = port, count
        self.greeted = 0
        self._there, self._over = Event(), Event()
        self._thread = Thread(target=lambda: asyncio.run(self._idle()))

    def __enter__(self) -> "_Idlers":
        self._thread.start()
        self._there.wait(60)
        return self

    def __exit__(self, *_caught: object) -> None:
        self._over.set()
        self._thread.join()

    async def _idle(self) -> None:
        writers = []
        try:
            for _ in range(self._count):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writers.append(writer)
                await asyncio.wait_for(reader.readline(), 10)  # who speaks before the greeting is sent away
                writer.write(b"EHLO idle.bench.test\r\n")
                self.greeted += (await asyncio.wait_for(reader.readline(), 10)).startswith(b"250")
        except (OSError, TimeoutError):
            pass  # the count says how many came
        finally:
            self._there.set()
        await asyncio.to_thread(self._over.wait)
        for writer in writers:
            writer.close()
