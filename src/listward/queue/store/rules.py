"""Which rules ran last, and which changes of them have still to be told. Texts at rest are sealed.

One courier at a time writes here, under a lease.
"""

import json
import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from redis.exceptions import RedisError

from listward.queue.store.codec import Codec
from listward.queue.store.names import PREFIX
from listward.queue.store.ports import DamagedBody, StoreUnavailable

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


class Telling(StrEnum):
    """Whose it is to tell a person of a change: ours now, done, or begun by a courier that may have died over it."""

    MINE = "mine"
    TOLD = "told"
    BUSY = "busy"


class Connection(Protocol):
    """What is needed of redis-py: one command at a time."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command and return its reply. Raises RedisError."""
        ...


class RulesHistory:
    """Every method raises StoreUnavailable; every step may be repeated without harm."""

    def __init__(self, redis: Connection, codec: Codec) -> None:
        self._redis, self._codec = redis, codec
        self._name = secrets.token_hex(8)

    async def ran(self) -> Ran | None:
        """The rules that ran last, None where there were none, or they cannot be opened any more."""
        sealed = (await self._all(RAN)).get(_LAST)
        values = self._opened(sealed, _LAST) if sealed else None
        return Ran(**values) if values else None

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
        found = [self._opened(sealed, id) for id, sealed in (await self._all(CHANGES)).items()]
        return tuple(sorted((Change(**values) for values in found if values), key=lambda change: change.at))

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

    async def _all(self, key: str) -> dict[str, bytes]:
        found: Any = await self._call("HGETALL", key)
        pairs = found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        return {_text(name): sealed for name, sealed in pairs}

    def _opened(self, sealed: bytes, place: str) -> dict[str, Any] | None:
        try:
            values: dict[str, Any] = json.loads(self._codec.open(sealed, place))
        except DamagedBody:
            return None
        return values

    async def _call(self, *command: str | bytes | float) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            raise StoreUnavailable("which rules ran last cannot be reached") from error


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name
