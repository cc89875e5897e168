"""Metric files whose room on the disk is taken beforehand.

prometheus-client writes into a mapped file with holes: on a full disk the kernel answers such a write with SIGBUS,
which would end a gateway amid its messages. So each file gets its blocks before it is mapped, and before it grows.
"""

import os

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

_FIRST_OCTETS = 65_536
_ENTRY_OCTETS = 32  # around each key: its length, padding, value and time


class AllottedDict(MmapedDict):
    """One file of values. Raises OSError where the disk has no room for it."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            _allot(filename, _FIRST_OCTETS)
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]  # untyped there

    def _init_value(self, key: str) -> None:
        if self._used + len(key.encode()) + _ENTRY_OCTETS > self._capacity:
            os.posix_fallocate(self._f.fileno(), 0, 2 * self._capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]  # untyped there


def use() -> None:
    """Have all metrics that are made from now on kept so."""
    values.MmapedDict = AllottedDict  # type: ignore[attr-defined]  # the one place where it looks for it


def _allot(filename: str, octets: int) -> None:
    file = os.open(filename, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, max(octets, os.fstat(file).st_size))
    finally:
        os.close(file)
