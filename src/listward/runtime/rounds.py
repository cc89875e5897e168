"""A duty done again and again until told to stop; trouble is told and never ends the duty."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from listward.runtime.maillog import MailLog

SHARE = 4.0  # a duty rests at least this many times as long as it worked
LONGEST_REST_S = 60.0


class Rounds:
    """Runs duties side by side, each in a coroutine of its own.

    `tell` hears of trouble: the duty's name and why. Of `foreseen` exceptions, whose texts are ours, that is the text,
    and `on_foreseen` hears of each; of all others the kind alone.
    """

    def __init__(
        self,
        stop: asyncio.Event,
        tell: Callable[[str, str], None],
        foreseen: type[Exception] | tuple[type[Exception], ...] = (),
        on_foreseen: Callable[[], None] = lambda: None,
    ) -> None:
        self._stop = stop
        self._tell = tell
        self._foreseen = foreseen
        self._on_foreseen = on_foreseen
        self._trouble: dict[str, str] = {}

    async def every(
        self, name: str, period_s: float, duty: Callable[[], Awaitable[object]], after_trouble_s: float = 0.0
    ) -> None:
        """Do a duty every `period_s` seconds until the stop; after trouble not before `after_trouble_s`."""
        while not self._stop.is_set():
            started = time.monotonic()
            well = await self._once(name, duty)
            worked = time.monotonic() - started
            rest = max(period_s, min(LONGEST_REST_S, worked * SHARE), 0.0 if well else after_trouble_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), rest)

    async def _once(self, name: str, duty: Callable[[], Awaitable[object]]) -> bool:
        try:
            await duty()
        except self._foreseen as error:
            self._on_foreseen()
            self._note(name, str(error))
        except Exception as error:  # one duty's fault must end neither it nor the others
            self._note(name, type(error).__name__)
        else:
            self._trouble.pop(name, None)
            return True
        return False

    def _note(self, name: str, reason: str) -> None:
        """Tell of a trouble once, not every round."""
        if self._trouble.get(name) != reason:
            self._trouble[name] = reason
            self._tell(name, reason)


def telling(mail_log: MailLog | None) -> Callable[[str, str], None]:
    """What tells the log of trouble with a duty; nobody where there is none."""

    def tell(duty: str, reason: str) -> None:
        if mail_log is not None:
            mail_log.event("duty-trouble", "", duty=duty, reason=reason)

    return tell
