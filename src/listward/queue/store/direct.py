"""Single commands by redis-py's own client: for what is small, asked seldom, and safe to ask again."""

from typing import Any, Protocol

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from listward.queue.store.ports import StoreUnavailable

_COUNTING = frozenset({"INCR", "DECR"})


class Connection(Protocol):
    """What is needed of redis-py: one command at a time."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command and return its reply. Raises RedisError."""
        ...


class Direct:
    """Sends commands. `away` is what people read where the store cannot be reached."""

    def __init__(self, redis: Connection, away: str) -> None:
        self._redis = redis
        self._away = away

    async def __call__(self, *command: str | bytes | float) -> Any:
        """Send one command; once more over a fresh connection where a kept one had gone. Raises StoreUnavailable.

        Not what counts, or says who was first: whose answer was lost may have been done.
        """
        try:
            try:
                return await self._redis.execute_command(*command)
            except (RedisConnectionError, OSError):
                if command[0] in _COUNTING or (command[0] == "SET" and "NX" in command):
                    raise
                return await self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            raise StoreUnavailable(self._away) from error

    async def hash(self, key: str) -> dict[str, bytes]:
        """Return the fields of a hash, which hold UTF-8 names. Raises StoreUnavailable."""
        found: Any = await self("HGETALL", key)
        pairs = found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        return {name.decode() if isinstance(name, bytes) else name: value for name, value in pairs}
