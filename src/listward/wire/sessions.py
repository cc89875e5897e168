"""Connections to one server: a kept one where one is fit, else a fresh one, never more than so many."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from listward.wire.connection import Connection
from listward.wire.limits import Limits

SURPLUS_S = 1.0  # how long connections beyond `max_idle` are kept: under load the next message takes one at once

Open = Callable[[float], Awaitable[Connection]]


class Sessions:
    """Hands out connections to one server that are ready for MAIL, and takes them back.

    `fresh` opens one until a deadline on the loop's clock, and raises Broken. The connection used last is taken first,
    so that the others can go.
    """

    def __init__(self, limits: Limits, fresh: Open, waited: Callable[[], None]) -> None:
        self._limits = limits
        self._waited = waited
        self._free = asyncio.Semaphore(limits.max_connections)
        self._idle: deque[Connection] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._trimmer: asyncio.TimerHandle | None = None
        self._closed = False
        self.fresh = fresh

    async def enter(self, deadline: float) -> bool:
        """Wait until a connection more may be used; False where that is not before the deadline. Leave when True."""
        if not self._free.locked():
            return await self._free.acquire()
        self._waited()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._free.acquire()
        except TimeoutError:
            return False

    def leave(self) -> None:
        """Let another one in."""
        self._free.release()

    def kept(self) -> Connection | None:
        """Return the connection used last, if one is still fit for use."""
        while self._idle:
            connection = self._idle.pop()
            if self._fit(connection):
                return connection
            connection.quit()
        return None

    def give_back(self, connection: Connection) -> None:
        """Keep the connection, or close it when it is worn out; one too many is kept for a moment."""
        connection.used = asyncio.get_running_loop().time()
        if self._closed or not self._limits.max_idle or not self._fit(connection):
            connection.quit()
            return
        self._idle.append(connection)
        if len(self._idle) > self._limits.max_idle and self._trimmer is None:
            self._trim()
        if self._sweeper is None:
            self._sweep()

    def close(self) -> None:
        """Close what is idle; what is handed out closes when it comes back."""
        self._closed = True
        for timer in (self._sweeper, self._trimmer):
            if timer is not None:
                timer.cancel()
        self._sweeper = self._trimmer = None
        while self._idle:
            self._idle.pop().quit()

    def _fit(self, connection: Connection) -> bool:
        now, limits = asyncio.get_running_loop().time(), self._limits
        return (
            connection.usable
            and connection.transactions < limits.max_uses
            and now - connection.opened < limits.max_age_s
            and now - connection.used < limits.idle_s
        )

    def _trim(self) -> None:
        """Close those beyond `max_idle` that nobody has needed for a moment, and look again when there are more."""
        loop, self._trimmer = asyncio.get_running_loop(), None
        while len(self._idle) > self._limits.max_idle:
            due = self._idle[0].used + SURPLUS_S
            if loop.time() + 0.001 < due:
                self._trimmer = loop.call_at(due, self._trim)
                return
            self._idle.popleft().quit()

    def _sweep(self) -> None:
        """Close what has waited too long, and look again while anything waits."""
        while self._idle and not self._fit(self._idle[0]):
            self._idle.popleft().quit()
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(self._limits.idle_s, self._sweep) if self._idle else None
