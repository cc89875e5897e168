"""How many notices an author got today, and what waits for the next day's summary. No address is kept: names only.

Only people of the roster are asked: so a name has to be keyed, or whoever reads the store could try addresses on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from listward.queue.store.direct import Connection, Direct

TAG = "listward:{notices}"
DAY_S = 86_400
KEPT_S = 3 * DAY_S


@dataclass(frozen=True, slots=True)
class Later:
    """One notice that waits for a summary."""

    number: str
    kind: str
    event_id: str

    def encoded(self) -> str:
        """As one member of a set."""
        return f"{self.number} {self.kind} {self.event_id}"


class NoticeLedger:
    """Counts and postpones. Every method raises StoreUnavailable; every step may be repeated without harm.

    `named` gives the keyed name of an address (`Codec.lasting_name`).
    """

    def __init__(self, redis: Connection, named: Callable[[str], str]) -> None:
        self._call = Direct(redis, "the counts of notices cannot be reached")
        self._named = named

    async def place(self, author: str, event_id: str, at: float) -> int:
        """Which notice of the author's day this is, counted from 0; the same event keeps its place."""
        key = f"{TAG}:day:{datetime.fromtimestamp(at, UTC):%Y%m%d}:{self._name(author)}"
        await self._call("ZADD", key, "NX", at, event_id)
        await self._call("EXPIRE", key, KEPT_S)
        rank = await self._call("ZRANK", key, event_id)
        return int(rank or 0)

    async def is_first(self, author: str, event_id: str, at: float) -> bool:
        """Whether this event has the one place of the author's day, and keep it for this event where it is free."""
        key = f"{TAG}:asked:{datetime.fromtimestamp(at, UTC):%Y%m%d}:{self._name(author)}"
        await self._call("SET", key, event_id, "EX", KEPT_S, "NX")
        return bool(await self._call("GET", key) == event_id.encode())

    async def postpone(self, later: Later, at: float) -> None:
        """Keep a notice for the summary of the next day."""
        due = (int(at) // DAY_S + 1) * DAY_S
        await self._call("ZADD", f"{TAG}:later", "NX", due, later.encoded())

    async def due(self, now: float) -> tuple[Later, ...]:
        """What should be in a summary by now, oldest first."""
        members = await self._call("ZRANGEBYSCORE", f"{TAG}:later", "-inf", now)
        texts = [member.decode() if isinstance(member, bytes) else str(member) for member in members]
        return tuple(Later(*text.split(" ", 2)) for text in texts)

    async def lease(self, seconds: int) -> bool:
        """Take the sending of summaries for some seconds; False while another courier has it."""
        return bool(await self._call("SET", f"{TAG}:lease", "1", "EX", seconds, "NX"))

    async def release(self) -> None:
        """Give the sending of summaries back."""
        await self._call("DEL", f"{TAG}:lease")

    async def settle(self, laters: tuple[Later, ...]) -> None:
        """Forget what was told."""
        if laters:
            await self._call("ZREM", f"{TAG}:later", *(later.encoded() for later in laters))

    def _name(self, author: str) -> str:
        return self._named(f"notices {author.lower()}")
