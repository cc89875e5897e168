"""Reads the members of tar and zip files as they come. Nothing is extracted, so what their names say is only shown."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from listward.cli.archive_packing import OUT_OF_PROPORTION, NotUnpacked, most_of

MOST_NAME = 4096
MOST_DIRECTORY = 256 * 1024 * 1024
"""Octets of a zip's directory, which is read into memory: some two million members."""
_ZIP = b"PK\x03\x04"
_USTAR, _USTAR_AT = b"ustar", 257
_BLOCK = 65_536
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_END = Struct("<4s8xL6x")  # the end of a zip's directory: its sign, and how long the directory is
_END_SIGN = b"PK\x05\x06"


class BrokenContainer(Exception):
    """A container's own records make no sense; the text says which."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a container. `read` gives its octets; `at` is where they stand in the container, -1 for nowhere."""

    name: str
    read: Callable[[int], bytes]
    size: int
    at: int = -1


def is_tar(start: bytes) -> bool:
    """Whether a stream that begins so is a tar file."""
    return start[_USTAR_AT : _USTAR_AT + len(_USTAR)] == _USTAR


def is_zip(start: bytes) -> bool:
    """Whether a file that begins so is a zip file with members."""
    return start.startswith(_ZIP)


def tar_members(read: Callable[[int], bytes]) -> Iterator[Member]:
    """Yield the files of a tar stream. What of a member is not read is passed over. Raises BrokenContainer.

    Its records are read one by one: Python's own reader keeps all of them, and takes extended ones of any length.
    """
    at, named = 0, ""
    while block := _exactly(read, tarfile.BLOCKSIZE):
        at += tarfile.BLOCKSIZE
        if not block.strip(b"\0"):
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.TarError as error:
            raise BrokenContainer(f"is no whole tar file: {error}") from None
        part = _Part(read, max(info.size, 0))
        if info.type == tarfile.GNUTYPE_LONGNAME:
            named = part.read(MOST_NAME).rstrip(b"\0").decode("utf-8", "surrogateescape")
        elif info.isreg():
            yield Member(named or info.name, part.read, info.size, at)
            named = ""
        elif info.type in {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}:
            named = _path_of(part.read(_BLOCK)) or named
        part.pass_over()
        at += -(-part.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        _exactly(read, -part.size % tarfile.BLOCKSIZE)


def _path_of(extended: bytes) -> str:
    """The path of an extended record (POSIX pax): lines of length, key and value."""
    for line in extended.split(b"\n"):
        _, _, said = line.partition(b" ")
        if said.startswith(b"path="):
            return said[len(b"path=") :][:MOST_NAME].decode("utf-8", "surrogateescape")
    return ""


class _Part:
    """A part of a stream."""

    def __init__(self, read: Callable[[int], bytes], size: int) -> None:
        self._read = read
        self._left = size
        self.size = size

    def read(self, size: int) -> bytes:
        """Return up to `size` octets of it. Raises BrokenContainer where the stream ends before."""
        if not self._left:
            return b""
        data = self._read(min(size, self._left))
        if not data:
            raise BrokenContainer("ends too early")
        self._left -= len(data)
        return data

    def pass_over(self) -> None:
        """Read what is left of it."""
        while self.read(_BLOCK):
            pass


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """So many octets, or none at the end. Raises BrokenContainer in between."""
    data = b""
    while len(data) < size:
        more = read(size - len(data))
        if not more and data:
            raise BrokenContainer("ends too early")
        if not more:
            break
        data += more
    return data


def zip_members(path: Path) -> Iterator[Member]:
    """Yield the files of a zip file. Raises BrokenContainer, and NotUnpacked as its members are read."""
    if _directory_size(path) > MOST_DIRECTORY:
        raise BrokenContainer("has too many members")
    try:
        with zipfile.ZipFile(path) as container:
            allowed = _Allowed(path.stat().st_size)
            for info in container.infolist():
                if not info.is_dir():
                    yield from _zip_member(container, info, allowed)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise BrokenContainer(f"is no whole zip file: {str(error)[:80]}") from None


class _Allowed:
    """How much all members of a zip file may unpack to: many may share the same packed octets."""

    def __init__(self, packed: int) -> None:
        self._left = most_of(packed)

    def taken(self, data: bytes) -> bytes:
        """Count what was unpacked. Raises NotUnpacked where it is out of all proportion."""
        self._left -= len(data)
        if self._left < 0:
            raise NotUnpacked(OUT_OF_PROPORTION)
        return data


def _zip_member(container: zipfile.ZipFile, info: zipfile.ZipInfo, allowed: _Allowed) -> Iterator[Member]:
    name = info.filename[:MOST_NAME]
    if info.flag_bits & 1 or info.compress_type not in _METHODS:
        yield Member(name, _refuse, info.file_size)
        return
    with container.open(info) as file:
        yield Member(name, _careful(lambda size: allowed.taken(file.read(size))), info.file_size)


def _careful(read: Callable[[int], bytes]) -> Callable[[int], bytes]:
    def reading(size: int) -> bytes:
        try:
            return read(size)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
            raise BrokenContainer(f"cannot be unpacked: {str(error)[:80]}") from None

    return reading


def _refuse(_size: int) -> bytes:
    raise BrokenContainer("is locked, or packed in a way that is not read here")


def _directory_size(path: Path) -> int:
    """How long the directory says it is; 0 where there is none, which the reader will say."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _BLOCK - _END.size))
        tail = file.read()
    at = tail.rfind(_END_SIGN)
    if at < 0 or len(tail) < at + _END.size:
        return 0
    _, told = _END.unpack_from(tail, at)
    return size if told == 0xFFFFFFFF else int(told)  # zip64 tells it elsewhere: it is at most all of the file
