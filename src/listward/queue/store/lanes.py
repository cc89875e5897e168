"""Commands on their way to the server that holds a key. The one module where redis-py's loose types end.

Every command sent here is safe to send twice, so a lost connection is tried again within the deadline.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol

from hiredis import pack_command
from redis.asyncio import Redis, RedisCluster
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as RedisTimeout

from listward.queue.store.gathering import Gathering, Placed
from listward.queue.store.library import LIBRARY
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.words import Words

DEADLINE_S = 2.0
SMALL_S = 1.2  # for small commands, which one message sends several of
SILENT_S = 0.25  # for the commands in the second after one that got no answer: one message waits once, not for each
RECONNECT_S = 1.0  # a server that was killed and started again is back within this time
PAUSE_S = 0.05
MOST_KEPT = 8  # connections to one server that are not in its pool between two uses: the pool's others are for a flood
_PLAIN = {
    "OOM": "the store is full",
    "OutOfMemoryError": "the store is full",
    "ReadOnlyError": "the store is a replica and takes no writes",
    "BusyLoadingError": "the store is still loading its data",
    "NoPermissionError": "the store's user lacks a permission",
    "MISCONF": "the store cannot write to its disk",
    "READONLY": "the store is a replica and takes no writes",
    "NOREPLICAS": "the store has too few replicas",
    "LOADING": "the store is still loading its data",
    "NOAUTH": "the store wants a password",
    "WRONGPASS": "the store refuses the password",
    "NOPERM": "the store's user lacks a permission",
}


class Route(Protocol):
    """Finds the client of the server that holds a key."""

    async def client(self, key: str) -> "Redis":
        """Return the client. Raises RedisError."""
        ...

    async def lost(self) -> None:
        """Learn that the last answer came from the wrong server."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class OneServer:
    """Plain Redis, Sentinel or a unix socket: one client for every key. `beside` are closed with it."""

    def __init__(self, redis: "Redis", beside: Sequence["Redis"] = ()) -> None:
        self._redis = redis
        self._beside = beside

    async def client(self, key: str) -> "Redis":
        """Return the client."""
        return self._redis

    async def lost(self) -> None:
        """Nothing to learn: Sentinel's pool finds the master by itself."""

    async def close(self) -> None:
        """Close all connections."""
        for client in (self._redis, *self._beside):
            await client.aclose()


