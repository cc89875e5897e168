"""Real reader processes under a real supervisor, with whatever readers a test wants them to run.

with Readers(readers=(("burns", burn),)) as readers:
    reading = await readers.client().read(job(raw))
"""

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from policy_bench import make_policy, make_site

from listward.filters.context import Context, Reader
from listward.filters.findings import Finding
from listward.filters.judge import context_for
from listward.filters.learner import SpamModel
from listward.filters.message.message import Message
from listward.filters.reading import ALL_READERS
from listward.gateway.reader.client import ReaderProcesses
from listward.gateway.reader.lane import Lanes
from listward.gateway.reader.process import run_reader
from listward.gateway.reader.reads import Job, ReadingBounds, ReadingTerms
from listward.runtime.children import ChildSpec
from listward.runtime.supervisor import Supervisor
from listward.wire.payload import Payload

CONTEXT = context_for(make_site(), make_policy({}, internal_marks=["intern"]))
MODEL = SpamModel.load_default()
BOUNDS = ReadingBounds(cpu_s=0.3, large_cpu_s=0.6, wall_s=2.0, large_wall_s=5.0)
TERMS = ReadingTerms(CONTEXT, MODEL, BOUNDS)
MEMORY = 256 * 1024 * 1024


def job(raw: bytes | Payload, source: str = "192.0.2.1", terms: ReadingTerms = TERMS, id: str = "one") -> Job:
    """One message to read."""
    return Job(id, raw if isinstance(raw, Payload) else Payload(raw), 1_795_000_000.0, terms, source)


def hostile(message: Message, context: Context) -> Iterable[Finding]:
    """A reader that does what the subject says: burn processor time in C code, sleep, die, or eat memory."""
    word = message.subject
    if word == "burn":
        pow(7, 10**8)
    if word == "sleep":
        time.sleep(3600)
    if word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "exit":
        os._exit(0)
    if word == "eat":
        return [Finding("eaten", "abuse", 0.5, str(len(bytearray(1 << 30))))]
    return []


HOSTILE = (("hostile", hostile), *ALL_READERS)


class Readers:
    """`quick` readers for ordinary mail and one for large mail; they end with the block."""

    def __init__(
        self, readers: Iterable[tuple[str, Reader]] = ALL_READERS, quick: int = 1, memory: int = MEMORY
    ) -> None:
        self.lanes = Lanes.create()
        self.lost: list[tuple[str, str]] = []
        self._readers = tuple(readers)
        self._quick = quick
        self._memory = memory
        self._supervisor = 0
        self._clients: list[ReaderProcesses] = []

    def __enter__(self) -> Self:
        self._supervisor = os.fork()
        if not self._supervisor:
            self._supervise()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        os.kill(self._supervisor, signal.SIGTERM)
        os.waitpid(self._supervisor, 0)
        self.lanes.quick.close()
        self.lanes.large.close()

    def client(self) -> ReaderProcesses:
        """A worker's way to them."""
        made = ReaderProcesses(
            self.lanes.quick.give, self.lanes.large.give, lambda id, lane: self.lost.append((id, lane))
        )
        self._clients.append(made)
        return made

    def pids(self, name: str) -> list[int]:
        """The live processes of that name: "lw:reader-0", "lw:reader-large"."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, _, rest = status.read_text().partition(" (")
            except OSError:  # it has ended meanwhile
                continue
            command, _, fields = rest.rpartition(") ")
            if command == name and int(fields.split()[1]) == self._supervisor and fields[0] != "Z":
                found.append(int(pid))
        return found

    def pid(self, name: str) -> int:
        """The one live process of that name, once it is there."""
        return wait_for(lambda: next(iter(self.pids(name)), 0))

    def _supervise(self) -> None:
        names = [*(f"reader-{index}" for index in range(self._quick)), "reader-large"]
        try:
            Supervisor([self._spec(name) for name in names]).run()
        finally:
            os._exit(0)

    def _spec(self, name: str) -> ChildSpec:
        lane = self.lanes.large if name == "reader-large" else self.lanes.quick
        return ChildSpec(
            name,
            lambda ready: run_reader(lane, self._memory, ready, self._readers),
            stop_timeout_s=2.0,
            expendable=True,
        )


def wait_for(found: Callable[[], int]) -> int:
    """Wait until the function says something, and return it. Raises TimeoutError."""
    deadline = time.monotonic() + 10
    while not (value := found()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.01)  # polling, with a deadline above
    return value
