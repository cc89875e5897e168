"""Positions found by hash, in a few octets an entry: one array without Python objects, shared between forked processes.

Hashes are Python's own, so nobody outside can choose addresses that collide; an index is of no use in another process
than the one that made it and those forked from it.
"""

from array import array
from collections.abc import Iterable, Iterator

_POSITION_BITS = 32
_POSITION = (1 << _POSITION_BITS) - 1
_HASH = (1 << 64) - 1
_LEAST_SLOTS = 8


class HashIndex:
    """Open addressing with room for one and a half times the entries; a slot is half a hash and a position."""

    __slots__ = ("_slots",)

    def __init__(self, hashes: "array[int]", positions: "array[int]") -> None:
        """Make it of signed 64-bit hashes and of positions below 2**32 - 1, pair by pair."""
        size = max(_LEAST_SLOTS, len(hashes) + len(hashes) // 2) | 1
        self._slots = array("Q", bytes(8 * size))
        for hashed, position in zip(hashes, positions, strict=True):
            self._add(hashed & _HASH, position)

    def _add(self, hashed: int, position: int) -> None:
        slots, size = self._slots, len(self._slots)
        at = hashed % size
        while slots[at]:
            at = at + 1 if at + 1 < size else 0
        slots[at] = (hashed & ~_POSITION) | (position + 1)

    def at(self, hashed: int) -> Iterator[int]:
        """Yield the positions under this hash, and now and then one of another: the caller compares."""
        slots, size, hashed = self._slots, len(self._slots), hashed & _HASH
        at, wanted = hashed % size, hashed >> _POSITION_BITS
        while found := slots[at]:
            if found >> _POSITION_BITS == wanted:
                yield (found & _POSITION) - 1
            at = at + 1 if at + 1 < size else 0

    @property
    def octets(self) -> int:
        """How much memory the array takes."""
        return len(self._slots) * self._slots.itemsize


class Gathering:
    """Collects hashes and positions for an index; what was added before is left out."""

    def __init__(self) -> None:
        self._hashes, self._positions = array("q"), array("I")
        self._seen = set[int]()

    def add(self, hashed: int, position: int, once: Iterable[object] = ()) -> None:
        """Add a position under a hash, unless the same hash was added with an equal `once`.

        Many equal entries would make one long chain of slots, and each look-up and each further one would walk it.
        """
        mark = hash((hashed, *once))
        if mark not in self._seen:
            self._seen.add(mark)
            self._hashes.append(hashed)
            self._positions.append(position)

    def index(self) -> HashIndex:
        """The index of all that was added."""
        return HashIndex(self._hashes, self._positions)
