"""A scripted next hop for tests that block: it serves from a loop in a thread of its own."""

import asyncio
import threading

from scripted_hop import ScriptedHop


class HopThread:
    """Serves from the moment it is made until `close`."""

    def __init__(self, protocol: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.hop = ScriptedHop(protocol)
        asyncio.run_coroutine_threadsafe(self.hop.__aenter__(), self._loop).result(10)

    def close(self) -> None:
        """End the hop and its thread."""
        asyncio.run_coroutine_threadsafe(self.hop.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
