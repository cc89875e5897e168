"""Steady mail through a running gateway, and whether its memory, open files or threads grow.

    python chaos_soak.py --minutes 60 [--rate 20] [--page FILE]

The first fifth of the time warms up; what follows is compared with the end. Memory may grow by the larger of 8 MB and a
tenth: the store keeps what is held, so it is watched and not judged.
"""

import argparse
import asyncio
import itertools
import random
import sys
import time
from dataclasses import dataclass, fields
from pathlib import Path

from chaos_checker import judge
from chaos_clients import Clients
from chaos_mail import draw
from chaos_page import write_figures
from chaos_world import World, world

EVERY_S = 5.0
WARM = 0.2
MAY_GROW_KB, MAY_GROW = 8_192, 1.1
FILES_MAY_GROW, THREADS_MAY_GROW = 8, 2
JUDGED = ("gateway-0", "gateway-1", "reader-0", "reader-1", "reader-large", "courier", "console", "metrics")


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment: proportional set size in KB, open files, threads."""

    pss_kb: int
    files: int
    threads: int


def sample(pid: int) -> Sample:
    """Look at a process. Raises OSError where it is gone."""
    proc = Path(f"/proc/{pid}")
    rollup = dict(line.split(":", 1) for line in (proc / "smaps_rollup").read_text().splitlines()[1:])
    files, threads = (sum(1 for _ in (proc / name).iterdir()) for name in ("fd", "task"))
    return Sample(int(rollup["Pss"].split()[0]), files, threads)


def typical(samples: list[Sample]) -> Sample:
    """The median of each figure."""
    return Sample(*(sorted(getattr(each, one.name) for each in samples)[len(samples) // 2] for one in fields(Sample)))


def grows(early: Sample, late: Sample) -> list[str]:
    """What has grown beyond what may be."""
    bounds = (
        ("memory", late.pss_kb > max(early.pss_kb * MAY_GROW, early.pss_kb + MAY_GROW_KB)),
        ("open files", late.files > early.files + FILES_MAY_GROW),
        ("threads", late.threads > early.threads + THREADS_MAY_GROW),
    )
    return [name for name, beyond in bounds if beyond]


async def watch(around: World, pids: dict[str, int], till: float) -> dict[str, list[Sample]]:
    """Look at every process again and again."""
    seen: dict[str, list[Sample]] = {name: [] for name in pids}
    while time.monotonic() < till:
        await asyncio.sleep(EVERY_S)
        for name, pid in pids.items():
            seen[name].append(sample(pid))
        left = max(0.0, till - time.monotonic())
        print(f"\r{left / 60:5.1f} minutes left ", end="" if left else "\n", file=sys.stderr, flush=True)
    return seen


async def soak(minutes: float, rate: float, seed: int) -> tuple[str, list[str]]:
    """Send mail for some minutes; returns the table, and what grew or was violated."""
    async with world(embedded=True, reply_deadline_s=45) as around:
        till, draws, at_once = time.monotonic() + minutes * 60, random.Random(seed), 8
        names = {"store": "valkey-server", **{name: f"lw:{name}" for name in JUDGED}}
        found = {name: around.gateway.children(command) for name, command in names.items()}
        pids = {name: pids[0] for name, pids in found.items() if pids}
        clients = Clients(around.gateway.smtp, around.history, random.Random(seed), at_once, pace_s=at_once / rate)
        mails = itertools.takewhile(lambda _: time.monotonic() < till, (draw(draws, n) for n in itertools.count()))
        bringing = asyncio.create_task(clients.bring(mails))
        seen = await watch(around, pids, till)
        clients.hurry.set()
        await bringing
        await around.collect()
    findings = judge(around.history)
    return _table(seen, minutes, findings.messages), [*findings.violations, *_growth(seen)]


def _halves(samples: list[Sample]) -> tuple[Sample, Sample]:
    warm = samples[int(len(samples) * WARM) :]
    fifth = max(1, len(warm) // 5)
    return typical(warm[:fifth]), typical(warm[-fifth:])


def _growth(seen: dict[str, list[Sample]]) -> list[str]:
    judged = ((name, grows(*_halves(samples))) for name, samples in seen.items() if name in JUDGED)
    return [f"{name}: {what} grew" for name, grown in judged for what in grown]


def _table(seen: dict[str, list[Sample]], minutes: float, messages: int) -> str:
    rows = [f"{messages} messages in {minutes:g} minutes.", "", "| process | PSS MB | open files | threads |"]
    rows.append("| --- | --- | --- | --- |")
    for name, samples in seen.items():
        early, late = _halves(samples)
        memory = f"{early.pss_kb / 1024:.1f} to {late.pss_kb / 1024:.1f}"
        rows.append(f"| {name} | {memory} | {early.files} to {late.files} | {early.threads} to {late.threads} |")
    return "\n".join(rows)


def main() -> int:
    """Soak, print the table, and end with 1 where something grew."""
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--rate", type=float, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--page", type=Path)
    chosen = options.parse_args()
    table, wrong = asyncio.run(soak(chosen.minutes, chosen.rate, chosen.seed))
    print(table)
    for sentence in wrong:
        print(sentence)
    print("\nNothing grew, and nothing was lost." if not wrong else "\nThis run failed: see above.")
    if chosen.page:
        write_figures(chosen.page, "soak", table)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
