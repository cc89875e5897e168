"""The channel between the supervisor and one child, on which a new configuration is prepared, and taken or dropped.

One datagram an order or answer: a word, the name of what it is about, and a reason where there is one. The octets to
prepare from come as a sealed file: nobody can change them, and every child reads the same ones.
"""

import asyncio
import fcntl
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

MOST_OCTETS = 2048
_LONGEST_REASON = 1000
_SEALS = fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL


class Word(StrEnum):
    """What is said: the first three by the supervisor, the others by a child."""

    PREPARE = "prepare"
    COMMIT = "commit"
    ABORT = "abort"
    PREPARED = "prepared"
    CANNOT = "cannot"
    RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Said:
    """One order or answer."""

    word: Word
    name: str
    reason: str = ""

    def encoded(self) -> bytes:
        """As one datagram."""
        return f"{self.word} {self.name} {self.reason[:_LONGEST_REASON]}".encode()[:MOST_OCTETS]


def said(octets: bytes) -> Said:
    """Read one datagram. Raises ValueError."""
    word, name, reason = octets.decode("utf-8", "replace").split(" ", 2)
    return Said(Word(word), name, reason)


def channel() -> tuple[socket.socket, socket.socket]:
    """Return the supervisor's end and the child's; neither ever blocks."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setblocking(False)
    return ends


def sealed(file: int) -> bytes:
    """Return what was written into a memory file, and let nobody change it any more."""
    fcntl.fcntl(file, *_SEALS)
    return _whole(file)


class CannotPrepare(Exception):
    """The new configuration cannot be used here. Its text is for the administrator."""


class Subject(Protocol):
    """Whoever switches."""

    async def prepare(self, octets: bytes) -> None:
        """Make everything ready for the new configuration, and change nothing yet. Raises CannotPrepare."""
        ...

    def commit(self) -> None:
        """Use what was prepared from now on."""
        ...

    def abort(self) -> None:
        """Drop what was prepared, or is being prepared."""
        ...


class Orders:
    """The child's end: hands orders to `subject` on the running loop until `close`."""

    def __init__(self, end: socket.socket, subject: Subject) -> None:
        self._end = end
        self._subject = subject
        self._preparing: asyncio.Task[None] | None = None
        self._prepared = ""
        asyncio.get_running_loop().add_reader(end.fileno(), self._hear)

    def close(self) -> None:
        """Hear nothing more."""
        asyncio.get_running_loop().remove_reader(self._end.fileno())
        self._drop()

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            octets, files, _, _ = socket.recv_fds(self._end, MOST_OCTETS, 1)
            if not octets:  # the supervisor is gone, and this process will be told by its own signal
                asyncio.get_running_loop().remove_reader(self._end.fileno())
                return
            self._obey(said(octets), files)

    def _obey(self, order: Said, files: list[int]) -> None:
        match order.word:
            case Word.PREPARE:
                self._drop()
                self._preparing = asyncio.get_running_loop().create_task(self._prepare(order.name, files))
            case Word.COMMIT if order.name == self._prepared:
                self._prepared = ""
                self._subject.commit()
                self._answer(Word.RUNS, order.name)
            case Word.ABORT:
                self._drop()

    async def _prepare(self, name: str, files: list[int]) -> None:
        try:
            await self._subject.prepare(_taken(files))
        except (CannotPrepare, OSError) as error:
            self._subject.abort()
            self._answer(Word.CANNOT, name, str(error))
        else:
            self._prepared = name
            self._answer(Word.PREPARED, name)

    def _drop(self) -> None:
        if self._preparing is None:
            return
        self._preparing.cancel()
        self._preparing, self._prepared = None, ""
        self._subject.abort()

    def _answer(self, word: Word, name: str, reason: str = "") -> None:
        with suppress(OSError):  # without an answer the supervisor keeps the old configuration for everybody
            self._end.send(Said(word, name, reason).encoded())


def _taken(files: list[int]) -> bytes:
    """The octets of the file that came with an order. Raises CannotPrepare where none could be taken."""
    if not files:
        raise CannotPrepare("this process cannot open any more files")
    try:
        return _whole(files[0])
    finally:
        for file in files:
            os.close(file)


def _whole(file: int) -> bytes:
    """Read a file from its beginning; its offset is shared with others and stays as it is."""
    size, parts, at = os.fstat(file).st_size, [], 0
    while at < size and (part := os.pread(file, size - at, at)):
        parts.append(part)
        at += len(part)
    return b"".join(parts)
