"""Memory of an idle Listward by role, how long it takes to start, and what idle clients cost."""

import asyncio
import statistics
import sys
import time
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


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from the command to listening sockets, to a greeting, to the first message accepted; memory by role."""

    bound_s: float
    greeted_s: float
    accepted_s: float
    pss_mb: dict[str, float]


def measure(bench: Bench) -> Part:
    """Start it several times."""
    starts = []
    for number_ in range(bench.options.repetitions):
        bench.settle("memory and start")
        starts.append(_start(bench, number_))
        bench.tell(f"started: bound {starts[-1].bound_s:.2f} s, accepted {starts[-1].accepted_s:.2f} s")
    roles = {role: statistics.median(one.pss_mb.get(role, 0.0) for one in starts) for role in starts[0].pss_mb}
    found = {
        "memory: worker_mb": max((mb for role, mb in roles.items() if role.startswith("gateway")), default=0.0),
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
    rows, memory, latency = list[list[str]](), dict[int, float](), dict[int, float]()
    with systems.listward(bench.folder / "idle", bench.around, bench.options.workers) as ours:
        _beside(bench, ours)
        for count in bench.options.idle:
            with _Idlers(ours.ports["ingress"], count) as idlers:
                bench.settle("memory and start")
                sample = _beside(bench, ours)
                memory[count], latency[count] = proc.pss_mb(ours.pid), sample.p50_ms
            more = memory[count] - memory[bench.options.idle[0]]
            figures = (number(memory[count], 0), number(more, 1), number(sample.p50_ms, 2), number(sample.p99_ms, 2))
            rows.append([str(count), str(idlers.greeted), *figures])
            bench.tell(f"{count} idle clients: {memory[count]:.0f} MB, p50 {sample.p50_ms:.2f} ms")
    found = {}
    if 0 in memory and 2000 in memory:
        found = {"idle: mb": memory[2000] - memory[0], "idle: latency": latency[2000] / latency[0]}
    text = markdown(("idle clients", "greeted", "PSS MB of all", "more than without", "p50 ms", "p99 ms"), rows)
    return Part("Idle clients", text, found)


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
                writer.write(b"EHLO idle.bench.test\r\n")
                lines = [await asyncio.wait_for(reader.readline(), 10) for _ in range(2)]
                self.greeted += lines[1].startswith(b"250")
        except (OSError, TimeoutError):
            pass  # the count says how many came
        finally:
            self._there.set()
        await asyncio.to_thread(self._over.wait)
        for writer in writers:
            writer.close()
