"""Small commands of many messages gathered into one pipeline: while one is under way the next fills up.

What one message costs the store then falls as the load grows, and one fsync serves them all.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from listward.queue.store.words import Words

MOST = 256  # commands in one pipeline

Placed = tuple[str, Words]  # a command with the key that says which server it is for
Send = Callable[[Sequence[Placed]], Awaitable[list[Any]]]


@dataclass(slots=True, eq=False)
class _Caller:
    """Who waits for replies, until `due` on the loop's clock."""

    commands: Sequence[Placed]
    replies: "asyncio.Future[list[Any]]"
    due: float


@dataclass(eq=False)
class Gathering:
    """One server's. `send` sends commands as one pipeline and returns a reply for each, errors as values.

    One timer watches over all callers: a timer for each would cost more than what it watches.
    """

    send: Send
    _waiting: deque[_Caller] = field(default_factory=deque)
    _sent: list[_Caller] = field(default_factory=list)
    _sender: "asyncio.Task[None] | None" = None
    _timer: asyncio.TimerHandle | None = None

    async def replies(self, commands: Sequence[Placed], patience_s: float = math.inf) -> list[Any]:
        """Send commands with those of others, in order; return their replies.

        Raises what `send` raises, and TimeoutError once they have not come for so long.
        """
        loop = asyncio.get_running_loop()
        caller = _Caller(commands, loop.create_future(), loop.time() + patience_s)
        self._waiting.append(caller)
        if self._timer is None or self._timer.when() > caller.due:
            self._watch(caller.due)
        if self._sender is None or self._sender.done():
            self._sender = loop.create_task(self._send_all())
        return await caller.replies

    async def _send_all(self) -> None:
        while self._waiting:
            await self._send_some()

    async def _send_some(self) -> None:
        batch, together = list[_Caller](), list[Placed]()
        while self._waiting and len(together) < MOST:
            batch.append(self._waiting.popleft())
            together += batch[-1].commands
        self._sent = batch
        try:
            replies = iter(await self.send(together))
        except Exception as error:  # handed to everybody who waits for it
            for caller in batch:
                if not caller.replies.done():
                    caller.replies.set_exception(error)
            return
        finally:
            self._sent = []
        for caller in batch:
            answers = [next(replies) for _ in caller.commands]
            if not caller.replies.done():  # else who asked has given up
                caller.replies.set_result(answers)

    def _watch(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(due, self._end_patience) if due < math.inf else None

    def _end_patience(self) -> None:
        """End the wait of those whose time is over, and look again when the next one's is."""
        self._timer = None
        now = asyncio.get_running_loop().time() + 0.001  # a timer may go off a little early
        callers = [caller for caller in (*self._sent, *self._waiting) if not caller.replies.done()]
        for caller in callers:
            if caller.due <= now:
                caller.replies.set_exception(TimeoutError())
        if due := min((caller.due for caller in callers if caller.due > now), default=0.0):
            self._watch(due)
