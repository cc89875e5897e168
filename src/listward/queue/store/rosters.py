"""The last good copy of each roster that the courier reads elsewhere: sealed in pieces, for gateways and consoles.

A hash for each list says which copy is in use and when the source last agreed; the pieces of a copy are a hash of their
own. Both lapse when no courier renews them: a list that nobody configures any more leaves no people behind.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import msgspec

from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.store.codec import Codec
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import DamagedBody
from listward.queue.store.words import Word, Words
from listward.runtime.ids import new_id

KEPT_S = 30 * 86_400
LEFT_S = 600  # how long a copy that was replaced is there for those who began to read it
UNFINISHED_S = 3600
PEOPLE = 2000  # in one piece: some 150 KiB before they are packed
PIECES_AT_ONCE = 16


class _Head(msgspec.Struct, frozen=True):
    digest: str
    size: int
    pieces: int
    people: int


class _Person(msgspec.Struct, frozen=True, array_like=True):
    """A RosterEntry at rest. Fields are only ever added, at the end."""

    address: str
    name: str
    role: Role
    first_posts_moderated: bool = False
    language: str = ""
    until: date | None = None
    reason: str = ""
    others: tuple[str, ...] = ()
    first_posts: int = 0


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a glance at the store tells of a list's copy: its name, "" for none, and when the source last agreed."""

    copy: str = ""
    agreed_at: float = 0.0


@dataclass(frozen=True, slots=True)
class SealedRoster:
    """A roster packed and encrypted. `digest` is the same for the same people."""

    name: str
    digest: str
    people: int
    head: bytes = field(repr=False)
    pieces: tuple[bytes, ...] = field(repr=False)


class StoredRoster:
    """A copy as the store gave it back. `people` opens it, in any thread."""

    def __init__(self, codec: Codec, place: str, head: _Head, pieces: Sequence[bytes]) -> None:
        self._codec, self._place, self._head, self._pieces = codec, place, head, pieces

    @property
    def digest(self) -> str:
        """The same for the same people."""
        return self._head.digest

    def __len__(self) -> int:
        return self._head.people

    def people(self) -> Iterator[RosterEntry]:
        """Everybody, piece by piece. Raises DamagedBody, perhaps only at the end: nothing of it may be used then."""
        opener = self._codec.opener(self._place, self._head.pieces, self._head.size, self._head.digest)
        for piece in self._pieces:
            yield from map(_entry, _read(opener.open(piece)))
        opener.end()


