"""Rulings: how many a second the desk can write down, with few and with many open cases."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import uvloop

from bench import proc, systems
from bench.run import Bench, Part
from bench.tables import markdown, number
from listward.config.load import Configuration, load
from listward.queue.cases.case import Case, CaseDraft, Reason, StoredEnvelope
from listward.queue.cases.commands import Verb
from listward.queue.desk.access.person import operator
from listward.queue.desk.rulings import Rulings
from listward.queue.store.connect import Store, connect, store_folder
from listward.queue.store.embedded import EmbeddedServer
from listward.runtime.clock import SystemClock
from listward.wire.payload import Payload

FEW = 100
AT_ONCE = 50
BODY = b"From: ann@stranger.test\r\nSubject: The hall\r\n\r\n" + b"Is the hall free on Thursday evening?\r\n" * 25
PERSON = operator("bench")


@dataclass(frozen=True, slots=True)
class Round:
    """One state of the store: open cases, rulings and holds a second, the store server's memory in MB."""

    cases: int
    per_second: float
    holds: float
    store_mb: float


def measure(bench: Bench) -> Part:
    """Hold, rule, hold many more, rule again. Rulings are made by the desk's one function, on the embedded store."""
    _ports, directory = systems.make_site(bench.folder / "rulings", bench.around)
    configuration = load(directory)
    with EmbeddedServer(store_folder(configuration.site)) as server:
        rounds = uvloop.run(_measure(bench, configuration, server.pid or 0))
    few, many = rounds[0], rounds[-1]
    text = markdown(("open cases", "rulings/s", "holds/s", "store server PSS MB"), [_row(one) for one in rounds])
    each = (many.store_mb - few.store_mb) * 1024 / max(1, many.cases - few.cases)
    text += (
        f"\n\nEvery ruling is a discard with a clause and a sentence, {AT_ONCE} at once, on disk before it is answered."
        " Holds are those of the store alone, with a body of 1 KB, without SMTP and judging. "
        f"An open case with such a body takes {each:.1f} KB of memory."
    )
    figures = {"ruling: per_second": few.per_second, "ruling: flat": many.per_second / few.per_second}
    return Part("Rulings", text, figures)


def _row(one: Round) -> list[str]:
    return [f"{one.cases:,}", number(one.per_second, 0), number(one.holds, 0), number(one.store_mb, 0)]


async def _measure(bench: Bench, configuration: Configuration, server: int) -> list[Round]:
    store = connect(configuration.site)
    try:
        few = await _round(bench, configuration, store, server, FEW)
        more = await _round(bench, configuration, store, server, max(FEW, bench.options.cases - FEW))
        return [few, replace(more, cases=few.cases + more.cases)]
    finally:
        await store.close()


async def _round(bench: Bench, configuration: Configuration, store: Store, server: int, count: int) -> Round:
    """Hold `count` cases that stay open, then rule on new ones several times."""
    rulings = Rulings(store.cases, configuration.site, configuration.policy, SystemClock())
    clause = configuration.policy.clauses[0].number
    await _hold(bench, store, count)
    memory, rates, holds = proc.pss_mb(server), list[float](), list[float]()
    for _ in range(bench.options.repetitions):
        started = time.perf_counter()
        cases = await _hold(bench, store, bench.options.messages)
        holds.append(len(cases) / (time.perf_counter() - started))
        await asyncio.to_thread(bench.settle, "rulings")
        rates.append(await _rule(rulings, cases, clause))
    bench.tell(f"rulings beside {count:,} more open cases: {statistics.median(rates):.0f}/s")
    return Round(count, statistics.median(rates), statistics.median(holds), memory)


async def _rule(rulings: Rulings, cases: Sequence[Case], clause: str) -> float:
    waiting = iter(cases)
    started = time.perf_counter()

    async def person() -> None:
        for case in waiting:
            await rulings.rule(PERSON, case.number, Verb.DISCARD, case.version, clause, "It is not for this list.")

    await asyncio.gather(*(person() for _ in range(AT_ONCE)))
    return len(cases) / (time.perf_counter() - started)


async def _hold(bench: Bench, store: Store, count: int) -> list[Case]:
    numbers = iter(range(count))
    held: list[Case] = []
    run = time.time_ns()

    async def door() -> None:
        for each in numbers:
            held.append(await store.cases.hold(draft(f"{run}.{each}"), Payload(BODY)))
            if len(held) % 10_000 == 0:
                bench.tell(f"{len(held):,} of {count:,} cases")

    await asyncio.gather(*(door() for _ in range(AT_ONCE)))
    return held


def draft(identity: str) -> CaseDraft:
    """A stranger's message, held; `identity` tells it from others."""
    return CaseDraft(
        list=systems.LIST,
        message_id=f"<{identity}@stranger.test>",
        author="ann@stranger.test",
        author_name="Ann Ito",
        origin="unknown",
        authenticated=False,
        role="",
        subject="The hall",
        first_lines="Is the hall free on Thursday evening?",
        size=len(BODY),
        envelope=StoredEnvelope("ann@stranger.test", (systems.LIST,), (), ((),)),
        next_hop="smtp://127.0.0.1:1",
        queues=("moderators",),
        reasons=(Reason("unknown-author", "unknown", "", "The author is not known here."),),
        received_at=time.time(),
        ledger_key=identity,
        policy_hash="bench",
    )
