"""Unpacks a stream as it is read, with bounds: what packs a thousand times tighter than mail does is no mail."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

import zstandard

MOST_RATIO = 500
"""Octets out for each octet in, beyond the first `LEAST_BOUND`: mail packs 3 to 20 times, repeated mail more."""
LEAST_BOUND = 256 * 1024 * 1024
MOST_WINDOW = 128 * 1024 * 1024
"""Memory that unpacking xz or zstd may take: what `zstd --long` and `xz -9` need."""
BLOCK = 256 * 1024
ZSTD_STEP = 256
"""Octets given to zstd at once: 4 of them may unpack to 128 KiB."""
MAGIC = {".gz": b"\x1f\x8b", ".bz2": b"BZh", ".xz": b"\xfd7zXZ\x00", ".zst": b"\x28\xb5\x2f\xfd"}
SIGNS = 6
OUT_OF_PROPORTION = "unpacks to far more than mail does; the rest of it is left out"


class NotUnpacked(Exception):
    """The packed data are broken, or unpack to more than mail does."""


class _Unpacker(Protocol):
    """What bz2, lzma and zlib call a decompressor."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def packing(name: str, start: bytes) -> str:
    """Return how a file is packed, as the ending of such names: by its first octets, else by its name; "" for not."""
    for ending, magic in MAGIC.items():
        if start.startswith(magic) or name.lower().endswith(ending):
            return ending
    return ""


def unpacked(ending: str, packed: BinaryIO) -> "Bounded":
    """Return what a packed stream holds; reading raises NotUnpacked."""
    counted = _Counted(packed)
    return Bounded(_OPENERS[ending](counted), lambda: counted.count)


def most_of(packed: int) -> int:
    """To how many octets so many may unpack."""
    return max(LEAST_BOUND, MOST_RATIO * packed)


class Bounded:
    """A stream that ends by NotUnpacked where it gets out of all proportion to what it was unpacked from."""

    def __init__(self, stream: BinaryIO, consumed: Callable[[], int]) -> None:
        self._stream = stream
        self._consumed = consumed
        self._given = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` octets, b"" at the end. Raises NotUnpacked."""
        try:
            data = self._stream.read(size)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
            raise NotUnpacked(f"cannot be unpacked: {str(error)[:80]}") from None
        self._given += len(data)
        if self._given > most_of(self._consumed()):
            raise NotUnpacked(OUT_OF_PROPORTION)
        return data


class _Counted(io.RawIOBase):
    """Passes reads on, and counts them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


class _Members(io.RawIOBase):
    """Members one behind the other, as these formats allow: an xz file may be several, packed by several processors."""

    def __init__(self, stream: _Counted, make: Callable[[], _Unpacker]) -> None:
        self._stream = stream
        self._make = make
        self._unpacker = make()
        self._rest = b""
        self._out, self._given = b"", 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._given >= len(self._out):
            self._out, self._given = self._more(size), 0
        data = self._out[self._given : self._given + size] if size >= 0 else self._out[self._given :]
        self._given += len(data)
        return data

    def _more(self, size: int) -> bytes:
        """The next octets, b"" at the end; mostly at most `size`."""
        while True:
            if self._unpacker.eof:
                self._rest = self._unpacker.unused_data.lstrip(b"\0") or self._stream.read(BLOCK).lstrip(b"\0")
                if not self._rest:
                    return b""
                self._unpacker = self._make()
            given = self._rest if self._rest or not _hungry(self._unpacker) else self._stream.read(BLOCK)
            if not given and _hungry(self._unpacker):
                raise EOFError("it ends too early")
            self._rest = b""
            if data := self._unpacker.decompress(given, size):
                return data


class _Zstd:
    """zstd's own reader takes a file that was cut off for one that has ended; this one knows where a frame ends.

    It is given little at a time: what comes out of one step has no other bound.
    """

    def __init__(self) -> None:
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW).decompressobj()
        self._left = memoryview(b"")

    @property
    def eof(self) -> bool:
        return self._unpacker.eof

    @property
    def unused_data(self) -> bytes:
        return self._unpacker.unused_data + bytes(self._left)

    @property
    def needs_input(self) -> bool:
        return not self._left

    def decompress(self, data: bytes, _max_length: int = -1, /) -> bytes:
        given = self._left if self._left else memoryview(data)  # whoever has some left needs no more
        step, self._left = given[:ZSTD_STEP], given[ZSTD_STEP:]
        return self._unpacker.decompress(step)


def _hungry(unpacker: _Unpacker) -> bool:
    return bool(getattr(unpacker, "needs_input", True))


def _gz(stream: _Counted) -> BinaryIO:
    return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]  # it reads as any binary file does


def _bz2(stream: _Counted) -> BinaryIO:
    return _Members(stream, bz2.BZ2Decompressor)  # type: ignore[return-value]  # as above


def _xz(stream: _Counted) -> BinaryIO:
    return _Members(stream, lambda: lzma.LZMADecompressor(memlimit=MOST_WINDOW))  # type: ignore[return-value]  # as above


def _zst(stream: _Counted) -> BinaryIO:
    return _Members(stream, _Zstd)  # type: ignore[return-value]  # as above


_OPENERS: dict[str, Callable[[_Counted], BinaryIO]] = {".gz": _gz, ".bz2": _bz2, ".xz": _xz, ".zst": _zst}
