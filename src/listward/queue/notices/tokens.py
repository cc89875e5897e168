"""Secrets in questions to people: random, for one case, one address and one way to answer. Only hashes are kept."""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from redis.exceptions import RedisError

from listward.queue.store.ports import StoreUnavailable

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


class Connection(Protocol):
    """What is needed of redis-py: one command at a time."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command and return its reply. Raises RedisError."""
        ...


class Tokens:
    """Issues and reads tokens. A token that is spent or too old reads as none. Raises StoreUnavailable."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis

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

    async def _call(self, *command: str | int) -> Any:
        try:
            return await self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            raise StoreUnavailable("the questions to people cannot be reached") from error


def person_digest(address: str, token: str) -> str:
    """Return the hex digest under which an address that was asked is kept."""
    person = address.lower().encode(errors="surrogateescape")
    return hmac.digest(token.lower().encode(errors="surrogateescape"), person, "sha256").hex()


def _key(token: str, way: Way) -> str:
    """A token of 128 random bits needs no salt. The way is part of the key: no token answers in two ways."""
    digest = hashlib.sha256(token.lower().encode(errors="surrogateescape")).hexdigest()
    return f"{TAG}:{way.value}:{digest}"
