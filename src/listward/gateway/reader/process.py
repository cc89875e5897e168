"""The reader: a process that parses messages and runs every reader over them, and holds nothing worth taking.

It has no network, no files, no keys and no store: one connection from a worker, its answers, and standard error. A
message that costs more than it may ends the process by a signal of the kernel, inside C code too; the supervisor
starts the next one, and whoever waited for the answer knows by the broken connection.
"""

import gc
import io
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Iterable

from listward.filters.context import Reader
from listward.filters.learner import SpamModel
from listward.filters.message.parse import parse_message
from listward.filters.reading import ALL_READERS, Reading, prepare, read
from listward.gateway.failures import place_of
from listward.gateway.reader.lane import Lane
from listward.gateway.reader.wire import (
    LENGTH_OCTETS,
    Garbled,
    Request,
    Setup,
    decode_from_worker,
    encode_reading,
)
from listward.runtime.confinement import close_all_but, confine, give_memory_back, stand_back

MOST_OPEN = 32
"""Descriptors: the channel, a connection, a spool file, and modules that are imported late (codecs)."""
LARGE_OCTETS = 1024 * 1024
"""After a message of this size memory goes back to the system."""
BLOCK = 262_144
BROKEN = 70  # EX_SOFTWARE

Readers = Iterable[tuple[str, Reader]]


def run_reader(lane: Lane, memory_bytes: int, ready: Callable[[], None], readers: Readers = ALL_READERS) -> int:
    """Confine this process, then read for one worker after the other until it is ended. Returns the exit code."""
    if lane.patient:
        stand_back()
    confine(memory_bytes)
    ready()
    close_all_but({lane.taking.fileno()}, MOST_OPEN)
    try:
        serve(lane, readers)
    except Exception as error:  # its text may quote the message; its place does not
        _say(f"listward: a reader ended: {type(error).__name__} at {place_of(error)}")
        return BROKEN
    return 0


def serve(lane: Lane, readers: Readers = ALL_READERS) -> None:
    """Take connections one by one and answer each to its end."""
    workshop = Workshop(tuple(readers))
    while (taken := lane.take()) is not None:
        try:
            with taken.connection as connection:
                Conversation(connection, taken.file, workshop).run()
        finally:
            if taken.file >= 0:
                os.close(taken.file)


class Workshop:
    """The readers, and what the last setup gave: most connections bring the same one."""

    def __init__(self, readers: tuple[tuple[str, Reader], ...]) -> None:
        self.readers = readers
        self.setup: Setup | None = None
        self.model = SpamModel()

    def set_up(self, setup: Setup) -> None:
        """Read by this setup from now on."""
        if self.setup is None or setup.model != self.setup.model:
            self.model = SpamModel.unpacked(setup.model)
        if self.setup is None or setup.context != self.setup.context:
            prepare(setup.context)  # now: no message's time is bounded yet
        self.setup = setup

    def read(self, raw: bytes, request: Request, setup: Setup) -> Reading:
        """Read one message."""
        message = parse_message(raw)
        return read(message, request.at, setup.context, self.model, self.readers, inside=request.inside)


class Conversation:
    """One worker's connection. `file` is the spool file that came with it, -1 where none did."""

    def __init__(self, connection: socket.socket, file: int, workshop: Workshop) -> None:
        self._connection = connection
        self._file = file
        self._workshop = workshop
        self._setup: Setup | None = None

    def run(self) -> None:
        """Answer until the worker hangs up. Raises Garbled where it says what makes no sense."""
        while content := self._received():
            said = decode_from_worker(content)
            if isinstance(said, Setup):
                self._workshop.set_up(said)
                self._setup = said
            elif _hung_up(self._connection) or not self._answer(said):
                return

    def _answer(self, request: Request) -> bool:
        """Read one message under its bounds; False where nobody waits for the answer any more."""
        setup = self._setup
        if setup is None:
            raise Garbled
        _arm(setup.cpu_s, setup.wall_s)
        raw = request.head if not request.size else _joined(request, self._file)
        answer = encode_reading(self._workshop.read(raw, request, setup))
        del raw
        _arm(0, 0)
        try:
            self._connection.sendall(answer)
        except OSError:
            return False
        if len(request.head) + request.size >= LARGE_OCTETS:
            gc.collect()
            give_memory_back()
        return True

    def _received(self) -> bytes | bytearray:
        """The content of the next frame, b"" where the worker has hung up."""
        length = self._exactly(LENGTH_OCTETS)
        return self._exactly(int.from_bytes(length, "big")) if length else b""

    def _exactly(self, count: int) -> bytes | bytearray:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            try:
                received = self._connection.recv_into(view, 0, socket.MSG_WAITALL)
            except OSError:
                return b""
            if not received:
                return b""
            view = view[received:]
        return data


def _hung_up(connection: socket.socket) -> bool:
    """Whether the worker has given up this message meanwhile: reading it would only keep those behind it waiting."""
    look = select.poll()
    look.register(connection, select.POLLRDHUP)
    return bool(look.poll(0))


def _joined(request: Request, file: int) -> bytes:
    """The whole message, with no second copy of it. Raises OSError where the file is shorter than promised."""
    whole = io.BytesIO()
    whole.write(request.head)
    at, end = request.start, request.start + request.size
    while at < end:
        block = os.pread(file, min(BLOCK, end - at), at)
        if not block:
            raise OSError("the spool file ends too early")
        whole.write(block)
        at += len(block)
    return whole.getvalue()


def _arm(cpu_s: float, wall_s: float) -> None:
    """End this process when so much processor time, or time, has passed; 0 disarms."""
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    signal.setitimer(signal.ITIMER_REAL, wall_s)


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # standard error is a file, and this process may write none
        return
