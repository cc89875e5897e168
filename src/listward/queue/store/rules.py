"""Which rules ran last, and which changes of them have still to be told. Texts at rest are sealed.

One courier at a time writes here, under a lease.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TypeVar

from listward.queue.store.codec import Codec
from listward.queue.store.direct import Connection, Direct
from listward.queue.store.names import PREFIX
from listward.queue.store.ports import DamagedBody
from listward.queue.store.record import known

RAN = f"{PREFIX}{{rules}}:ran"
CHANGES = f"{PREFIX}{{rules}}:changes"
LEASE = f"{PREFIX}{{rules}}:lease"
TOLD = f"{PREFIX}{{rules}}:told:"
_LAST = "last"
CLAIMED_S, TOLD_S = 120, 30 * 86_400
MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class Ran:
    """Rules that ran: their hash, the rules as JSON, when they began, in Unix seconds, and the mode of the site."""

    digest: str
    policy: str
    at: float
    mode: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the hashes, the rules before and after as JSON, when, in Unix seconds, and the modes of the site."""

    id: str
    digest_before: str
    digest: str
    before: str
    after: str
    at: float
    mode_before: str = ""
    mode: str = ""


Kept = TypeVar("Kept", Ran, Change)


class Telling(StrEnum):
    """Whose it is to tell a person of a change: ours now, done, or begun by a courier that may have died over it."""

    MINE = "mine"
    TOLD = "told"
    BUSY = "busy"


class RulesHistory:
    """Every method raises StoreUnavailable; every step may be repeated without harm."""

    def __init__(self, redis: Connection, codec: Codec) -> None:
        self._call, self._codec = Direct(redis, "which rules ran last cannot be reached"), codec
        self._name = secrets.token_hex(8)

    async def ran(self) -> Ran | None:
        """The rules that ran last, None where there were none, or they cannot be opened any more."""
        sealed = (await self._call.hash(RAN)).get(_LAST)
        return self._opened(Ran, sealed, _LAST) if sealed else None

    async def run(self, rules: Ran) -> None:
        """Remember rules as those that run."""
        await self._call("HSET", RAN, _LAST, self._codec.seal(json.dumps(asdict(rules)).encode(), _LAST))

    async def add(self, change: Change) -> None:
        """Keep one change until it is told; the oldest go where too many wait."""
        sealed = self._codec.seal(json.dumps(asdict(change)).encode(), change.id)
        await self._call("HSET", CHANGES, change.id, sealed)
        for old in (await self.waiting())[:-MOST_WAITING]:
            await self.done(old.id)

    async def waiting(self) -> tuple[Change, ...]:
        """What has not been told to all, oldest first."""
        found = [self._opened(Change, sealed, id) for id, sealed in (await self._call.hash(CHANGES)).items()]
        return tuple(sorted(filter(None, found), key=lambda change: change.at))

    async def done(self, id: str) -> None:
        """Forget one: all were told."""
        await self._call("HDEL", CHANGES, id)

    async def claim(self, id: str, address: str) -> Telling:
        """Begin to tell a person, where nobody has told her or is about to."""
        name = self._told(id, address)
        if await self._call("SET", name, Telling.BUSY, "EX", CLAIMED_S, "NX"):
            return Telling.MINE
        return Telling.TOLD if await self._call("GET", name) == Telling.TOLD.encode() else Telling.BUSY

    async def told(self, id: str, address: str) -> None:
        """This person has been told."""
        await self._call("SET", self._told(id, address), Telling.TOLD, "EX", TOLD_S)

    async def not_told(self, id: str, address: str) -> None:
        """This person could not be told."""
        await self._call("DEL", self._told(id, address))

    async def lease(self, seconds: int) -> bool:
        """Take the work for some seconds; False while another courier has it."""
        return bool(await self._call("SET", LEASE, self._name, "EX", seconds, "NX"))

    async def release(self) -> None:
        """Give the work back."""
        if await self._call("GET", LEASE) == self._name.encode():
            await self._call("DEL", LEASE)

    def _told(self, id: str, address: str) -> str:
        return f"{TOLD}{id}:{self._codec.lasting_name(address)}"

    def _opened(self, kind: type[Kept], sealed: bytes, place: str) -> Kept | None:
        """Open one, also where another release wrote more; None where it wrote less, or the key is gone."""
        try:
            return known(kind, json.loads(self._codec.open(sealed, place)))
        except (DamagedBody, ValueError, TypeError):
            return None
