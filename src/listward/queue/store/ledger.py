"""What is settled per message and recipient, kept for a week: longer than senders try again (RFC 5321 4.5.4.1)."""

import hashlib
from collections.abc import Sequence

from listward.queue.store.lanes import Lanes
from listward.queue.store.names import ledger_key
from listward.queue.store.words import Words

KEPT_S = 7 * 86_400


class RedisLedger:
    """ports.Ledger in Redis. Keys are hashed: they hold addresses."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def settled(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the outcome of each key that is known. Raises StoreUnavailable."""
        places = [_place(key) for key in keys]
        found = await self._lanes.spread([(place, ("GET", place)) for place in places])
        return {key: value.decode() for key, value in zip(keys, found, strict=True) if value is not None}

    async def settle(self, outcomes: dict[str, str]) -> None:
        """Record outcomes. Raises StoreUnavailable."""
        commands: list[tuple[str, Words]] = []
        for key, outcome in outcomes.items():
            place = _place(key)
            commands.append((place, ("SET", place, outcome, "EX", KEPT_S)))
        await self._lanes.spread(commands)


def _place(key: str) -> str:
    return ledger_key(hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32])
