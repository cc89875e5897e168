"""Which freezes and thaws the person has still to be told of: what the desk writes and the courier works off.

The text at rest is sealed, since it names mailboxes.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from listward.queue.store.codec import Codec
from listward.queue.store.direct import Connection, Direct
from listward.queue.store.names import PREFIX
from listward.queue.store.ports import DamagedBody

WAITING = f"{PREFIX}{{standings}}:switches"
LEASE = f"{PREFIX}{{standings}}:switches-lease"
ONCE = f"{PREFIX}{{standings}}:once:"


class Turned(StrEnum):
    """Which way an account's switch was turned."""

    FROZEN = "frozen"
    THAWED = "thawed"


@dataclass(frozen=True, slots=True)
class Switch:
    """One act: the mailbox that may be somebody else's, and the same person's other addresses. `at` is Unix seconds."""

    id: str
    turned: Turned
    address: str
    others: tuple[str, ...]
    at: float


class Switches:
    """Every method raises StoreUnavailable; every step may be repeated without harm."""

    def __init__(self, redis: Connection, codec: Codec) -> None:
        self._call = Direct(redis, "what is to be told of frozen accounts cannot be reached")
        self._codec = codec

    async def add(self, switch: Switch) -> None:
        """Keep one until it is told."""
        text = json.dumps(asdict(switch)).encode()
        await self._call("HSET", WAITING, switch.id, self._codec.seal(text, switch.id))

    async def waiting(self) -> tuple[Switch, ...]:
        """What has not been told, oldest first. What cannot be opened any more is left out."""
        opened = [self._opened(id, sealed) for id, sealed in (await self._call.hash(WAITING)).items()]
        return tuple(sorted((switch for switch in opened if switch), key=lambda switch: switch.at))

    async def done(self, id: str) -> None:
        """Forget one: it was told, or there is nobody to tell."""
        await self._call("HDEL", WAITING, id)

    async def lease(self, seconds: int) -> bool:
        """Take the telling for some seconds; False while another courier has it."""
        return bool(await self._call("SET", LEASE, "1", "EX", seconds, "NX"))

    async def release(self) -> None:
        """Give the telling back."""
        await self._call("DEL", LEASE)

    async def first(self, name: str, seconds: int) -> bool:
        """Whether no courier has done what is called so within these seconds; from now on one has."""
        return bool(await self._call("SET", ONCE + name, "1", "EX", seconds, "NX"))

    async def undo(self, name: str) -> None:
        """Forget that what is called so was done."""
        await self._call("DEL", ONCE + name)

    def _opened(self, id: str, sealed: bytes) -> Switch | None:
        try:
            values = json.loads(self._codec.open(sealed, id))
            address, others, at = values["address"], tuple(values["others"]), float(values["at"])
            return Switch(values["id"], Turned(values["turned"]), address, others, at)
        except (DamagedBody, ValueError, KeyError, TypeError):
            return None  # of another release, or changed: nobody is told by it, and the others still are
