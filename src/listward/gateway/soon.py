"""What can be written a little later, together: no reply waits for it, and a crash loses it without harm."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

EVERY_S = 1.0
MOST_WAITING = 10_000
T = TypeVar("T")


@dataclass(eq=False)
class Soon(Generic[T]):
    """Collects values and has them written about once a second. What `send` raises changes nothing but the count.

    `lost` is told how many could not be written, or found no place to wait.
    """

    send: Callable[[list[T]], Awaitable[None]]
    lost: Callable[[int], None]
    every_s: float = EVERY_S
    _waiting: list[T] = field(default_factory=list)
    _writer: "asyncio.Task[None] | None" = None

    def add(self, value: T) -> None:
        """Take one; never waits, never raises."""
        if len(self._waiting) >= MOST_WAITING:
            self.lost(1)
            return
        self._waiting.append(value)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_soon())

    async def end(self) -> None:
        """Write what is left, once; the store may be away."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait({self._writer})
        await self.write()

    async def write(self) -> None:
        """Write what waits. Whatever goes wrong here changes nothing about what has been answered."""
        values, self._waiting = self._waiting, []
        try:
            if values:
                await self.send(values)
        except Exception:
            self.lost(len(values))

    async def _write_soon(self) -> None:
        """Go on while there is something to write."""
        while self._waiting:
            await asyncio.sleep(self.every_s)
            await self.write()
