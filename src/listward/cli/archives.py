"""Reads archives of mail one message at a time: mbox, Maildir, folders, files, JSON lines, and .gz and .zst of these.

Memory stays flat: only the message at hand is kept. A record is unpacked where it is judged, not where it is read.
"""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from listward.cli.output import WrongUse

PACKED = {".gz", ".zst"}
MAILDIR = ("cur", "new")
HIDDEN = "."
# What lies beside mail in a folder; named by itself, such a file is read all the same.
NO_MAIL = frozenset({".md", ".json", ".toml", ".yml", ".yaml", ".csv", ".html", ".py", ".sh"})
# RFC 2606 section 2: text alone has no author, and must not look like a broken message for it.
NOBODY = "text@archive.invalid"
EVERY = 64


class RecordError(Exception):
    """A record that holds no message; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One stored message as read. `path` names it for people; `packed` says that `data` is a line of JSON."""

    path: str
    data: bytes
    packed: bool = False

    def message(self) -> tuple[str, bytes]:
        """Return the record's own id ("" where it has none) and the bytes of the message. Raises RecordError."""
        return _unpacked(self) if self.packed else ("", self.data)


def records(paths: list[Path], read: Callable[[int], None] = lambda octets: None) -> Iterator[Record]:
    """Yield every message of the archives, in order. `read` is told how many octets of the files have been read.

    Raises WrongUse for a path that is not there or cannot be unpacked.
    """
    done = 0
    for path in files(paths):
        with _opened(path) as (stream, place):
            for number, record in enumerate(_split(path, stream)):
                yield record
                if number % EVERY == 0:
                    read(done + place())
        done += path.stat().st_size
        read(done)


def files(paths: list[Path]) -> Iterator[Path]:
    """Yield the files to read, folders opened up in name order."""
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        elif path.is_file():
            yield path
        else:
            raise WrongUse(f"listward: {path}: there is no such file or folder")


def _folder(folder: Path) -> Iterator[Path]:
    """A Maildir's messages lie in cur and new; of any other folder, every file that is not hidden."""
    if any((folder / name).is_dir() for name in MAILDIR):
        found = (path for name in MAILDIR for path in (folder / name).glob("*"))
    else:
        found = (path for path in folder.rglob("*") if path.suffix.lower() not in NO_MAIL)
    yield from sorted(path for path in found if path.is_file() and not path.name.startswith(HIDDEN))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Open a file, unpacked as it is read, and a way to ask how much of it has been read."""
    try:
        with path.open("rb") as file:
            yield _unpacking(path, file), file.tell
    except (gzip.BadGzipFile, zstandard.ZstdError, EOFError) as error:
        raise WrongUse(f"listward: {path}: cannot be unpacked: {str(error)[:80]}") from None


def _unpacking(path: Path, file: BinaryIO) -> BinaryIO:
    if path.suffix == ".gz":
        return gzip.open(file, "rb")  # type: ignore[return-value]  # a GzipFile reads as any binary file does
    if path.suffix == ".zst":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file), 1 << 20)
    return file


def _split(path: Path, stream: BinaryIO) -> Iterator[Record]:
    inner = Path(path.stem) if path.suffix in PACKED else path
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]  # as above
    start = buffered.peek(16)[:16]
    if inner.suffix in {".jsonl", ".ndjson", ".json"} or start.startswith(b'{"'):
        return _lines(path, buffered)
    if start.startswith(b"From "):
        return _mbox(path, buffered)
    return iter((Record(str(path), buffered.read()),))


def _lines(path: Path, stream: BinaryIO) -> Iterator[Record]:
    for number, line in enumerate(stream, 1):
        if line.strip():
            yield Record(f"{path}:{number}", line, packed=True)


def _mbox(path: Path, stream: BinaryIO) -> Iterator[Record]:
    """Split at "From " lines behind an empty line (RFC 4155); one ">" in front of a quoted "From " is taken off."""
    number, kept, empty = 0, bytearray(), True
    for line in stream:
        if empty and line.startswith(b"From "):
            if kept:
                number += 1
                yield Record(f"{path}:{number}", bytes(kept))
                kept = bytearray()
        else:
            kept += line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line
        empty = line in {b"\n", b"\r\n"}
    if kept:
        yield Record(f"{path}:{number + 1}", bytes(kept))


def _unpacked(record: Record) -> tuple[str, bytes]:
    try:
        values = json.loads(record.data)
    except ValueError:
        raise RecordError(f"{record.path}: is not a line of JSON") from None
    if not isinstance(values, dict):
        raise RecordError(f"{record.path}: is not a JSON object")
    identity = values.get("id")
    return identity if isinstance(identity, str) else "", _bytes_of(record.path, values)


def _bytes_of(path: str, values: dict[str, object]) -> bytes:
    """`raw` is the message's bytes as Latin-1; a record with nothing but `text` becomes a message with that text."""
    raw, text, subject = values.get("raw"), values.get("text"), values.get("subject")
    if isinstance(raw, str):
        try:
            return raw.encode("latin-1")
        except UnicodeEncodeError:
            return raw.encode("utf-8", "surrogateescape")
    if isinstance(text, str):
        head = f"From: {NOBODY}\n" + (f"Subject: {' '.join(subject.split())}\n" if isinstance(subject, str) else "")
        kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        return f"{head}{kind}\n{text}".encode("utf-8", "replace")
    raise RecordError(f"{path}: has neither raw nor text")
