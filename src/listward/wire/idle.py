"""The kept connections that wait for work: the newest is taken first, and old ones are closed in time."""

import asyncio
from collections import deque

from listward.wire.connection import Connection
from listward.wire.hop import Hop


class Idle:
    """Idle connections by hop. Limits as in Pool."""

    def __init__(self, max_idle: int, idle_s: float, max_age_s: float, max_uses: int) -> None:
        self._max_idle = max_idle
        self._idle_s = idle_s
        self._max_age_s = max_age_s
        self._max_uses = max_uses
        self._waiting: dict[Hop, deque[Connection]] = {}
        self._sweeper: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return sum(len(connections) for connections in self._waiting.values())

    def take(self, hop: Hop) -> Connection | None:
        """Return the connection used last, if one is still fit for use."""
        waiting = self._waiting.get(hop)
        while waiting:
            connection = waiting.pop()
            if self._fit(connection):
                return connection
            connection.quit()
        return None

    def put(self, hop: Hop, connection: Connection) -> None:
        """Keep the connection, or close it when it is worn out or one too many."""
        waiting = self._waiting.setdefault(hop, deque())
        connection.used = asyncio.get_running_loop().time()
        if not self._fit(connection):
            connection.quit()
            return
        waiting.append(connection)
        if len(waiting) > self._max_idle:
            waiting.popleft().quit()
        if self._sweeper is None:
            self._sweep()

    def close(self) -> None:
        """Close all of them."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for waiting in self._waiting.values():
            for connection in waiting:
                connection.quit()
            waiting.clear()

    def _fit(self, connection: Connection) -> bool:
        now = asyncio.get_running_loop().time()
        return (
            connection.usable
            and connection.transactions < self._max_uses
            and now - connection.opened < self._max_age_s
            and now - connection.used < self._idle_s
        )

    def _sweep(self) -> None:
        """Close what has waited too long, and look again while anything waits."""
        for waiting in self._waiting.values():
            while waiting and not self._fit(waiting[0]):
                waiting.popleft().quit()
        self._sweeper = asyncio.get_running_loop().call_later(self._idle_s, self._sweep) if len(self) else None