class StoredRosters:
    """Writes and reads copies. Everything asynchronous raises StoreUnavailable."""

    def __init__(self, lanes: Lanes, codec: Codec) -> None:
        self._lanes = lanes
        self._codec = codec

    def seal(self, list_address: str, people: Iterable[RosterEntry]) -> SealedRoster:
        """Pack and encrypt a roster, in any thread. People in equal order have an equal digest."""
        name, walk, plain = new_id(), iter(people), list[bytes]()
        count = 0
        while some := tuple(islice(walk, PEOPLE)):
            plain.append(msgspec.msgpack.encode([_person(entry) for entry in some]))
            count += len(some)
        plain = plain or [msgspec.msgpack.encode([])]
        digest = hashlib.sha256(b"".join(plain)).hexdigest()
        head = _Head(digest, sum(map(len, plain)), len(plain), count)
        place = _place(list_address, name)
        pieces = tuple(self._codec.seal_piece(piece, place, at, len(plain)) for at, piece in enumerate(plain))
        return SealedRoster(name, digest, count, self._codec.seal(msgspec.json.encode(head), place), pieces)

    async def write(self, list_address: str, roster: SealedRoster, at: float) -> None:
        """Put a copy in the place of the one before, at once for all who read."""
        keys = ListKeys(list_address)
        pieces = keys.roster_pieces(roster.name)
        for start in range(0, len(roster.pieces), PIECES_AT_ONCE):
            words: list[Word] = []
            for offset, piece in enumerate(roster.pieces[start : start + PIECES_AT_ONCE]):
                words += [start + offset, piece]
            await self._lanes.run(keys.roster, ("HSET", pieces, *words), ("EXPIRE", pieces, UNFINISHED_S))
        before = (await self.stamps([list_address]))[list_address].copy
        commands: list[Words] = [
            ("EXPIRE", pieces, KEPT_S),
            ("HSET", keys.roster, "copy", roster.name, "head", roster.head, "agreed", at),
            ("HDEL", keys.roster, "doubted"),
            ("EXPIRE", keys.roster, KEPT_S),
        ]
        if before and before != roster.name:
            commands.append(("EXPIRE", keys.roster_pieces(before), LEFT_S))
        await self._lanes.run(keys.roster, *commands)

    async def agree(self, list_address: str, at: float) -> None:
        """Note that the source still says what the copy says."""
        key = ListKeys(list_address).roster
        await self._lanes.run(key, ("HSET", key, "agreed", at), ("HDEL", key, "doubted"))

    async def doubt(self, list_address: str, at: float) -> float:
        """Note that the source says what is hard to believe; return since when it does."""
        key = ListKeys(list_address).roster
        replies = await self._lanes.run(key, ("HSETNX", key, "doubted", at), ("HGET", key, "doubted"))
        return float(replies[1] or at)

    async def keep(self, list_address: str) -> None:
        """Renew the copy's time, whether the source is there or not."""
        keys, stamp = ListKeys(list_address), (await self.stamps([list_address]))[list_address]
        if stamp.copy:
            places = (keys.roster, keys.roster_pieces(stamp.copy))
            await self._lanes.run(keys.roster, *(("EXPIRE", place, KEPT_S) for place in places))

    async def stamps(self, lists: Sequence[str]) -> Mapping[str, Stamp]:
        """Ask which copy each list has: one small question for all of them."""
        keys = [ListKeys(name).roster for name in lists]
        replies = await self._lanes.spread([(key, ("HMGET", key, "copy", "agreed")) for key in keys])
        return {
            name: Stamp(copy.decode(), float(agreed or 0)) if copy else Stamp()
            for name, (copy, agreed) in zip(lists, replies, strict=True)
        }

    async def read(self, list_address: str) -> tuple[Stamp, StoredRoster] | None:
        """Fetch the copy in use, None where there is none. Raises DamagedBody as well."""
        keys = ListKeys(list_address)
        copy, agreed, sealed = await self._lanes.one(keys.roster, "HMGET", keys.roster, "copy", "agreed", "head")
        if not copy:
            return None
        name = copy.decode()
        place = _place(list_address, name)
        head = _head(self._codec.open(sealed or b"", place))
        pieces = await self._pieces(keys.roster_pieces(name), head.pieces)
        return Stamp(name, float(agreed or 0)), StoredRoster(self._codec, place, head, pieces)

    async def _pieces(self, key: str, count: int) -> list[bytes]:
        pieces: list[bytes] = []
        for start in range(0, count, PIECES_AT_ONCE):
            numbers = range(start, min(count, start + PIECES_AT_ONCE))
            pieces += await self._lanes.one(key, "HMGET", key, *numbers)
        if None in pieces:
            raise DamagedBody("a piece of the roster is not there")
        return pieces


def _place(list_address: str, name: str) -> str:
    return f"roster/{list_address.lower()}/{name}"


def _head(plain: bytes) -> _Head:
    try:
        return msgspec.json.decode(plain, type=_Head)
    except msgspec.DecodeError:
        raise DamagedBody("it is not a roster's head") from None


def _read(plain: bytes) -> list[_Person]:
    try:
        return msgspec.msgpack.decode(plain, type=list[_Person])
    except msgspec.DecodeError:
        raise DamagedBody("it is no roster") from None


def _person(entry: RosterEntry) -> _Person:
    return _Person(
        entry.address,
        entry.name,
        entry.role,
        entry.first_posts_moderated,
        entry.language,
        entry.until,
        entry.reason,
        entry.others,
        entry.first_posts,
    )


def _entry(person: _Person) -> RosterEntry:
    return RosterEntry(
        person.address,
        person.name,
        person.role,
        person.first_posts_moderated,
        person.language,
        person.until,
        person.reason,
        person.others,
        person.first_posts,
    )
