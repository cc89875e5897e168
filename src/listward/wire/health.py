"""Which servers are set aside because they do not answer, and the probing that brings them back."""

import asyncio
from collections.abc import Awaitable, Callable

from listward.wire.hop import Hop
from listward.wire.limits import Limits
from listward.wire.refusals import in_words
from listward.wire.reply import Reply
from listward.wire.watch import Watch

_FORGET_S = 300.0  # a server that nobody asks for any longer has left the configuration


class Health:
    """The servers set aside. `probe` opens a connection and says whether that worked; it never raises.

    The pauses between probes double, also from one time aside to the next, until a message has passed again: some
    servers greet kindly and then take nothing.
    """

    def __init__(self, limits: Limits, probe: Callable[[Hop], Awaitable[bool]], watch: Watch) -> None:
        self._limits = limits
        self._probe = probe
        self._watch = watch
        self._probing: dict[Hop, asyncio.Task[None]] = {}
        self._pauses: dict[Hop, float] = {}
        self._wanted: dict[Hop, float] = {}
        self._closed = False

    def order(self, hop: Hop) -> tuple[Hop, ...]:
        """Return the servers to try: those that answer, by preference; then those set aside, as a last resort."""
        servers = hop.servers
        if not self._probing:
            return servers
        self._wanted.update(dict.fromkeys(servers, asyncio.get_running_loop().time()))
        return tuple(sorted(servers, key=self._probing.__contains__))

    def failed(self, hop: Hop, trouble: Reply) -> None:
        """Set a server aside: it cannot be connected to, or closes before it has taken anything."""
        if hop not in self._probing and not self._closed:
            self._probing[hop] = asyncio.get_running_loop().create_task(self._bring_back(hop))
            self._watch.changed(hop, False, in_words(trouble))

    def answered(self, hop: Hop) -> None:
        """Take a server back: it speaks to us."""
        if (task := self._probing.get(hop)) is not None:
            task.cancel()
            self._back(hop, "answers")

    def worked(self, hop: Hop) -> None:
        """Take a server back for good: it has answered for a message."""
        if self._pauses and hop in self._pauses:
            self.answered(hop)
            del self._pauses[hop]

    async def close(self) -> None:
        """End all probing, and begin none for what still runs."""
        self._closed = True
        tasks = tuple(self._probing.values())
        self._probing.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _bring_back(self, hop: Hop) -> None:
        loop, limits = asyncio.get_running_loop(), self._limits
        self._wanted[hop] = loop.time()
        while loop.time() - self._wanted[hop] < _FORGET_S:
            pause = self._pauses.get(hop, limits.first_pause_s)
            self._pauses[hop] = min(2 * pause, limits.longest_pause_s)
            await asyncio.sleep(pause)
            if await self._probe(hop):
                return self._back(hop, "answers")
        self._pauses.pop(hop, None)
        return self._back(hop, "no longer asked for")

    def _back(self, hop: Hop, why: str) -> None:
        self._wanted.pop(hop, None)
        if self._probing.pop(hop, None) is not None:
            self._watch.changed(hop, True, why)
