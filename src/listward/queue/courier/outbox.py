"""Works off the outboxes: each event goes to its handler, then it is dropped. Handlers are idempotent by event id."""

from collections.abc import Awaitable, Callable, Mapping

from listward.queue.cases.case import Case
from listward.queue.store.indexes import STAGES
from listward.queue.store.ports import Cases, DamagedBody, Event, StoreUnavailable, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog

EventHandler = Callable[[Event, Case], Awaitable[None]]
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0


class OutboxWorker:
    """Hands events on, oldest first. One that fails is tried again later and does not stop those behind it.

    `handlers` go by the event's verb ("hold", "reject", "delivered", ...); `on_due` gets the clock's events
    ("remind", "deputy", "secretary") that have no handler of their own.
    """

    def __init__(
        self,
        cases: Cases,
        handlers: Mapping[str, EventHandler],
        on_due: EventHandler | None,
        clock: Clock,
        mail_log: MailLog,
    ) -> None:
        due = {stage: on_due for stage in STAGES if on_due is not None}
        self._cases = cases
        self._handlers: Mapping[str, EventHandler] = {**due, **handlers}
        self._clock = clock
        self._log = mail_log
        self._later: dict[tuple[str, str], tuple[float, int]] = {}

    async def work_off(self, list_address: str) -> None:
        """Hand on every event of one list whose time has come. Raises StoreUnavailable."""
        async for event in self._cases.events(list_address):
            if self._later.get((event.list, event.id), (0.0, 0))[0] <= self._clock.monotonic():
                await self._hand_on(event)

    async def _hand_on(self, event: Event) -> None:
        handler = self._handlers.get(event.verb)
        if handler is not None and not await self._succeeds(handler, event):
            return
        await self._cases.acknowledge(event.list, event.id)
        self._later.pop((event.list, event.id), None)

    async def _succeeds(self, handler: EventHandler, event: Event) -> bool:
        try:
            await handler(event, await self._cases.get(event.number))
        except UnknownCase:
            return True
        except StoreUnavailable:
            raise
        except DamagedBody:
            self._put_off(event, "damaged")
            return False
        except Exception as error:  # whatever a handler raises, the event stays and the next one goes on
            self._put_off(event, type(error).__name__)
            return False
        return True

    def _put_off(self, event: Event, kind: str) -> None:
        _, tries = self._later.get((event.list, event.id), (0.0, 0))
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(tries, 16))
        self._later[event.list, event.id] = (self._clock.monotonic() + pause, tries + 1)
        self._log.event("handler-failed", "", case=event.number, of=event.verb, kind=kind, tries=tries + 1)
