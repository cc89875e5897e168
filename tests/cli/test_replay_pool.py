"""Judging side by side: in order, with little in flight, and whatever one message does to its process."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from listward.cli import replay_pool
from listward.cli.archives import Record
from listward.cli.replay_pool import Bounds, Pool
from listward.cli.tally import Judged, Tally

BOUNDS = Bounds(cpu_s=0.5, large_cpu_s=1.0, large_octets=1000, memory_bytes=200_000_000)
EACH = 7


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few records a chunk."""
    monkeypatch.setattr(replay_pool, "CHUNK_RECORDS", EACH)


def judging(records: list[Record], begin: Callable[[Record], object]) -> Judged:
    """Do what the record says, and give its path as its line."""
    tally = Tally.for_policies(1)
    for record in records:
        begin(record)
        _do(record.data)
        tally.messages += 1
    return Judged(tally, tuple(record.path for record in records))


def _do(what: bytes) -> None:
    if what == b"spin":
        while True:
            pass
    elif what == b"eat":
        bytearray(1_000_000_000)
    elif what == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == b"slow":
        time.sleep(0.2)


def made(count: int, **deeds: bytes) -> list[Record]:
    """Records by number; `deeds` are what some of them do, by "r" and number."""
    return [Record(f"r{n}", deeds.get(f"r{n}", b""), size=10) for n in range(count)]


def run(records: Iterator[Record] | list[Record], jobs: int = 3) -> tuple[list[str], Tally, int]:
    """Judge all: the lines, the counts, how many records were counted."""
    lines, tally, total = [], Tally.for_policies(1), 0
    with Pool(judging, jobs, BOUNDS, 1) as pool:
        for count, judged in pool.judge(records):
            total += count
            tally.merge(judged.tally)
            lines += judged.lines
    return lines, tally, total


def test_results_come_in_input_order() -> None:
    """Also where the first chunk takes longest."""
    lines, tally, total = run(made(200, r0=b"slow", r50=b"slow"))
    assert lines == [f"r{n}" for n in range(200)]
    assert (tally.messages, tally.unread, total) == (200, 0, 200)


@pytest.mark.parametrize(
    ("deed", "words"), [(b"spin", "too long"), (b"eat", "too much memory"), (b"die", "ended the process")]
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_hostile_message_costs_itself_alone(deed: bytes, words: str, jobs: int) -> None:
    """Endless work, all memory, a crash inside C: the message is named, the others are judged, in order."""
    lines, tally, total = run(made(40, r3=deed, r4=deed, r39=deed), jobs)
    assert lines == [f"r{n}" for n in range(39) if n not in {3, 4}]
    assert (tally.messages, tally.unread, total) == (37, 3, 40)
    assert [one.path for one in tally.unreadable] == ["r3", "r4", "r39"]
    assert all(words in one.why for one in tally.unreadable)


def test_little_is_in_flight() -> None:
    """Whoever reads the archive is held back while one chunk keeps all others waiting."""
    read = 0

    def endless() -> Iterator[Record]:
        nonlocal read
        for record in made(2000, r0=b"slow"):
            read += 1
            yield record

    with Pool(judging, 2, BOUNDS, 1) as pool:
        results = pool.judge(endless())
        next(results)
        assert read <= EACH * 2 * replay_pool.IN_FLIGHT
        results.close()


def test_a_process_that_is_killed_is_replaced() -> None:
    """The operator's kill, or the kernel's for want of memory, loses no message."""
    with Pool(judging, 2, BOUNDS, 1) as pool:
        results = pool.judge(made(300))
        lines = list(next(results)[1].lines)
        for worker in pool._workers:
            os.kill(worker.process.pid or 0, signal.SIGKILL)
        lines += [line for _, judged in results for line in judged.lines]
    assert lines == [f"r{n}" for n in range(300)]


def test_processes_end_with_the_pool() -> None:
    """Leaving the pool in the midst of work leaves nothing behind."""
    with Pool(judging, 2, BOUNDS, 1) as pool:
        next(pool.judge(made(100, r20=b"spin")))
        pids = [worker.process.pid for worker in pool._workers]
    assert all(pid and not Path(f"/proc/{pid}").exists() for pid in pids)


def test_processes_start_anew_beside_threads() -> None:
    """A fork could inherit what another thread holds; then processes are started from nothing."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert Pool(judging, 1, BOUNDS, 1)._context.get_start_method() == "spawn"
    finally:
        stop.set()
        thread.join()
    assert Pool(judging, 1, BOUNDS, 1)._context.get_start_method() == "fork"
