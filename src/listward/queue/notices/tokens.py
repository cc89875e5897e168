"""Secrets in questions to people: random, for one case, one address and one way to answer. Only hashes are kept."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from listward.queue.store.direct import Connection, Direct

TAG = "listward:{questions}"
BYTES = 16  # 128 bits


class Way(StrEnum):
    """How a question is answered."""

    LINK = "link"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Question:
    """What a token stands for: whether a message is of the person it names.

    The address is kept as a digest keyed with the token, so that the store alone tells nobody who was asked.
    """

    number: str
    person: str
    way: Way
    token: str = field(repr=False)

    def is_to(self, address: str) -> bool:
        """Whether this address was asked."""
        return hmac.compare_digest(self.person, person_digest(address, self.token))


class Tokens:
    """Issues and reads tokens. A token that is spent or too old reads as none. Raises StoreUnavailable."""

    def __init__(self, redis: Connection) -> None:
        self._call = Direct(redis, "the questions to people cannot be reached")

    async def issue(self, number: str, address: str, way: Way, lasts_s: int) -> str:
        """Return a new token: hexadecimal, since mail servers may change the case of an address."""
        token = secrets.token_hex(BYTES)
        value = json.dumps({"number": number, "person": person_digest(address, token)})
        await self._call("SET", _key(token, way), value, "EX", max(1, lasts_s))
        return token

    async def question(self, token: str, way: Way) -> Question | None:
        """Return what a token stands for, None where it is none (any more), or for another way to answer."""
        kept = await self._call("GET", _key(token, way))
        if kept is None:
            return None
        values = json.loads(kept)
        return Question(values["number"], values["person"], way, token)

    async def spend(self, token: str, way: Way) -> None:
        """End a token."""
        await self._call("DEL", _key(token, way))


def person_digest(address: str, token: str) -> str:
    """Return the hex digest under which an address that was asked is kept."""
    person = address.lower().encode(errors="surrogateescape")
    return hmac.digest(token.lower().encode(errors="surrogateescape"), person, "sha256").hex()


def _key(token: str, way: Way) -> str:
    """A token of 128 random bits needs no salt. The way is part of the key: no token answers in two ways."""
    digest = hashlib.sha256(token.lower().encode(errors="surrogateescape")).hexdigest()
    return f"{TAG}:{way.value}:{digest}"
