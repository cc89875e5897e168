"""What is settled per message and recipient, kept for a week: longer than senders try again (RFC 5321 4.5.4.1).

All that is known of one copy is one hash, so that reading it and claiming it is one atomic step.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache

from listward.queue.store.lanes import Lanes
from listward.queue.store.library import LIBRARY
from listward.queue.store.names import copy_key
from listward.queue.store.ports import Claimed, StoreUnavailable
from listward.queue.store.words import Word, Words

KEPT_S = 7 * 86_400
TAKEN = "relayed"  # what is kept of a recipient who has a released message
LAPSED = 2  # what `claim` answers for a copy whose earlier owner never ended his claim
_WORD = re.compile(r"[a-z0-9/-]{1,64}")


class RedisLedger:
    """ports.Ledger in Redis. Keys are hashed: they hold addresses."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes

    async def settled(self, keys: Sequence[str]) -> dict[str, str]:
        """Return the outcome of each key that is known. Raises StoreUnavailable."""
        copies = _by_copy(keys)
        commands: list[tuple[str, Words]] = [
            (place, ("HMGET", place, *map(_purpose, members))) for place, members in copies.items()
        ]
        return _known(copies, await self._lanes.spread(commands))

    async def claim(self, keys: Sequence[str], owner: str, lasts_s: float) -> Claimed:
        """Claim every copy of the keys, or none, and return what is settled. Raises StoreUnavailable."""
        copies = _by_copy(keys)
        commands: list[tuple[str, Words]] = [
            (place, LIBRARY.call("claim", (place,), owner, int(lasts_s), *map(_purpose, members)))
            for place, members in copies.items()
        ]
        found = await self._lanes.spread(commands)
        free = all(reply[0] for reply in found)
        if not free:
            with suppress(StoreUnavailable):  # that a copy is not ours is known; what we took of the others lapses
                await self.settle({}, owner, keys)
        lapsed = any(reply[0] == LAPSED for reply in found)
        return Claimed(_known(copies, [reply[1:] for reply in found]), free, lapsed)

    async def settle(self, outcomes: dict[str, str], owner: str = "", claimed: Sequence[str] = ()) -> None:
        """Record outcomes, and end the owner's claims on the copies of these keys. Raises StoreUnavailable."""
        commands: list[tuple[str, Words]] = []
        for place, keys in _by_copy((*claimed, *outcomes)).items():
            words: list[Word] = [word for key in keys if key in outcomes for word in (_purpose(key), outcomes[key])]
            commands.append((place, LIBRARY.call("settle", (place,), owner, KEPT_S, *words)))
        await self._lanes.spread(commands)


def release_key(number: str, address: str) -> str:
    """Where it is kept that the next hop has taken a released case for one recipient."""
    return f"release:{number}:{address}"


def _by_copy(keys: Iterable[str]) -> dict[str, list[str]]:
    """The keys by the place of their copy."""
    copies: dict[str, list[str]] = {}
    for key in dict.fromkeys(keys):
        copies.setdefault(key.rpartition(":")[0] or key, []).append(key)
    return {_place(copy): members for copy, members in copies.items()}


def _known(copies: dict[str, list[str]], found: Sequence[Sequence[bytes | None]]) -> dict[str, str]:
    return {
        key: outcome.decode()
        for members, outcomes in zip(copies.values(), found, strict=True)
        for key, outcome in zip(members, outcomes, strict=True)
        if outcome is not None
    }


def _place(copy: str) -> str:
    return copy_key(_hash(copy).hex()[:32])


def _purpose(key: str) -> bytes:
    """The part of a key behind the last colon, hashed where it is no word of ours: it may be an address."""
    return _named(key.rpartition(":")[2])


@lru_cache(maxsize=1024)
def _named(purpose: str) -> bytes:
    return purpose.encode() if _WORD.fullmatch(purpose) else _hash(purpose)[:16]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
