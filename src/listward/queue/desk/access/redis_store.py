"""Users, sessions and tokens in Redis, all under one hash tag."""

from collections.abc import Callable
from typing import TypeVar

from listward.queue.desk.access.codec import (
    decode_session,
    decode_token,
    decode_user,
    encode_session,
    encode_token,
    encode_user,
)
from listward.queue.desk.access.records import Session, Token, User
from listward.queue.store.direct import Connection, Direct

T = TypeVar("T")
TAG = "listward:{access}"


class RedisAccess:
    """The AccessStore in Redis."""

    def __init__(self, redis: Connection) -> None:
        self._call = Direct(redis, "users and sessions cannot be reached")

    async def user(self, address: str) -> User | None:
        """Return the user of that address."""
        return await self._read(f"{TAG}:user:{address}", decode_user)

    async def users(self) -> tuple[User, ...]:
        """Return every user, by address."""
        found = [await self.user(address) for address in await self._names(f"{TAG}:users")]
        return tuple(user for user in found if user)

    async def save_user(self, user: User) -> None:
        """Write a user, replacing the one of that address."""
        await self._call("SET", f"{TAG}:user:{user.address}", encode_user(user))
        await self._call("SADD", f"{TAG}:users", user.address)

    async def session(self, digest: str) -> Session | None:
        """Return the session under this digest of its cookie."""
        return await self._read(f"{TAG}:session:{digest}", decode_session)

    async def save_session(self, digest: str, session: Session, idle_s: int) -> None:
        """Write a session that lapses after `idle_s` seconds without use."""
        await self._call("SET", f"{TAG}:session:{digest}", encode_session(session), "EX", idle_s)

    async def touch_session(self, digest: str, idle_s: int) -> None:
        """Let a session live for another `idle_s` seconds."""
        await self._call("EXPIRE", f"{TAG}:session:{digest}", idle_s)

    async def end_session(self, digest: str) -> None:
        """Forget a session."""
        await self._call("DEL", f"{TAG}:session:{digest}")

    async def token(self, identity: str) -> Token | None:
        """Return the token of that id."""
        return await self._read(f"{TAG}:token:{identity}", decode_token)

    async def tokens(self) -> tuple[Token, ...]:
        """Return every token, by id."""
        found = [await self.token(identity) for identity in await self._names(f"{TAG}:tokens")]
        return tuple(token for token in found if token)

    async def save_token(self, token: Token) -> None:
        """Write a token."""
        await self._call("SET", f"{TAG}:token:{token.id}", encode_token(token))
        await self._call("SADD", f"{TAG}:tokens", token.id)

    async def end_token(self, identity: str) -> bool:
        """Forget a token; False where there was none."""
        await self._call("SREM", f"{TAG}:tokens", identity)
        return bool(await self._call("DEL", f"{TAG}:token:{identity}"))

    async def count_try(self, name: str, window_s: int) -> int:
        """Count one try and return how many there are; they lapse `window_s` seconds after the first."""
        count = await self._call("INCR", f"{TAG}:tries:{name}")
        await self._call("EXPIRE", f"{TAG}:tries:{name}", window_s, "NX")
        return int(count)

    async def uncount_try(self, name: str) -> None:
        """Take one try back: it succeeded."""
        await self._call("DECR", f"{TAG}:tries:{name}")

    async def _read(self, key: str, decode: Callable[[str | bytes], T]) -> T | None:
        kept = await self._call("GET", key)
        return None if kept is None else decode(kept)

    async def _names(self, key: str) -> list[str]:
        members = await self._call("SMEMBERS", key)
        return sorted(member.decode() if isinstance(member, bytes) else str(member) for member in members)
