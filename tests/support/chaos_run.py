"""One run under faults, and its judgement: `make chaos MESSAGES=20000 SEED=7`.

    python chaos_run.py [--messages N] [--seed N] [--at-once N] [--embedded] [--history FILE] [--page FILE]

With a seed the mail and the faults are the same; what meets what is not, as nobody holds the processes' clocks.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from chaos_checker import Findings, judge
from chaos_clients import Clients
from chaos_history import History
from chaos_mail import draw
from chaos_nemesis import Nemesis
from chaos_page import write_figures
from chaos_world import World, world

RELEASE_EVERY = 3  # of the held cases so many are released: one in three


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run gave."""

    findings: Findings
    history: History
    faults: Counter[str]
    seconds: float
    log: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `acts` are carried out in order, with mail coming until they are done, instead of drawn ones.

    However slow the machine, `least` messages are brought before the faults end.
    """

    messages: int
    seed: int
    embedded: bool = False
    at_once: int = 12
    acts: tuple[str, ...] = ()
    pace_s: float = 0.0
    pause_s: float = 5.0
    reply_deadline_s: float = 8.0
    progress: bool = False
    least: int = 0


async def run(plan: Plan) -> Outcome:
    """Send mail while things break, mend all, wait until every client is done, release a part, and judge."""
    started = time.monotonic()
    async with world(plan.embedded, reply_deadline_s=plan.reply_deadline_s) as around:
        clients = Clients(around.gateway.smtp, around.history, random.Random(plan.seed + 1), plan.at_once)
        clients.pace_s, clients.least = plan.pace_s, plan.least
        if plan.progress:
            clients.on_done = lambda done: _bar(done, plan.messages)
        nemesis = Nemesis(around, random.Random(plan.seed + 2), plan.pause_s)
        await _under_faults(around, clients, nemesis, plan)
        released = await around.release(RELEASE_EVERY)
        if not await around.until_delivered(60 + released):
            print("released cases are still on their way", file=sys.stderr)
        await around.collect()
        findings = judge(around.history)
        log = around.gateway.log()
    return Outcome(findings, around.history, nemesis.done, time.monotonic() - started, log)


async def _under_faults(around: World, clients: Clients, nemesis: Nemesis, plan: Plan) -> None:
    """Break things as long as there is mail, or send mail as long as things are to be broken; then mend all."""
    stop, draws = asyncio.Event(), random.Random(plan.seed)
    mails = takewhile(lambda _: not stop.is_set(), (draw(draws, number) for number in range(plan.messages)))
    bringing = asyncio.create_task(clients.bring(mails))
    if plan.acts:
        for act in plan.acts:
            await nemesis.strike(act)
            await nemesis.sleep(0.1, 0.4)
        if plan.least:
            await clients.enough.wait()
        stop.set()
    else:
        raging = asyncio.create_task(nemesis.rage(stop))
        await clients.nearly.wait()
        stop.set()
        await raging
    around.heal()
    clients.hurry.set()
    await bringing


def _bar(done: int, messages: int) -> None:
    if sys.stderr.isatty() or done % 100 == 0 or done == messages:
        print(f"\r{'#' * (40 * done // messages):40} {done}/{messages}", end="", file=sys.stderr, flush=True)


def table(outcome: Outcome, seed: int) -> str:
    """The figures of a run as a table."""
    found = outcome.findings
    rows = (
        ("seed", seed),
        ("messages", found.messages),
        ("tries of clients", found.tries),
        ("faults injected", sum(outcome.faults.values())),
        ("accepted (250)", found.accepted),
        ("refused (5xx of the next hop)", found.refused),
        ("copies relayed or released", found.relayed),
        ("copies in a case", found.held),
        ("copies in an audited discard", found.discarded),
        ("second copies at a next hop", found.duplicates),
        ("second copies the gateway counted as possible", found.counted),
        ("lost", found.lost),
        ("violations", len(found.violations)),
        ("seconds", round(outcome.seconds)),
    )
    lines = [f"| {name} | {value} |" for name, value in rows]
    faults = ", ".join(f"{name} {count}" for name, count in sorted(outcome.faults.items()))
    return "\n".join(["| figure | value |", "|---|---|", *lines, "", f"Faults: {faults}."])


def main() -> int:
    """Run, print the table, and end with 1 where the promise was broken."""
    options = argparse.ArgumentParser()
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--seed", type=int, default=int(time.time()))
    options.add_argument("--at-once", type=int, default=12)
    options.add_argument("--embedded", action="store_true")
    options.add_argument("--history", type=Path)
    options.add_argument("--log", type=Path)
    options.add_argument("--page", type=Path)
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", file=sys.stderr, flush=True)
    plan = Plan(chosen.messages, chosen.seed, chosen.embedded, chosen.at_once, progress=True)
    outcome = asyncio.run(run(plan))
    print("\n" + table(outcome, chosen.seed))
    for sentence in outcome.findings.violations[:20]:
        print(sentence)
    print("\nThe promise was kept." if not outcome.findings.violations else "\nThe promise was broken: see above.")
    if chosen.page:
        write_figures(chosen.page, "chaos", table(outcome, chosen.seed))
    if chosen.history:
        outcome.history.write(chosen.history)
    if chosen.log:
        chosen.log.write_text(outcome.log, encoding="utf-8")
    return 1 if outcome.findings.violations else 0


if __name__ == "__main__":
    sys.exit(main())
