"""What every next hop offers: learnt whenever a connection is opened, asked at start, after a reload, now and then."""

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
    """The last known offers by server. One that has not answered yet limits nothing: it will speak for itself."""

    def __init__(self) -> None:
        self._offers: dict[Hop, Capabilities] = {}
        self._servers: dict[str, tuple[Hop, ...]] = {}
        self._smallest: dict[tuple[str, ...], int] = {}  # a session asks twice for each message
        self._asked = asyncio.Event()

    def learn(self, hop: Hop, offers: Capabilities) -> None:
        """Note what a server offers from now on."""
        if self._offers.get(hop) != offers:
            self._offers[hop] = offers
            self._smallest.clear()

    def smallest(self, urls: Iterable[str]) -> int:
        """Return the smallest known limit in octets; any server of several may have to take the message."""
        key = tuple(urls)
        if key not in self._smallest:
            known = (self._offers[hop] for hop in self._all(key) if hop in self._offers)
            self._smallest[key] = min((offers.size_limit or NO_LIMIT for offers in known), default=NO_LIMIT)
        return self._smallest[key]

    def all_offer(self, urls: Iterable[str], keyword: str) -> bool:
        """Whether every server is known to offer the extension; without servers nobody does."""
        servers = self._all(urls)
        return bool(servers) and all(hop in self._offers and self._offers[hop].offers(keyword) for hop in servers)

    async def ask(self, prober: Prober, urls: Iterable[str]) -> None:
        """Ask every server once; who does not answer keeps what was known."""
        wanted = sorted(set(self._all(urls)), key=lambda hop: hop.name)
        answers = await asyncio.gather(*(prober.probe(hop) for hop in wanted), return_exceptions=True)
        for hop, answer in zip(wanted, answers, strict=True):
            if isinstance(answer, Capabilities) and answer.reachable:
                self.learn(hop, answer)
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

    def _all(self, urls: Iterable[str]) -> list[Hop]:
        """Every server of these next hops. A session asks at each EHLO and MAIL: what was read once is kept."""
        servers: list[Hop] = []
        for url in filter(None, urls):
            if url not in self._servers:
                self._servers[url] = parse_hop(url).servers
            servers += self._servers[url]
        return servers
