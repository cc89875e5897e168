"""Reads archives of mail one message at a time: mbox, Maildir, folders, single files, JSON lines, tar and zip of these.

Each may be packed (gz, bz2, xz, zstd). Memory stays flat: of a plain file only places are handed on, and whoever judges
a message reads it there. A record that cannot be read says so when it is asked for its message, and the others go on.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from listward.cli.archive_files import files
from listward.cli.archive_members import BrokenContainer, Member, is_tar, is_zip, tar_members, zip_members
from listward.cli.archive_packing import NotUnpacked, packing, unpacked
from listward.cli.archive_splitting import SNIFFED, Piece, pieces
from listward.cli.archive_window import Window

__all__ = ["Record", "RecordError", "files", "records"]

# RFC 2606 section 2: text alone has no author, and must not look like a broken message for it.
NOBODY = "text@archive.invalid"
EVERY = 64


class RecordError(Exception):
    """A record that holds no message; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One stored message, named for people by `path`: its octets as `data`, or `size` octets from `start` of `file`.

    `packed` says that they are a line of JSON, `listed` that they stand in an mbox, where lines may be quoted. `fault`
    says why there is no message, "" where there is one.
    """

    path: str
    data: bytes = b""
    packed: bool = False
    listed: bool = False
    file: str = ""
    start: int = 0
    size: int = 0
    fault: str = ""

    def message(self) -> tuple[str, bytes]:
        """Return the record's own id ("" where it has none) and the bytes of the message. Raises RecordError."""
        if self.fault:
            raise RecordError(f"{self.path}: {self.fault}")
        octets = _read(self) if self.file else self.data
        if self.packed:
            return _unpacked(self.path, octets)
        if not octets.strip():
            raise RecordError(f"{self.path}: is empty")
        return "", _unquoted(octets) if self.listed else octets


@dataclass(frozen=True, slots=True)
class _Source:
    """A stream to split. `file` and `at` say where its octets stand as they are, `length` how many, where known."""

    name: str
    read: Callable[[int], bytes]
    file: str = ""
    at: int = 0
    length: int | None = None


def records(paths: list[Path], read: Callable[[int], None] = lambda octets: None) -> Iterator[Record]:
    """Yield every message of the archives, in order. `read` is told how many octets of the files have been read.

    Raises WrongUse for a path that is not there.
    """
    done = 0
    for path in files(paths):
        try:
            with path.open("rb") as file:
                for number, record in enumerate(_file(path, file)):
                    yield record
                    if number % EVERY == 0:
                        read(done + file.tell())
                done += os.fstat(file.fileno()).st_size
        except OSError as error:
            yield Record(str(path), fault=f"cannot be read: {error.strerror}")
        read(done)


def _file(path: Path, file: BinaryIO) -> Iterator[Record]:
    start = file.read(SNIFFED)
    file.seek(0)
    if is_zip(start):
        yield from _container(str(path), zip_members(path))
        return
    size = os.fstat(file.fileno()).st_size
    yield from _stream(_Source(str(path), file.read, str(path), 0, size), file, start)


def _stream(source: _Source, file: BinaryIO, start: bytes) -> Iterator[Record]:
    """What a file holds: packed or plain, a container or not."""
    ending = packing(source.name, start)
    if not ending:
        yield from _plain(source, start)
        return
    stream = unpacked(ending, file)
    try:
        start = stream.read(SNIFFED)
        yield from _plain(_Source(source.name, _Again(start, stream.read).read), start, ending)
    except NotUnpacked as error:
        yield Record(source.name, fault=str(error))


def _plain(source: _Source, start: bytes, ending: str = "") -> Iterator[Record]:
    if is_tar(start):
        yield from _container(source.name, tar_members(source.read), source.file)
    else:
        yield from _split(source, ending)


def _container(name: str, members: Iterator[Member], file: str = "") -> Iterator[Record]:
    """The records of each member. A member that breaks is named; where the container breaks, the rest of it is lost."""
    try:
        for member in members:
            try:
                yield from _member(name, member, file)
            except (BrokenContainer, NotUnpacked) as error:
                yield Record(f"{name}:{member.name}", fault=str(error))
    except (BrokenContainer, NotUnpacked) as error:
        yield Record(name, fault=str(error))


