"""Several processes judge chunks of an archive side by side; results come in input order, little is in flight.

A message that ends its process, by too much processor time or memory or a crash, costs that message alone.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

from listward.cli.archives import Record
from listward.cli.output import CommandError
from listward.cli.tally import Judged, Tally
from listward.runtime.children import follow_parent
from listward.runtime.confinement import confine

CHUNK_RECORDS, CHUNK_OCTETS = 64, 2_000_000
IN_FLIGHT = 3
COLLECTED = (50_000, 20, 50)
"""When garbage is looked for: a message makes some thousand objects, hardly any of them in circles."""
NO_MEMORY = 71
MOST_IDLE_DEATHS = 100

Judging = Callable[[list[Record], Callable[[Record], object]], Judged]
"""Judges records, and calls before each one with it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one message may take: seconds of processor time, more for one above `large_octets`, and octets of memory."""

    cpu_s: float
    large_cpu_s: float
    large_octets: int
    memory_bytes: int

    def seconds_for(self, record: Record) -> float:
        """The processor time for one message."""
        return self.large_cpu_s if record.size > self.large_octets else self.cpu_s


@dataclass(slots=True)
class _Slot:
    """A chunk's place in the order; its records are judged together, or in several parts where they ended a process."""

    records: list[Record]
    parts: list[Judged | None] = field(default_factory=lambda: [None])

    @property
    def done(self) -> bool:
        return all(part is not None for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Task:
    slot: _Slot
    part: int
    records: list[Record]
    again: bool = False


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    line: Connection
    task: _Task | None = None


class Pool:
    """`jobs` processes that judge. Use as a context manager: leaving it ends them."""

    def __init__(self, judging: Judging, jobs: int, bounds: Bounds, policies: int) -> None:
        # Forked processes inherit what is loaded; where threads run, a fork could inherit their locks: start anew.
        self._context = multiprocessing.get_context("fork" if threading.active_count() == 1 else "spawn")
        self._judging = judging
        self._jobs = jobs
        self._bounds = bounds
        self._policies = policies
        self._workers: list[_Worker] = []
        self._waiting: deque[_Task] = deque()
        self._slots: deque[_Slot] = deque()
        self._idle_deaths = 0

    def __enter__(self) -> "Pool":
        self._workers = [self._started() for _ in range(self._jobs)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            _end(worker)

    def judge(self, records: Iterable[Record]) -> Iterator[tuple[int, Judged]]:
        """Yield, in input order, how many records each chunk had and what came of it."""
        chunks = _chunks(records)
        ended = False
        while True:
            while self._slots and self._slots[0].done:
                slot = self._slots.popleft()
                yield len(slot.records), _joined(slot, self._policies)
            self._hand_out()
            if not ended and len(self._slots) < self._jobs * IN_FLIGHT:
                chunk = next(chunks, None)
                ended = chunk is None
                if chunk:
                    self._add(_Slot(chunk))
                self._collect(0)
            elif self._slots:
                self._collect(None)
            else:
                return

    def _add(self, slot: _Slot) -> None:
        self._slots.append(slot)
        self._waiting.append(_Task(slot, 0, slot.records))

    def _hand_out(self) -> None:
        """Give each idle process a chunk. Only an idle one: it is reading, so that writing to it does not wait."""
        for position, worker in enumerate(self._workers):
            if worker.task is None and self._waiting:
                task = self._waiting.popleft()
                try:
                    worker.line.send(task.records)
                except OSError:  # somebody has ended it while it had nothing to do
                    self._waiting.appendleft(task)
                    self._replaced(position, worker)
                else:
                    worker.task = task

    def _collect(self, timeout: float | None) -> None:
        """Take what processes have to say, or that they have ended."""
        busy = {worker.line: position for position, worker in enumerate(self._workers) if worker.task is not None}
        for line in wait(list(busy), timeout) if busy else ():
            position = busy[line]  # type: ignore[index]  # only connections were asked for
            worker = self._workers[position]
            try:
                judged = worker.line.recv()
            except (EOFError, OSError):
                self._lost(position, worker)
                continue
            if worker.task is not None:
                worker.task.slot.parts[worker.task.part] = judged
                worker.task = None

    def _lost(self, position: int, worker: _Worker) -> None:
        """A process has ended. Of several records each is tried alone; one alone, where that may help, once more."""
        task = worker.task
        code = self._replaced(position, worker)
        if task is None:
            return
        if len(task.records) > 1:
            task.slot.parts = [None] * len(task.records)
            alone = [_Task(task.slot, part, [record]) for part, record in enumerate(task.records)]
            self._waiting.extendleft(reversed(alone))
        elif code in _WHY or task.again:
            task.slot.parts[task.part] = _unread(task.records[0], code, self._policies)
        else:
            self._waiting.appendleft(_Task(task.slot, task.part, task.records, again=True))

    def _replaced(self, position: int, worker: _Worker) -> int:
        """Start a process in the place of one that has ended; return what it ended with. Raises CommandError."""
        worker.process.join()
        code = worker.process.exitcode or 0
        _end(worker)
        self._idle_deaths = self._idle_deaths + 1 if worker.task is None else 0
        if self._idle_deaths > MOST_IDLE_DEATHS:
            raise CommandError("listward: the processes that judge end before they are given anything to do")
        self._workers[position] = self._started()
        return code

    def _started(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = _process(self._context, (theirs, self._judging, self._bounds, os.getpid()))
        process.start()
        theirs.close()
        return _Worker(process, ours)


def _process(context: BaseContext, arguments: tuple[Any, ...]) -> BaseProcess:
    return context.Process(target=_work, args=arguments, daemon=True)  # type: ignore[attr-defined,no-any-return]  # typeshed leaves it out of the base


def _end(worker: _Worker) -> None:
    worker.line.close()
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()
    worker.process.close()


def _work(line: Connection, judging: Judging, bounds: Bounds, parent: int) -> None:
    """Judge as long as somebody asks."""
    follow_parent(parent, "replay")  # a killed parent's end of the line lives on in its other children
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who hands out
    judging([], lambda record: None)  # loads what is not inherited, before files and memory are bounded
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    confine(bounds.memory_bytes)
    with suppress(EOFError, OSError):
        while True:
            records = line.recv()
            try:
                judged = _bounded(judging, records, bounds)
            except MemoryError:
                os._exit(NO_MEMORY)
            line.send(judged)
    os._exit(0)


def _bounded(judging: Judging, records: list[Record], bounds: Bounds) -> Judged:
    """Judge under the kernel's timer: it ends this process in the midst of C code too."""
    try:
        return judging(records, lambda record: signal.setitimer(signal.ITIMER_PROF, bounds.seconds_for(record)))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _unread(record: Record, code: int, policies: int) -> Judged:
    tally = Tally.for_policies(policies)
    tally.add_unread(record.path, f"{record.path}: {_WHY.get(code, 'ended the process that read it')}")
    return Judged(tally)


_WHY = {-signal.SIGPROF: "takes too long to read", NO_MEMORY: "takes too much memory to read"}


def _joined(slot: _Slot, policies: int) -> Judged:
    parts = [part for part in slot.parts if part is not None]
    if len(parts) == 1:
        return parts[0]
    tally = Tally.for_policies(policies)
    for part in parts:
        tally.merge(part.tally)
    return Judged(tally, tuple(line for part in parts for line in part.lines))


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    octets = 0
    for record in records:
        chunk.append(record)
        octets += record.size
        if len(chunk) >= CHUNK_RECORDS or octets >= CHUNK_OCTETS:
            yield chunk
            chunk, octets = [], 0
    if chunk:
        yield chunk