class Lanes:
    """Sends commands, in order, on one connection to the server of a key."""

    def __init__(self, route: Route, deadline_s: float = DEADLINE_S) -> None:
        self._route = route
        self._deadline_s = deadline_s
        self._away = False
        self._silent_till = 0.0
        self._gatherings: dict[Redis, Gathering] = {}
        self._kept: dict[Redis, list[Any]] = defaultdict(list)

    async def run(self, key: str, *commands: Words, extra_s: float = 0.0) -> list[Any]:
        """Send commands as one pipeline and return their replies. Raises StoreUnavailable, within the deadline."""
        return _checked(await self._bounded(key, commands, extra_s))

    async def _bounded(self, key: str, commands: Sequence[Words], extra_s: float = 0.0) -> list[Any]:
        try:
            async with asyncio.timeout(self._patience_s(self._deadline_s + extra_s)):
                return await self._persistently(key, commands)
        except TimeoutError:
            raise self._no_answer() from None
        except (RedisError, OSError) as error:
            raise StoreUnavailable(plain_reason(error)) from None

    async def one(self, key: str, *command: bytes | str | float) -> Any:
        """Send one command and return its reply. Raises StoreUnavailable."""
        return (await self.run(key, tuple(command)))[0]

    async def small(self, key: str, *command: bytes | str | float) -> Any:
        """Send one small command with those of other callers and return its reply. Raises StoreUnavailable."""
        return (await self._gathered([(key, command)]))[0]

    async def spread(self, commands: Sequence[Placed]) -> list[Any]:
        """Send small commands on many keys, each server's with those of other callers; return the replies in order."""
        if len(commands) == 1:
            return await self._gathered(commands)
        groups: dict[int, list[int]] = defaultdict(list)
        for place, (key, _) in enumerate(commands):
            groups[id(await self._client(key))].append(place)
        replies: list[Any] = [None] * len(commands)

        async def one_group(places: list[int]) -> None:
            found = await self._gathered([commands[place] for place in places])
            for place, reply in zip(places, found, strict=True):
                replies[place] = reply

        if len(groups) == 1:
            await one_group(list(range(len(commands))))
        else:
            await asyncio.gather(*(one_group(places) for places in groups.values()))
        return replies

    async def _gathered(self, commands: Sequence[Placed]) -> list[Any]:
        client = await self._client(commands[0][0])
        gathering = self._gatherings.get(client)
        if gathering is None:
            gathering = self._gatherings[client] = Gathering(self._send_gathered)
        patience_s = self._patience_s(min(SMALL_S, self._deadline_s))
        try:
            return _checked(await gathering.replies(commands, patience_s))
        except TimeoutError:
            raise self._no_answer() from None

    async def _send_gathered(self, commands: Sequence[Placed]) -> list[Any]:
        return await self._bounded(commands[0][0], [words for _, words in commands])

    def _patience_s(self, usual_s: float) -> float:
        return min(usual_s, SILENT_S) if time.monotonic() < self._silent_till else usual_s

    def _no_answer(self) -> StoreUnavailable:
        if time.monotonic() >= self._silent_till:
            self._silent_till = time.monotonic() + RECONNECT_S
        return StoreUnavailable("the store does not answer in time")

    async def close(self) -> None:
        """Close all connections."""
        await self._route.close()

    async def _client(self, key: str) -> "Redis":
        try:
            return await self._route.client(key)
        except (RedisError, OSError) as error:
            raise StoreUnavailable(plain_reason(error)) from None

    async def _persistently(self, key: str, commands: Sequence[Words]) -> list[Any]:
        """Bridge a short restart. Once the store is known to be away, nobody else waits for it until it is back."""
        give_up = time.monotonic() + (0.0 if self._away else RECONNECT_S)
        while True:
            try:
                replies = await self._send(key, commands)
            except AuthenticationError:
                raise
            except (NoConnection, OSError):
                if self._away or time.monotonic() > give_up:
                    self._away = True
                    raise
                await asyncio.sleep(PAUSE_S)
                continue
            self._away, self._silent_till = False, 0.0
            if any(_says(reply, "Function not found") for reply in replies):
                await self._load(key)
            elif any(_says(reply, "MOVED ") or _says(reply, "ASK ") for reply in replies):
                await self._route.lost()
                await asyncio.sleep(PAUSE_S)
            else:
                return replies

    async def _send(self, key: str, commands: Sequence[Words]) -> list[Any]:
        """Write all commands and read their replies. redis-py's own pipeline costs more than twice as much."""
        client = await self._route.client(key)
        kept = self._kept[client]
        if kept:
            try:
                return await self._exchange(client, kept.pop(), commands)
            except AuthenticationError:
                raise
            except (NoConnection, OSError):  # closed while it was idle: the server may be there, by another connection
                await self._drop(client)
        pool: Any = client.connection_pool
        return await self._exchange(client, await pool.get_connection(), commands)

    async def _exchange(self, client: "Redis", connection: Any, commands: Sequence[Words]) -> list[Any]:
        """Use a connection, and keep it for the next: taking one out of redis-py's pool costs as much as using it."""
        connection.socket_timeout = None  # ours holds for the whole pipeline; redis-py's is a task for each write
        done = False
        try:
            # hiredis packs in C what redis-py packs in Python.
            packed = b"".join([pack_command(command) for command in commands])  # type: ignore[arg-type]  # its stub says 1-tuple
            await connection.send_packed_command(packed, check_health=False)
            replies = [await _reply(client, connection, command) for command in commands]
            done = True
        finally:
            if done and len(self._kept[client]) < MOST_KEPT:
                self._kept[client].append(connection)
            elif done:
                await _release(client, connection)
            else:  # replies that nobody has read must not meet the next command
                await self._give_back(client, connection)
        return replies

    async def _drop(self, client: "Redis") -> None:
        """Give all kept connections back: what has ended one may have ended all."""
        kept = self._kept[client]
        while kept:
            await self._give_back(client, kept.pop())

    async def _give_back(self, client: "Redis", connection: Any) -> None:
        try:
            await connection.disconnect(nowait=True)
        finally:
            await _release(client, connection)

    async def _load(self, key: str) -> None:
        """Load our functions. Another process may have been first, which is as good."""
        replies = await self._send(key, [("FUNCTION", "LOAD", LIBRARY.text)])
        if not _says(replies[0], "already exists"):
            _checked(replies)


class ClusterRoute:
    """A Redis Cluster: the cluster client knows the slots, a plain client a node keeps pipeline and WAIT together."""

    def __init__(self, cluster: "RedisCluster", options: dict[str, Any]) -> None:
        self._cluster = cluster
        self._options = options
        self._clients: dict[str, Redis] = {}

    async def client(self, key: str) -> "Redis":
        """Return the client of the node that holds the key's slot."""
        await self._cluster.initialize()
        node = self._cluster.get_node_from_key(key)
        if node is None:
            raise NoConnection("no node holds this slot")
        if node.name not in self._clients:
            self._clients[node.name] = Redis(host=node.host, port=int(node.port), **self._options)
        return self._clients[node.name]

    async def lost(self) -> None:
        """Ask the cluster again where the slots are."""
        await self._cluster.aclose()

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        await self._cluster.aclose()


def plain_reason(error: Exception) -> str:
    """Return a reason without addresses or paths, fit for a log line and a health page."""
    if isinstance(error, AuthenticationError):
        return "the store refuses the password"
    away = isinstance(error, (NoConnection, RedisTimeout, OSError))
    other = "the store cannot be reached" if away else "the store refused a command"
    return _PLAIN.get(type(error).__name__, _PLAIN.get(str(error).partition(" ")[0], other))


async def _release(client: "Redis", connection: Any) -> None:
    """Give a connection back to the pool as it came out."""
    connection.socket_timeout = client.connection_pool.connection_kwargs.get("socket_timeout")
    await client.connection_pool.release(connection)


async def _reply(client: "Redis", connection: Any, command: Words) -> Any:
    """Return one reply in redis-py's types, an error the server answered included."""
    try:
        return await client.parse_response(connection, str(command[0]))
    except ResponseError as error:
        return error


def _says(reply: object, words: str) -> bool:
    return isinstance(reply, Exception) and words in str(reply)


def _checked(replies: list[Any]) -> list[Any]:
    for reply in replies:
        if isinstance(reply, Exception):
            raise StoreUnavailable(plain_reason(reply))
    return replies
