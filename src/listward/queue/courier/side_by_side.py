"""One piece of work for each of many names, some at the same time: a slow one holds back no other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable


class SideBySide:
    """Runs `work` for names, at most `at_once` together. A name that is at work is not started a second time."""

    def __init__(self, work: Callable[[str], Awaitable[None]], at_once: int) -> None:
        self._work = work
        self._slots = asyncio.Semaphore(at_once)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self, names: Iterable[str], patience_s: float | None = None) -> None:
        """Start the names and wait, `patience_s` at most; what takes longer goes on. Raises the first trouble."""
        for name in names:
            if name not in self._tasks:
                self._tasks[name] = asyncio.create_task(self._one(name))
        if self._tasks:
            try:
                await asyncio.wait(self._tasks.values(), timeout=patience_s)
            except asyncio.CancelledError:
                await self.drain(0.0)
                raise
        ended = [self._tasks.pop(name) for name, task in list(self._tasks.items()) if task.done()]
        outcomes = [task.exception() for task in ended if not task.cancelled()]
        for trouble in filter(None, outcomes):
            raise trouble
        if len(outcomes) < len(ended):
            raise asyncio.CancelledError

    async def drain(self, timeout_s: float) -> None:
        """Wait for what is at work, then cancel it."""
        tasks, self._tasks = tuple(self._tasks.values()), {}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, name: str) -> None:
        async with self._slots:
            await self._work(name)
