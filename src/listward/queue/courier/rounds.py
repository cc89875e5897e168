"""A duty done again and again until told to stop; trouble is logged and never ends the duty."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from listward.queue.store.ports import StoreUnavailable
from listward.runtime.maillog import MailLog

SHARE = 4.0  # a duty rests at least this many times as long as it worked


class Rounds:
    """Runs duties. `on_away` is called when the store is away."""

    def __init__(self, stop: asyncio.Event, mail_log: MailLog, on_away: Callable[[], None]) -> None:
        self._stop = stop
        self._log = mail_log
        self._on_away = on_away
        self._trouble: dict[str, str] = {}

    async def every(self, name: str, period_s: float, duty: Callable[[], Awaitable[object]]) -> None:
        """Do a duty every `period_s` seconds until the stop."""
        while not self._stop.is_set():
            started = time.monotonic()
            await self._once(name, duty)
            worked = time.monotonic() - started
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), max(period_s, min(60.0, worked * SHARE)))

    async def _once(self, name: str, duty: Callable[[], Awaitable[object]]) -> None:
        try:
            await duty()
        except StoreUnavailable as error:
            self._on_away()
            self._note(name, str(error))
        except Exception as error:  # one duty's fault must not end the courier
            self._note(name, type(error).__name__)
        else:
            self._trouble.pop(name, None)

    def _note(self, name: str, reason: str) -> None:
        """Log a trouble once, not every round."""
        if self._trouble.get(name) != reason:
            self._trouble[name] = reason
            self._log.event("courier-trouble", "", duty=name, reason=reason)
