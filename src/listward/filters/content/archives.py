"""Looks into archives within firm bounds. What cannot be looked into is said, never passed over."""

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

ENTRIES = 1000
ALL_ENTRIES = 5000
DIRECTORY_BYTES = 512 * 1024
TOTAL_BYTES = 8 * 1024 * 1024
MEMBER_BYTES = 2 * 1024 * 1024
DEPTH = 5
RATIO = 200
_LOCAL = b"PK\x03\x04"
_END = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive. `content` is b"" where it was not unpacked, cut at the bound where it is larger."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Listing:
    """What an archive holds. `trouble` names why not all could be seen: "encrypted", "too-large", "unreadable"."""

    members: tuple[Member, ...]
    trouble: str = ""


class Budget:
    """Bytes that may still be unpacked for one message, and entries of archives that may still be looked at.

    A few octets make an entry, and archives in archives repeat them: bytes alone bound little of the work.
    """

    def __init__(self) -> None:
        self.left = TOTAL_BYTES
        self.entries = ALL_ENTRIES


def read_zip(content: bytes, budget: Budget) -> Listing:
    """List a zip file, and unpack what the bounds allow."""
    local = tuple(Member(name, b"") for name in _local_names(content))
    if not _directory_bounded(content):
        return Listing(local, "too-large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read_members(archive, local, budget)
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        NotImplementedError,
        struct.error,
        EOFError,
        IndexError,
        OverflowError,
    ):
        # Behind other data it may be no archive at all.
        return Listing(local, "unreadable" if content.startswith(b"PK") else "")


def _directory_bounded(content: bytes) -> bool:
    """Whether the central directory is small enough to be read at all (before anything is built from it)."""
    at = content.rfind(_END, max(0, len(content) - 65_600))
    if at < 0 or at + 22 > len(content):
        return True  # no directory: the library says unreadable
    entries, size = struct.unpack_from("<HI", content, at + 10)
    return bool(entries <= ENTRIES and size <= DIRECTORY_BYTES)


def _read_members(archive: zipfile.ZipFile, local: tuple[Member, ...], budget: Budget) -> Listing:
    members: list[Member] = []
    trouble = ""
    infos = archive.infolist()
    for info in infos[:ENTRIES]:
        if info.flag_bits & 0x1:
            trouble = "encrypted"
            members.append(Member(info.filename, b""))
            continue
        if not _bounded(info, budget):
            trouble = trouble or "too-large"
            members.append(Member(info.filename, _unpack(archive, info, budget, 64)))
            continue
        members.append(Member(info.filename, _unpack(archive, info, budget, MEMBER_BYTES)))
    central = {member.name for member in members}
    # Readers that stream take the local headers: their names count as well.
    members += [member for member in local if member.name not in central]
    return Listing(tuple(members), trouble)


def _bounded(info: zipfile.ZipInfo, budget: Budget) -> bool:
    ratio = info.file_size / max(info.compress_size, 1)
    return info.file_size <= min(MEMBER_BYTES, budget.left) and (ratio <= RATIO or info.file_size <= 65_536)


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, most: int) -> bytes:
    """The first bytes of a member; b"" where it cannot be read."""
    try:
        with archive.open(info) as member:
            content = member.read(min(most, max(budget.left, 0)))
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        return b""
    budget.left -= len(content)
    return content


def _local_names(content: bytes) -> Iterator[str]:
    """Names in the local headers, wherever they stand (APPNOTE 4.3.7)."""
    at = content.find(_LOCAL)
    for _ in range(ENTRIES):
        if at < 0 or at + 30 > len(content):
            return
        (length,) = struct.unpack_from("<H", content, at + 26)
        if 0 < length <= 512:
            yield content[at + 30 : at + 30 + length].decode("utf-8", "replace")
        at = content.find(_LOCAL, at + 4)


def read_stream(kind: str, content: bytes, budget: Budget) -> Listing:
    """The one file in a "gzip", "bzip2" or "xz" stream."""
    most = max(1, min(MEMBER_BYTES, budget.left))
    try:
        inner, more = _inflate(kind, content, most)
    except (zlib.error, OSError, ValueError, lzma.LZMAError, EOFError):
        return Listing((), "unreadable")
    budget.left -= len(inner)
    return Listing((Member("", inner),), "too-large" if more else "")


def _inflate(kind: str, content: bytes, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes, and whether there are more."""
    if kind == "gzip":
        inflater = zlib.decompressobj(31)
        return inflater.decompress(content, most), not inflater.eof
    unpacker = bz2.BZ2Decompressor() if kind == "bzip2" else lzma.LZMADecompressor(memlimit=64 * 1024 * 1024)
    return unpacker.decompress(content, most), not unpacker.eof


def read_tar(content: bytes) -> Listing:
    """The files in a tar archive, by the sizes in its headers (POSIX ustar)."""
    members: list[Member] = []
    at = 0
    while at + 512 <= len(content) and len(members) < ENTRIES:
        header = content[at : at + 512]
        if header[257:262] != b"ustar":
            break
        size = int(header[124:135].strip(b" \x00") or b"0", 8) if header[124:135].strip(b" \x00").isdigit() else 0
        name = header[:100].partition(b"\x00")[0].decode("utf-8", "replace")
        members.append(Member(name, content[at + 512 : at + 512 + min(size, MEMBER_BYTES)]))
        at += 512 + (size + 511) // 512 * 512
    return Listing(tuple(members), "too-large" if len(members) == ENTRIES else "")


def read(kind: str, content: bytes, budget: Budget) -> Listing:
    """List an archive of a kind that `filetypes.kind` names."""
    if kind == "zip":
        return read_zip(content, budget)
    return read_tar(content) if kind == "tar" else read_stream(kind, content, budget)
