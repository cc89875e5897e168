"""What an event loop says while it turns, so that whoever watches over its process knows a hanging one."""

import asyncio
from collections.abc import Callable

EVERY_S = 5.0


class Heartbeat:
    """Calls `say` at once and then again and again, until `end`."""

    def __init__(self, say: Callable[[], None], every_s: float = EVERY_S) -> None:
        self._say, self._every_s = say, every_s
        self._beat()

    def _beat(self) -> None:
        self._say()
        self._timer = asyncio.get_running_loop().call_later(self._every_s, self._beat)

    def end(self) -> None:
        """Say nothing more."""
        self._timer.cancel()
