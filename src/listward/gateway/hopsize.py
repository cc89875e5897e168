"""How large a message every next hop takes: asked at start, after a reload and from time to time."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from listward.wire.capabilities import Capabilities
from listward.wire.hop import Hop, parse_hop

EVERY_S = 60.0
NO_LIMIT = 1 << 62


class Prober(Protocol):
    """What asks a next hop for its EHLO keywords (`wire.pool.Pool`)."""

    async def probe(self, hop: Hop) -> Capabilities:
        """Return what the hop offers."""
        ...


class HopSizes:
    """The last known limits by url. A hop that has not answered yet limits nothing: it will speak for itself."""

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}
        self._asked = asyncio.Event()

    def smallest(self, urls: Iterable[str]) -> int:
        """Return the smallest known limit in octets."""
        return min((self._limits.get(url, NO_LIMIT) for url in urls), default=NO_LIMIT)

    async def ask(self, prober: Prober, urls: Iterable[str]) -> None:
        """Ask every hop once; who does not answer keeps what was known."""
        wanted = sorted(set(filter(None, urls)))
        answers = await asyncio.gather(*(prober.probe(parse_hop(url)) for url in wanted), return_exceptions=True)
        for url, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, Capabilities) and answer.reachable:
                self._limits[url] = answer.size_limit or NO_LIMIT
        self._asked.set()

    async def first_answers(self, timeout_s: float) -> None:
        """Wait until every hop has been asked once, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._asked.wait()

    async def keep_asking(
        self, prober: Prober, urls: Callable[[], Iterable[str]], stop: asyncio.Event, every_s: float = EVERY_S
    ) -> None:
        """Ask again and again until told to stop."""
        while not stop.is_set():
            await self.ask(prober, urls())
            try:
                async with asyncio.timeout(every_s):
                    await stop.wait()
            except TimeoutError:
                continue
