"""How many bytes are held, in all and per sender. An index that can be rebuilt: the cases are the truth."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from listward.queue.cases.case import CaseDraft
from listward.queue.store.codec import Codec
from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import HELD_BYTES, HELD_CASES
from listward.queue.store.ports import HeldLimit
from listward.queue.store.settings import Settings

OPEN_TO_ALL = 0.8  # of the bound in all; the rest is the members' reserve, which no stranger can fill
TOTAL = "*"
NOBODY = "-"  # bounces have no sender: they count in all, and nothing of them is held against anybody


class HeldBytes:
    """Refuses holds beyond the bounds. Holds of this process that are on their way count already."""

    def __init__(self, lanes: Lanes, codec: Codec, settings: Settings) -> None:
        self._lanes = lanes
        self._codec = codec
        self._settings = settings
        self._coming: dict[str, int] = {}

    def sender_of(self, draft: CaseDraft) -> str:
        """Return the name bytes are counted under: the proven author, else the envelope's sender.

        Anybody can write any envelope sender, so the two never share a count: a stranger who uses a member's address
        there fills the room of that envelope address, not of the member.
        """
        if draft.authenticated:
            return f"author:{self._codec.pseudonym(draft.author)}"
        sender = draft.envelope.sender
        return f"envelope:{self._codec.pseudonym(sender)}" if sender else NOBODY

    @asynccontextmanager
    async def reserved(self, draft: CaseDraft, size: int) -> AsyncIterator[None]:
        """Reserve room while a message is being written. Raises HeldLimit, StoreUnavailable."""
        sender = self.sender_of(draft)
        names = (TOTAL, sender)
        limits = self._settings.limits
        held = await self._lanes.small(HELD_BYTES, "HMGET", HELD_BYTES, *names)
        total, own = (
            int(value or 0) + self._coming.get(name, 0) + size for value, name in zip(held, names, strict=True)
        )
        if total > limits.held_bytes_total * (1.0 if draft.proven_member else OPEN_TO_ALL):
            raise HeldLimit("too many bytes are held")
        if sender != NOBODY and own > limits.held_bytes_per_sender:
            raise HeldLimit("too many bytes of this sender are held")
        self._add(names, size)
        try:
            yield
        finally:
            self._add(names, -size)

    def _add(self, names: tuple[str, ...], size: int) -> None:
        for name in names:
            self._coming[name] = self._coming.get(name, 0) + size
            if not self._coming[name]:
                del self._coming[name]

    async def count(self, number: str, draft: CaseDraft, size: int) -> None:
        """Count a message that is held now; the same case twice counts once."""
        call = LIBRARY.call("count_held", (HELD_BYTES, HELD_CASES), number, self.sender_of(draft), size)
        await self._lanes.small(HELD_BYTES, *call)

    async def uncount(self, number: str) -> None:
        """Forget a message whose body is gone."""
        await self._lanes.one(HELD_BYTES, *LIBRARY.call("uncount_held", (HELD_BYTES, HELD_CASES), number))
