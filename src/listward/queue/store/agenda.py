"""What has come due: the courier's questions to the indexes, asked for many lists at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from listward.queue.cases.case import Case, CaseState
from listward.queue.store.durability import Guard
from listward.queue.store.events import event_of
from listward.queue.store.indexes import STAGES
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.words import Words

MOST = 100  # of one list in one round


@dataclass(frozen=True, slots=True)
class Due:
    """One case that has come due, and when it did."""

    list: str
    number: str
    at: float


class Agenda:
    """Asks, and notes what was said once. Everything raises StoreUnavailable."""

    def __init__(self, lanes: Lanes, guard: Guard) -> None:
        self._lanes = lanes
        self._guard = guard

    async def deliveries(self, lists: Sequence[str], now: float) -> list[Due]:
        """Released cases whose time to undo is over, or whose next try is due."""
        return await self._upto([ListKeys(name).due for name in lists], lists, now)

    async def under_way(self, lists: Sequence[str], now: float) -> list[Due]:
        """Cases that are being delivered."""
        return await self._upto([ListKeys(name).state(CaseState.DELIVERING) for name in lists], lists, now)

    async def waiting(self, lists: Sequence[str], stage: str, now: float) -> list[Due]:
        """Undecided cases for which this stage of the clock has run out."""
        return await self._upto([ListKeys(name).waiting(stage) for name in lists], lists, now)

    async def strangers(self, lists: Sequence[str], opened_before: float) -> list[Due]:
        """Undecided messages of authors nobody could prove, by the time they came."""
        return await self._upto([ListKeys(name).strangers for name in lists], lists, opened_before)

    async def texts(self, lists: Sequence[str], kind: str, before: float) -> list[Due]:
        """Decided cases of one kind of retention whose text was kept since before then."""
        return await self._upto([ListKeys(name).bodies(kind) for name in lists], lists, before)

    async def facts(self, lists: Sequence[str], before: float) -> list[Due]:
        """Decided cases without text whose facts were kept since before then."""
        return await self._upto([ListKeys(name).facts for name in lists], lists, before)

    async def pending(self, lists: Sequence[str], before: float) -> list[Due]:
        """Numbers whose message was begun before then; a case may have come of it or not."""
        return await self._upto([ListKeys(name).pending for name in lists], lists, before)

    async def with_events(self, lists: Sequence[str]) -> list[str]:
        """The lists whose outbox is not empty."""
        keys = [ListKeys(name).outbox for name in lists]
        counts = await self._lanes.spread([(key, ("XLEN", key)) for key in keys])
        return [name for name, count in zip(lists, counts, strict=True) if count]

    async def announce(self, due: Due, case: Case, stage: str, next_in_s: float) -> bool:
        """Put a clock's stage into the outbox, once; False when somebody else did."""
        keys, place = ListKeys(due.list), STAGES.index(stage)
        following = [keys.waiting(name) for name in STAGES[place + 1 : place + 2]]
        call = LIBRARY.call(
            "announce",
            (keys.case(due.number), keys.outbox, keys.waiting(stage), *following),
            due.number,
            due.at,
            due.at + next_in_s,
            event_of(case, stage, due.at, "courier"),
        )
        return bool((await self._guard.write(keys.outbox, call))[0])

    async def sweep(self, due: Due) -> bool:
        """Drop the message of a hold that never became a case; say whether there was one."""
        keys = ListKeys(due.list)
        places = (keys.case(due.number), keys.body(due.number), keys.pending)
        return bool(await self._lanes.one(keys.pending, *LIBRARY.call("sweep", places, due.number)))

    async def lease(self, keys: Sequence[str], owner: str, life_s: float) -> list[bool]:
        """Take or renew leases; True for each that is the owner's now."""
        milliseconds = int(life_s * 1000)
        calls = [(key, LIBRARY.call("lease", (key,), owner, milliseconds)) for key in keys]
        return [bool(reply) for reply in await self._lanes.spread(calls)]

    async def end_lease(self, keys: Sequence[str], owner: str) -> None:
        """Give leases back, so that another courier need not wait for their end."""
        await self._lanes.spread([(key, LIBRARY.call("end_lease", (key,), owner)) for key in keys])

    async def _upto(self, indexes: list[str], lists: Sequence[str], score: float) -> list[Due]:
        commands: list[tuple[str, Words]] = [
            (index, ("ZRANGEBYSCORE", index, "-inf", score, "WITHSCORES", "LIMIT", 0, MOST)) for index in indexes
        ]
        replies = await self._lanes.spread(commands)
        return [
            Due(name, member.decode(), float(at))
            for name, reply in zip(lists, replies, strict=True)
            for member, at in reply
        ]
