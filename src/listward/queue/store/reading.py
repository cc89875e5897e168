"""Reading cases, messages and pages of cases."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from listward.queue.cases.case import Case, CaseState
from listward.queue.store.codec import Codec
from listward.queue.store.lanes import Lanes
from listward.queue.store.names import ListKeys
from listward.queue.store.numbering import Numbering
from listward.queue.store.ports import CasePage, DamagedBody, StoreUnavailable, UnknownCase
from listward.queue.store.record import StoredCase, read_record
from listward.queue.store.words import Words
from listward.wire.payload import Payload
from listward.wire.spool import HeaderTooLong, Intake

Place = tuple[float, str]  # opening time and number: the order of every page


class Reading:
    """Reads what holds and rulings wrote. `spool` is where large messages are unpacked, None for the system's own."""

    def __init__(self, lanes: Lanes, codec: Codec, numbering: Numbering, spool: Path | None = None) -> None:
        self._lanes = lanes
        self._codec = codec
        self._numbering = numbering
        self._spool = spool

    async def stored(self, number: str) -> tuple[ListKeys, StoredCase]:
        """Return a case and its list's keys. Raises UnknownCase, DamagedBody, StoreUnavailable."""
        keys, number = await self._numbering.keys_of(number)
        record = await self._lanes.small(keys.case(number), "HGETALL", keys.case(number))
        if not record:
            raise UnknownCase(number)
        return keys, read_record(self._codec, number, record)

    async def body(self, number: str) -> bytes:
        """Return the message as it came. Raises UnknownCase when it is gone, DamagedBody, StoreUnavailable."""
        return b"".join([piece async for piece in self._pieces(number)])

    @asynccontextmanager
    async def opened(self, number: str) -> AsyncIterator[Payload]:
        """Give the message as it came, a large one in a file that is gone afterwards. Raises like `body`."""
        intake = Intake(self._spool)
        try:
            try:
                async for piece in self._pieces(number):
                    intake.add(piece)
                payload = intake.ended()
            except OSError:
                raise StoreUnavailable("there is no room to unpack a large message") from None
            except HeaderTooLong:
                payload = Payload(await self.body(number))
            yield payload
        finally:
            intake.close()

    async def _pieces(self, number: str) -> AsyncIterator[bytes]:
        """Yield the message; it may be used when the last piece has come without an error."""
        keys, stored = await self.stored(number)
        number = stored.case.number
        if not stored.pieces:
            raise UnknownCase(number)
        place = keys.body(number)
        opener = self._codec.opener(number, stored.pieces, stored.size, stored.digest)
        # One round trip a piece: a message of 50 MiB must not make the store's other clients wait.
        for index in range(stored.pieces):
            sealed = await self._lanes.one(place, "HGET", place, str(index))
            if sealed is None:
                raise DamagedBody("a piece of it is missing")
            yield opener.open(sealed)
        opener.end()

    async def page(
        self,
        states: Sequence[CaseState],
        lists: Sequence[str],
        queue: str,
        limit: int,
        cursor: str,
        newest_first: bool = False,
    ) -> CasePage:
        """List cases, oldest first unless told otherwise. Raises StoreUnavailable."""
        every = tuple(lists) or await self._numbering.lists()
        wanted = tuple(dict.fromkeys(states)) or tuple(CaseState)
        indexes = [
            (keys, keys.queue(queue, state) if queue else keys.state(state))
            for keys in map(ListKeys, dict.fromkeys(every))
            for state in wanted
        ]
        places = await self._places(indexes, _read_cursor(cursor), limit + 1, newest_first)
        chosen = places[:limit]
        found = await self._records(chosen)
        cases = tuple(case for case in found if case is not None and case.state in wanted)
        more = len(places) > limit
        return CasePage(cases, f"{chosen[-1][0][0]!r}:{chosen[-1][0][1]}" if more and chosen else "")

    async def _places(
        self, indexes: list[tuple[ListKeys, str]], after: Place | None, limit: int, newest_first: bool
    ) -> list[tuple[Place, ListKeys]]:
        """Merge the next members of all indexes. Equal times are ordered by number, as the index itself orders them."""
        commands: list[tuple[str, Words]] = []
        for _, index in indexes:
            start = f"({after[0]!r}" if after else ("+inf" if newest_first else "-inf")
            if after:
                commands.append((index, ("ZRANGEBYSCORE", index, after[0], after[0], "WITHSCORES")))
            walk: Words = (
                ("ZREVRANGEBYSCORE", index, start, "-inf") if newest_first else ("ZRANGEBYSCORE", index, start, "+inf")
            )
            commands.append((index, (*walk, "WITHSCORES", "LIMIT", 0, limit)))
        replies = await self._lanes.spread(commands)
        owners = [keys for keys, _ in indexes for _ in range(2 if after else 1)]
        found = {
            (float(score), member.decode()): keys
            for keys, reply in zip(owners, replies, strict=True)
            for member, score in reply
        }
        return sorted(
            ((place, keys) for place, keys in found.items() if after is None or _behind(place, after, newest_first)),
            key=lambda entry: entry[0],
            reverse=newest_first,
        )[:limit]

    async def _records(self, places: list[tuple[Place, ListKeys]]) -> list[Case | None]:
        commands: list[tuple[str, Words]] = [
            (keys.case(number), ("HGETALL", keys.case(number))) for (_, number), keys in places
        ]
        records = await self._lanes.spread(commands)
        return [self._readable(number, record) for ((_, number), _), record in zip(places, records, strict=True)]

    def _readable(self, number: str, record: Mapping[bytes, bytes]) -> Case | None:
        """One damaged record must not hide a whole page; asked for by itself it says that it is damaged."""
        try:
            return read_record(self._codec, number, record).case if record else None
        except DamagedBody:
            return None


def _behind(place: Place, after: Place, newest_first: bool) -> bool:
    return place < after if newest_first else place > after


def _read_cursor(cursor: str) -> Place | None:
    """A cursor is the place of the last case shown; anything else starts from the beginning."""
    score, _, number = cursor.partition(":")
    try:
        return (float(score), number) if number else None
    except ValueError:
        return None
