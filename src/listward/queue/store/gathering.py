"""Small commands of many messages gathered into one pipeline: while one is under way the next fills up.

What one message costs the store then falls as the load grows, and one fsync serves them all.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from listward.queue.store.words import Words

MOST = 256  # commands in one pipeline

Placed = tuple[str, Words]  # a command with the key that says which server it is for
Send = Callable[[Sequence[Placed]], Awaitable[list[Any]]]


@dataclass(eq=False)
class Gathering:
    """One server's. `send` sends commands as one pipeline and returns a reply for each, errors as values."""

    send: Send
    _waiting: "deque[tuple[Sequence[Placed], asyncio.Future[list[Any]]]]" = field(default_factory=deque)
    _sender: "asyncio.Task[None] | None" = None

    async def replies(self, commands: Sequence[Placed]) -> list[Any]:
        """Send commands with those of others, in order; return their replies. Raises what `send` raises."""
        mine: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append((commands, mine))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_all())
        return await mine

    async def _send_all(self) -> None:
        while self._waiting:
            await self._send_some()

    async def _send_some(self) -> None:
        batch, together = [], list[Placed]()
        while self._waiting and len(together) < MOST:
            batch.append(self._waiting.popleft())
            together += batch[-1][0]
        try:
            replies = iter(await self.send(together))
        except Exception as error:  # handed to everybody who waits for it
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for commands, future in batch:
            answers = [next(replies) for _ in commands]
            if not future.done():  # else who asked has given up
                future.set_result(answers)
