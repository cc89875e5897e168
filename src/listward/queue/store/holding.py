"""Holding: pieces of the message first, the small case record last. The record is the commit."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence

from listward.queue.cases.case import Case, CaseDraft, CaseState
from listward.queue.store.codec import PIECE, Codec, pieces_of
from listward.queue.store.durability import Guard
from listward.queue.store.events import event_of
from listward.queue.store.held_bytes import HeldBytes
from listward.queue.store.indexes import moves
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import ListKeys
from listward.queue.store.numbering import Numbering
from listward.queue.store.ports import HeldLimit, StoreUnavailable
from listward.queue.store.reading import Reading
from listward.queue.store.record import StoredCase, draft_fields, standing_fields
from listward.queue.store.settings import Settings
from listward.queue.store.trail import hold_entry
from listward.queue.store.words import Words
from listward.wire.payload import Payload

AT_ONCE = 8  # pieces in one pipeline: 2 MiB, so that a large message leaves room for others
IN_LOOP = 4  # pieces of a message of 1 MiB; those of larger ones are packed in a thread
REMEMBERED_S = 14 * 86_400


class Holding:
    """Writes new cases."""

    def __init__(
        self,
        lanes: Lanes,
        guard: Guard,
        codec: Codec,
        numbering: Numbering,
        reading: Reading,
        held: HeldBytes,
        settings: Settings,
    ) -> None:
        self._lanes = lanes
        self._guard = guard
        self._codec = codec
        self._numbering = numbering
        self._reading = reading
        self._held = held
        self._settings = settings

    async def hold(self, draft: CaseDraft, body: Payload, now: float) -> Case:
        """Write a case, or return the one that this ledger key led to before. Raises StoreUnavailable, HeldLimit."""
        keys = ListKeys(draft.list)
        try:
            async with self._held.reserved(draft, len(body)):
                return await self._new(keys, draft, body, now)
        except HeldLimit:
            if known := await self._number(keys, draft.ledger_key):  # what is held already needs no more room
                return await self._earlier(known)
            raise

    async def _new(self, keys: ListKeys, draft: CaseDraft, body: Payload, now: float) -> Case:
        """Write as if it were new: nearly always it is, and the commit says so where not."""
        number = await self._numbering.take(draft.list)
        case = Case(number, 1, CaseState.HELD, draft, opened_at=now, changed_at=now)
        taken = await self._write(keys, case, body)
        if taken != number:
            await self._drop(keys, number)
            return await self._earlier(taken)
        await self._held.count(number, draft, len(body))
        return case

    async def held_as(self, list_address: str, ledger_keys: Sequence[str]) -> dict[str, str]:
        """Return the case number of each ledger key that has one. Raises StoreUnavailable."""
        keys = ListKeys(list_address)
        found = {key: await self._number(keys, key) for key in ledger_keys}
        return {key: number for key, number in found.items() if number}

    async def _number(self, keys: ListKeys, ledger_key: str) -> str:
        """Return the case of an earlier try. Touching its ledger entry is a write, so WAIT covers the case as well."""
        place = keys.held(_digest(ledger_key))
        number = await self._lanes.one(place, "GET", place)
        if number is None:
            return ""
        await self._guard.write(place, ("EXPIRE", place, REMEMBERED_S))
        return str(number.decode())

    async def _earlier(self, number: str) -> Case:
        """Return the case of an earlier try."""
        _, stored = await self._reading.stored(number)
        if stored.pieces:  # the earlier try may have ended before it was counted
            await self._held.count(stored.case.number, stored.case.draft, stored.size)
        return stored.case

    async def _write(self, keys: ListKeys, case: Case, body: Payload) -> str:
        """Write pieces and record; return the number the ledger key stands for now."""
        place = keys.body(case.number)
        count, digest = pieces_of(len(body)), hashlib.sha256()
        commands: list[Words] = [("ZADD", keys.pending, case.opened_at, case.number)]
        for index, piece in enumerate(_pieces(body)):
            digest.update(piece)
            commands.append(("HSET", place, str(index), await self._sealed(piece, case.number, index, count)))
            if len(commands) > AT_ONCE:
                await self._guard.write(place, *commands)
                commands = []
        stored = StoredCase(case, digest.hexdigest(), len(body), count)
        reply = (await self._guard.write(place, *commands, self._commit(keys, stored)))[-1]
        if reply[0] in {b"done", b"exists"}:
            return str(reply[1].decode())
        raise StoreUnavailable("the store lost a part of the message while it was written")

    async def _sealed(self, piece: bytes, number: str, index: int, count: int) -> bytes:
        """Pack one piece. Those of large messages are packed in a thread, so that many in a row stop nobody."""
        if count <= IN_LOOP:
            return self._codec.seal_small_piece(piece, number, index, count)
        return await asyncio.to_thread(self._codec.seal_piece, piece, number, index, count)

    def _commit(self, keys: ListKeys, stored: StoredCase) -> Words:
        case = stored.case
        changes = moves(keys, None, case, self._settings.remind_s)
        entry = hold_entry(case, stored.digest)
        fields = (*draft_fields(self._codec, stored), *standing_fields(self._codec, case))
        held = keys.held(_digest(case.draft.ledger_key))
        places = (keys.case(case.number), keys.body(case.number), held, keys.pending)
        return LIBRARY.call(
            "hold",
            (*places, keys.outbox, keys.audit, keys.clear, *changes.keys),
            case.number,
            stored.pieces,
            REMEMBERED_S,
            event_of(case, "hold", case.opened_at, "gateway"),
            entry.chained,
            entry.clear,
            len(fields),
            *fields,
            *changes.words,
        )

    async def _drop(self, keys: ListKeys, number: str) -> None:
        """Another try of the same message was first: its body stays, ours goes."""
        call = LIBRARY.call("sweep", (keys.case(number), keys.body(number), keys.pending), number)
        await self._lanes.one(keys.pending, *call)
        self._numbering.give_back(keys.list, number)


def _pieces(body: Payload) -> Iterator[bytes]:
    """Cut a message, which is read piece by piece. Raises StoreUnavailable where its file cannot be read."""
    try:
        yield from body.pieces(PIECE) if len(body) else (b"",)
    except OSError:
        raise StoreUnavailable("the message on its way in cannot be read") from None


def _digest(ledger_key: str) -> str:
    return hashlib.sha256(ledger_key.encode(errors="surrogatepass")).hexdigest()[:32]
