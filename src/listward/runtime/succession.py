"""A role that serves one configuration from its beginning to its end, and is succeeded by itself with the next one.

The successor builds all it needs while its predecessor serves, and waits at a gate. When it opens, the predecessor ends
what it has begun and takes on nothing more; there is no moment at which nobody serves.
"""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from listward.runtime.orders import CannotPrepare

# What served is full of cycles, and Python by itself looks for them too seldom: each switch would take memory for good.
_FORGOTTEN_AFTER_S = 1.0

T = TypeVar("T")
Go = Callable[[], Awaitable[bool]]
"""What a role awaits when it has built all it needs: True to serve, False to let go of it and return."""
Serve = Callable[[T, asyncio.Event, Go], Awaitable[None]]


async def at_once() -> bool:
    """The gate of whoever has no predecessor."""
    return True


class _Reign(Generic[T]):
    """One configuration being served, or built."""

    def __init__(self, serve: Serve[T], configuration: T) -> None:
        self.stop, self.built = asyncio.Event(), asyncio.Event()
        self._opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(serve(configuration, self.stop, self._wait))

    async def _wait(self) -> bool:
        self.built.set()
        return await asyncio.shield(self._opened)

    def open(self, go: bool) -> None:
        """Let it serve, or let go."""
        if not self._opened.done():
            self._opened.set_result(go)


class Succession(Generic[T]):
    """Serves until `stop`. Takes orders as a `Subject`; `read` makes a configuration of the octets that come with one.

    What goes wrong while a successor is built is told in its own words where it is one of `told`, else by its kind.
    """

    def __init__(self, serve: Serve[T], read: Callable[[bytes], T], told: tuple[type[Exception], ...] = ()) -> None:
        self._serve, self._read, self._told = serve, read, told
        self._reigning: _Reign[T] | None = None
        self._over = asyncio.Event()
        self._next: _Reign[T] | None = None
        self._ending: set[asyncio.Future[None]] = set()

    async def run(self, first: T, stop: asyncio.Event) -> None:
        """Serve the first configuration and whatever succeeds it. Raises what serving raises."""
        self._crown(_Reign(self._serve, first))
        ends = {asyncio.create_task(stop.wait()), asyncio.create_task(self._over.wait())}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        await self._end()

    async def prepare(self, octets: bytes) -> None:
        """Build the successor. Raises CannotPrepare."""
        try:
            successor = self._next = _Reign(self._serve, await asyncio.to_thread(self._read, octets))
            built = asyncio.create_task(successor.built.wait())
            try:
                await asyncio.wait({built, successor.task}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                built.cancel()
            if successor.task.done():
                self._next = None
                successor.task.result()
                raise CannotPrepare("it ended at once")
        except self._told as error:
            raise CannotPrepare(str(error)) from None
        except CannotPrepare:
            raise
        except Exception as error:
            raise CannotPrepare(f"unexpected {type(error).__name__}") from None

    def commit(self) -> None:
        """Let the successor serve, and its predecessor end."""
        before, successor = self._reigning, self._next
        if before is None or successor is None:
            return
        self._next = None
        self._crown(successor)
        before.stop.set()
        self._outlive(before)

    def abort(self) -> None:
        """Let the successor go, whom nobody has met."""
        successor, self._next = self._next, None
        if successor is not None:
            successor.stop.set()
            successor.open(go=False)
            self._outlive(successor)

    def _crown(self, reign: _Reign[T]) -> None:
        """Let it serve; where it ends by itself, all is over."""
        self._reigning = reign
        reign.open(go=True)
        reign.task.add_done_callback(lambda _: self._over.set() if reign is self._reigning else None)

    def _outlive(self, ending: _Reign[T]) -> None:
        self._ending.add(ending.task)
        ending.task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[None]) -> None:
        self._ending.discard(task)
        asyncio.get_running_loop().call_later(_FORGOTTEN_AFTER_S, gc.collect)
        if not task.cancelled() and (error := task.exception()) is not None:
            print(f"listward: what served before ended: {type(error).__name__}", file=sys.stderr)

    async def _end(self) -> None:
        self.abort()
        reigning = self._reigning
        if reigning is not None:
            reigning.stop.set()
            await asyncio.wait({*self._ending, reigning.task})
            reigning.task.result()
