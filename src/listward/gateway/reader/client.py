"""A worker's way to the readers: ordinary mail in one lane, large and dear mail in another, so that none waits for it.

A message whose reader is lost in the ordinary lane has a second chance in the other one, under wider bounds; whoever
has cost three readers their lives goes there for a while.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from listward.filters.reading import Reading
from listward.gateway.reader.lane import NoRoom
from listward.gateway.reader.line import Dial, Line
from listward.gateway.reader.reads import Job, Unread
from listward.gateway.reader.turns import Turns
from listward.gateway.reader.wire import Request, encode_request
from listward.runtime.sites import site_of

SUSPECTED_S = 300.0
MOST_LOSSES = 3
MOST_SUSPECTS = 1000
LATE_S = 1.0  # the reader ends itself before: it alone knows when it began

OnLost = Callable[[str, str], None]


class ReaderProcesses:
    """Reads through readers in processes of their own.

    `quick` and `large` connect to the two lanes. `on_lost` gets a message's id and the lane where its reader was lost.
    """

    def __init__(self, quick: Dial, large: Dial, on_lost: OnLost = lambda id, lane: None) -> None:
        self._quick = _QuickLane(quick)
        self._large = _LargeLane(large)
        self._suspects = _Suspects()
        self._on_lost = on_lost

    async def read(self, job: Job) -> Reading:
        """Return what is in the message. Raises Unread where the reader for large messages was lost as well."""
        lost = False
        if self._is_ordinary(job):
            try:
                return await self._quick.read(job, lambda: site_of(job.source) not in self._suspects)
            except Unread:
                lost = True
                self._on_lost(job.id, "quick")
                self._suspects.add(site_of(job.source))
            except _NotHere:  # its sender has fallen under suspicion while it waited
                pass
        try:
            return await self._large.read(job, lost)
        except Unread:
            self._on_lost(job.id, "large")
            raise

    def close(self) -> None:
        """Hang up on every reader."""
        self._quick.close()

    def _is_ordinary(self, job: Job) -> bool:
        small = job.payload.rest is None and len(job.payload.head) <= job.terms.bounds.large_octets
        return small and site_of(job.source) not in self._suspects


class _NotHere(Exception):
    """This message goes by the other lane."""


class _QuickLane:
    """One reader at a time, kept; messages of one worker go one after the other, each in its turn."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._turns = Turns()
        self._line: Line | None = None

    async def read(self, job: Job, still_ordinary: Callable[[], bool]) -> Reading:
        async with self._turns.turn(site_of(job.source), len(job.payload)):
            if not still_ordinary():
                raise _NotHere
            if self._line is None or not self._line.is_open:
                self._line = await _opened(self._dial, None)
            request = encode_request(Request(job.at, job.payload.head, inside=job.inside))
            return await self._line.ask(job.terms.quick_setup, request, job.terms.bounds.wall_s + LATE_S)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()


class _LargeLane:
    """A connection for each message, which waits at the reader's door until those before it are read."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._turns = Turns()

    async def read(self, job: Job, lost: bool) -> Reading:
        """`lost`: the message has ended a reader already. It waits for those that may be quick."""
        rest = job.payload.rest
        at = (rest.start, rest.size) if rest is not None else (0, 0)
        async with self._turns.turn(site_of(job.source), len(job.payload), job.terms.bounds.large_cpu_s if lost else 0):
            line = await _opened(self._dial, rest.descriptor if rest is not None else None)
            try:
                return await line.ask(
                    job.terms.large_setup, encode_request(Request(job.at, job.payload.head, *at, job.inside)), None
                )
            finally:
                line.close()


async def _opened(dial: Dial, file: int | None) -> Line:
    """Connect. Raises Unread where no reader can be reached."""
    try:
        return await Line.open(dial(file))
    except (NoRoom, OSError):
        raise Unread from None


class _Suspects:
    """Clients (`site_of`) whose mail has cost readers their lives lately, and when; a bounded number of them.

    One death proves little: many people's mail may come from one address.
    """

    def __init__(self) -> None:
        self._losses: OrderedDict[str, tuple[float, ...]] = OrderedDict()

    def add(self, source: str) -> None:
        if source:
            self._losses[source] = (*self._recent(source), time.monotonic())[-MOST_LOSSES:]
            self._losses.move_to_end(source)
        while len(self._losses) > MOST_SUSPECTS:
            self._losses.popitem(last=False)

    def __contains__(self, source: str) -> bool:
        return len(self._recent(source)) >= MOST_LOSSES

    def _recent(self, source: str) -> tuple[float, ...]:
        losses = self._losses.get(source)
        if losses is None:
            return ()
        since = time.monotonic() - SUSPECTED_S
        return tuple(moment for moment in losses if moment > since)
