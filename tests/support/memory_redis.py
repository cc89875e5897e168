"""The few Redis commands that users, sessions, tokens and notices need, in memory and with a clock that tests turn."""

from collections.abc import Callable
from typing import Any

from redis.exceptions import ConnectionError as RedisConnectionError


class MemoryRedis:
    """Answers `execute_command`. `now` is the time in seconds; `away` makes every command fail."""

    def __init__(self) -> None:
        self.now = 0.0
        self.away = False
        self._values: dict[str, Any] = {}
        self._ends: dict[str, float] = {}

    async def execute_command(self, *args: Any, **_: Any) -> Any:
        """Carry out one command."""
        if self.away:
            raise RedisConnectionError("away")
        name, key, *rest = args
        if self._ends.get(key, self.now + 1) <= self.now:
            self._values.pop(key, None)
            self._ends.pop(key, None)
        handler: Callable[..., Any] = getattr(self, f"_{name.lower()}")
        return handler(key, *rest)

    @property
    def keys(self) -> list[str]:
        """Every key."""
        return sorted(self._values)

    @property
    def dump(self) -> str:
        """Everything that is kept, as text."""
        return repr(self._values)

    def _set(self, key: str, value: Any, *options: Any) -> bytes | None:
        if "NX" in options and key in self._values:
            return None
        self._values[key] = str(value).encode()
        self._ends.pop(key, None)
        if options[:1] == ("EX",):
            self._ends[key] = self.now + options[1]
        return b"OK"

    def _get(self, key: str) -> bytes | None:
        return self._values.get(key)

    def _del(self, key: str) -> int:
        return int(self._values.pop(key, None) is not None)

    def _incr(self, key: str) -> int:
        self._values[key] = str(int(self._values.get(key, b"0")) + 1).encode()
        return int(self._values[key])

    def _decr(self, key: str) -> int:
        self._values[key] = str(int(self._values.get(key, b"0")) - 1).encode()
        return int(self._values[key])

    def _expire(self, key: str, seconds: int, condition: str = "") -> int:
        if key in self._values and not (condition == "NX" and key in self._ends):
            self._ends[key] = self.now + seconds
        return 1

    def _sadd(self, key: str, *members: str) -> int:
        self._values.setdefault(key, set()).update(member.encode() for member in members)
        return 1

    def _srem(self, key: str, *members: str) -> int:
        self._values.setdefault(key, set()).difference_update(member.encode() for member in members)
        return 1

    def _smembers(self, key: str) -> set[bytes]:
        return set(self._values.get(key, set()))

    def _zadd(self, key: str, *rest: Any) -> int:
        options = [part for part in rest if part in {"NX"}]
        score, member = rest[len(options) :]
        kept = self._values.setdefault(key, {})
        if "NX" not in options or member.encode() not in kept:
            kept[member.encode()] = float(score)
        return 1

    def _zrank(self, key: str, member: str) -> int | None:
        ordered = self._ordered(key)
        return ordered.index(member.encode()) if member.encode() in ordered else None

    def _zrangebyscore(self, key: str, low: Any, high: Any) -> list[bytes]:
        least = float("-inf") if low == "-inf" else float(low)
        kept = self._values.get(key, {})
        return [member for member in self._ordered(key) if least <= kept[member] <= float(high)]

    def _zrange(self, key: str, first: int, last: int) -> list[bytes]:
        ordered = self._ordered(key)
        return ordered[first : None if last == -1 else last + 1]

    def _zrem(self, key: str, *members: str | bytes) -> int:
        kept = self._values.get(key, {})
        for member in members:
            kept.pop(member if isinstance(member, bytes) else member.encode(), None)
        return 1

    def _ordered(self, key: str) -> list[bytes]:
        kept = self._values.get(key, {})
        return sorted(kept, key=lambda member: (kept[member], member))


class HashRedis(MemoryRedis):
    """Knows hashes too."""

    def _hset(self, key: str, name: str, value: bytes | str) -> int:
        self._values.setdefault(key, {})[name.encode()] = value.encode() if isinstance(value, str) else value
        return 1

    def _hgetall(self, key: str) -> list[bytes]:
        return [word for pair in self._values.get(key, {}).items() for word in pair]

    def _hdel(self, key: str, *names: str) -> int:
        return sum(self._values.get(key, {}).pop(name.encode(), None) is not None for name in names)
