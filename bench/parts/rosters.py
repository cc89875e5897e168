"""Rosters of a thousand and of a hundred thousand people: loading, memory, look-ups, and reading anew beside mail."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.run import Bench, Part
from bench.tables import markdown, number
from listward.filters.identity.names import key
from listward.filters.identity.roster_copy import RosterCopy
from listward.filters.identity.roster_file import read_roster
from listward.filters.identity.roster_source import FileSource

SIZES = (1000, 100_000)
LIST = "members@party.example"
LOOK_UPS = 20_000
TICK_S = 0.001
IDLE_S = 5.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one roster costs: seconds to load, octets a person, ns a look-up, MB that a forked process adds."""

    kind: str
    people: int
    load_s: float
    octets: float
    member_ns: float
    stranger_ns: float
    name_ns: float
    forked_mb: float


def measure(bench: Bench) -> Part:
    """Load and ask each size of each kind; then change the large ones beside a busy loop."""
    folder = bench.folder / "rosters"
    folder.mkdir()
    costs = []
    for kind in ("csv", "toml"):
        for people in SIZES:
            bench.settle("rosters")
            costs.append(_cost(_written(folder / f"{people}.{kind}", people), people, bench.options.repetitions))
            bench.tell(f"roster {kind}, {people} people: {costs[-1].load_s:.2f} s, {costs[-1].octets:.0f} octets each")
    bench.settle("rosters read anew")
    stalls = {"nothing": asyncio.run(_idle())}
    stalls |= {kind.upper(): asyncio.run(_stall(folder / f"{SIZES[-1]}.{kind}")) for kind in ("csv", "toml")}
    return Part("Rosters", _text(costs, stalls), _figures(costs, stalls))


def _cost(path: Path, people: int, repetitions: int) -> Cost:
    seconds = []
    for _ in range(repetitions):
        began = time.perf_counter()
        copy = read_roster(path)
        seconds.append(time.perf_counter() - began)
    names, step = copy.names(LIST), max(1, people // 997)
    addresses = [_address(at) for at in range(0, people, step)]
    keys = [key(_name(at)) for at in range(0, people, step)]
    return Cost(
        path.suffix[1:].upper(),
        people,
        statistics.median(seconds),
        copy.octets / people,
        _each_ns(lambda at: copy.find(LIST, addresses[at % len(addresses)])),
        _each_ns(lambda at: copy.find(LIST, f"nobody{at}@else.example")),
        _each_ns(lambda at: keys[at % len(keys)] in names),
        _forked_mb(copy, addresses),
    )


def _each_ns(ask: Callable[[int], object]) -> float:
    began = time.perf_counter()
    for at in range(LOOK_UPS):
        ask(at)
    return (time.perf_counter() - began) / LOOK_UPS * 1e9


def _forked_mb(copy: RosterCopy, addresses: list[str]) -> float:
    """What a child that was forked with the copy, and has used it, has of its own because of it."""
    without, used = (_private_mb(ask) for ask in (lambda: None, lambda: _ask_all(copy, addresses)))
    return max(0.0, used - without)


def _ask_all(copy: RosterCopy, addresses: list[str]) -> None:
    for address in addresses:
        copy.find(LIST, address)


def _private_mb(use: Callable[[], None]) -> float:
    """The memory of its own that a child has after `use`, told through a pipe."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        use()
        os.write(writing, f"{_own_mb():.3f}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        found = float(told.read())
    os.waitpid(child, 0)
    return found


def _own_mb() -> float:
    """What this process has written to and shares with nobody."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty:")) / 1024


async def _stall(path: Path) -> tuple[float, float]:
    """The longest and the 99th percentile delay in ms of a loop that only ticks, while a changed file is read."""
    source = FileSource(path)
    source.read()
    before = source.copy()
    _replace(path)
    return await _late_ms(lambda: source.copy() is before)


def _replace(path: Path) -> None:
    """The same people in a new file of another time."""
    new = path.with_suffix(".new")
    new.write_bytes(path.read_bytes() + b"\n")
    os.utime(new, (1, 1))
    new.rename(path)


async def _idle() -> tuple[float, float]:
    """The same while nothing is read: what the machine itself does."""
    until = time.monotonic() + IDLE_S
    return await _late_ms(lambda: time.monotonic() < until)


async def _late_ms(going_on: Callable[[], bool]) -> tuple[float, float]:
    delays = list[float]()
    while going_on():
        began = time.perf_counter()
        await asyncio.sleep(TICK_S)
        delays.append(1000 * (time.perf_counter() - began - TICK_S))
    return max(delays), statistics.quantiles(delays, n=100)[98]


def _written(path: Path, people: int) -> Path:
    if path.suffix == ".csv":
        rows = "".join(f"{_address(at)},{_name(at)},member,es\n" for at in range(people))
        path.write_text("address,name,role,language\n" + rows)
    else:
        block = '[[person]]\naddresses = ["{}"]\nname = "{}"\nrole = "member"\nlanguage = "es"\n\n'
        path.write_text("".join(block.format(_address(at), _name(at)) for at in range(people)))
    return path


def _address(at: int) -> str:
    return f"person{at}@mail{at % 50}.example"


def _name(at: int) -> str:
    return f"Person{at % 300} Surname{at}"


def _text(costs: list[Cost], stalls: dict[str, tuple[float, float]]) -> str:
    rows = [
        [
            one.kind,
            f"{one.people:,}",
            number(one.load_s, 2),
            number(one.octets, 0),
            number(one.member_ns / 1000, 1),
            number(one.stranger_ns / 1000, 1),
            number(one.name_ns / 1000, 1),
            number(one.forked_mb, 1),
        ]
        for one in costs
    ]
    heads = ("file", "people", "load s", "octets each", "member us", "stranger us", "name us", "MB a forked process")
    told = "; ".join(f"{kind} {most:.0f} ms at most, p99 {p99:.1f} ms" for kind, (most, p99) in stalls.items())
    after = f"How late a loop is that only ticks, while a changed file of {SIZES[-1]:,} people is read: {told}."
    return f"{markdown(heads, rows)}\n\n{after}"


def _figures(costs: list[Cost], stalls: dict[str, tuple[float, float]]) -> dict[str, float]:
    large = [one for one in costs if one.people == SIZES[-1]]
    return {
        "roster: load_s": max(one.load_s for one in large),
        "roster: octets": max(one.octets for one in large),
        "roster: late_ms": max(p99 for _, p99 in stalls.values()),
        "roster: slower": max(
            one.member_ns / small.member_ns for one, small in zip(costs[1::2], costs[::2], strict=True)
        ),
    }
