"""Who read what: every opening of a case, download and search is written down before anything is shown."""

from typing import Any, Protocol

from redis.exceptions import RedisError

from listward.queue.store.ports import StoreUnavailable

KEPT_S = 365 * 86_400


class Reads(Protocol):
    """The log of reads. Raises StoreUnavailable: what cannot be logged is not shown."""

    async def note(self, list_address: str, number: str, by: str, what: str, at: float) -> None:
        """Write one read: `what` is "opened", "downloaded" or "searched"; list and number are "" for a search."""
        ...


class Connection(Protocol):
    """What is needed of redis-py: one command at a time."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command and return its reply. Raises RedisError."""
        ...


class RedisReads:
    """The log of reads as one stream a list, twelve months long."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis

    async def note(self, list_address: str, number: str, by: str, what: str, at: float) -> None:
        """Write one read and drop those older than twelve months."""
        key = f"listward:{{{list_address}}}:reads"
        oldest = max(0, int((at - KEPT_S) * 1000))
        fields = ("number", number, "by", by, "what", what, "at", f"{at:.3f}")
        try:
            await self._redis.execute_command("XADD", key, "MINID", "~", oldest, "*", *fields)
        except (RedisError, OSError) as error:
            raise StoreUnavailable("the log of reads cannot be written") from error