def _member(name: str, member: Member, file: str) -> Iterator[Record]:
    if Path(member.name).name.startswith("."):
        return
    start = member.read(SNIFFED)
    stream = _Again(start, member.read)
    ending = packing(member.name, start)
    known = (file, member.at, member.size) if file and not ending else ("", 0, None)
    read = unpacked(ending, stream).read if ending else stream.read  # type: ignore[arg-type]  # only its read is used
    yield from _split(_Source(f"{name}:{member.name}", read, *known), ending)


class _Again:
    """A stream whose beginning has been looked at."""

    def __init__(self, start: bytes, read: Callable[[int], bytes]) -> None:
        self._start = start
        self._read = read

    def read(self, size: int) -> bytes:
        """Return up to `size` octets."""
        if not self._start:
            return self._read(size)
        given, self._start = self._start[:size], self._start[size:]
        return given


def _split(source: _Source, ending: str) -> Iterator[Record]:
    window = Window(source.read)
    inner = source.name[: -len(ending)] if ending and source.name.lower().endswith(ending) else source.name
    count = 0
    try:
        for piece in pieces(inner, window, source.length if source.file else None):
            count = piece.number
            yield _record(source, window, piece)
    except NotUnpacked as error:
        yield Record(f"{source.name}:{count + 1}", fault=str(error))


def _record(source: _Source, window: Window, piece: Piece) -> Record:
    path = f"{source.name}:{piece.number}" if piece.number else source.name
    size = piece.end - piece.start
    listed = bool(piece.number) and not piece.packed
    if piece.fault:
        return Record(path, fault=piece.fault)
    if source.file:
        return Record(path, b"", piece.packed, listed, source.file, source.at + piece.start, size)
    return Record(path, window.octets(piece.start, piece.end), piece.packed, listed, size=size)


def _read(record: Record) -> bytes:
    """Read a record where it stands. Raises RecordError where it does not stand there any more."""
    try:
        with Path(record.file).open("rb", buffering=0) as file:
            octets = os.pread(file.fileno(), record.size, record.start)
    except OSError as error:
        raise RecordError(f"{record.path}: cannot be read: {error.strerror}") from None
    if len(octets) != record.size:
        raise RecordError(f"{record.path}: has changed while it was read")
    return octets


def _unquoted(octets: bytes) -> bytes:
    """Take off the ">" that mbox writers put in front of "From " (mboxrd: one more where there are some)."""
    if b">From " not in octets:
        return octets
    return b"".join(
        line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line
        for line in octets.splitlines(keepends=True)
    )


def _unpacked(path: str, line: bytes) -> tuple[str, bytes]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise RecordError(f"{path}: is not a line of JSON") from None
    if not isinstance(values, dict):
        raise RecordError(f"{path}: is not a JSON object")
    identity = values.get("id")
    return identity if isinstance(identity, str) else "", _bytes_of(path, values)


def _encoded(raw: str) -> bytes:
    """The bytes as Latin-1; whoever wrote the message as text meant UTF-8."""
    for charset, errors in (("latin-1", "strict"), ("utf-8", "surrogateescape")):
        try:
            return raw.encode(charset, errors)
        except UnicodeEncodeError:
            continue
    return raw.encode("utf-8", "replace")


def _bytes_of(path: str, values: dict[str, object]) -> bytes:
    """`raw` is the message's bytes as Latin-1; a record with nothing but `text` becomes a message with that text."""
    raw, text, subject = values.get("raw"), values.get("text"), values.get("subject")
    if isinstance(raw, str):
        return _encoded(raw)
    if isinstance(text, str):
        head = f"From: {NOBODY}\n" + (f"Subject: {' '.join(subject.split())}\n" if isinstance(subject, str) else "")
        kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        return f"{head}{kind}\n{text}".encode("utf-8", "replace")
    raise RecordError(f"{path}: has neither raw nor text")
