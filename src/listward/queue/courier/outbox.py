"""Works off the outboxes: each event goes to its handler, then it is dropped. Handlers are idempotent by event id."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from listward.queue.cases.case import Case
from listward.queue.store.events import START, Outbox, behind
from listward.queue.store.indexes import STAGES
from listward.queue.store.ports import Cases, DamagedBody, Event, StoreUnavailable, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog

EventHandler = Callable[[Event, Case], Awaitable[None]]
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
TRIES = 20  # and a day: a mail server that is away for a night must cost no notice
STUCK_AFTER_S = 86_400.0
HANDLER_S = 300.0  # the longest a handler may take
MOST = 100  # events of one list in one round, of those put off and of those that are new
MOST_LATER = 1000  # put off and remembered; while there are as many, a list's new events wait in the store


@dataclass(slots=True)
class _Later:
    """An event that failed, and when it is tried again."""

    event: Event
    tries: int = 0
    at: float = 0.0


@dataclass(slots=True)
class _Backlog:
    """How far one list's outbox has been read, and what was put off on the way."""

    after: str = START
    later: dict[str, _Later] = field(default_factory=dict)


class OutboxWorker:
    """Hands events on, oldest first. One that fails is tried again later and does not stop those behind it.

    One that failed `TRIES` times and is older than a day is set aside among those that are stuck. `handlers` go by the
    event's verb ("hold", "reject", "delivered", ...); `on_due` gets the clock's events ("remind", "deputy",
    "secretary") that have no handler of their own.
    """

    def __init__(
        self,
        cases: Cases,
        outbox: Outbox,
        handlers: Mapping[str, EventHandler],
        on_due: EventHandler | None,
        clock: Clock,
        mail_log: MailLog,
    ) -> None:
        due = {stage: on_due for stage in STAGES if on_due is not None}
        self._cases = cases
        self._outbox = outbox
        self._handlers: Mapping[str, EventHandler] = {**due, **handlers}
        self._clock = clock
        self._log = mail_log
        self._backlogs: dict[str, _Backlog] = {}

    def keep(self, lists: Collection[str]) -> None:
        """Forget what was remembered of all other lists: they are another courier's now."""
        self._backlogs = {name: backlog for name, backlog in self._backlogs.items() if name in lists}

    async def work_off(self, list_address: str) -> None:
        """Hand on events of one list whose time has come, a bounded number of them. Raises StoreUnavailable."""
        backlog = self._backlogs.setdefault(list_address, _Backlog())
        now = self._clock.monotonic()
        for later in [entry for entry in backlog.later.values() if entry.at <= now][:MOST]:
            if self._ours(list_address, backlog):
                await self._hand_on(backlog, later.event)
        if len(backlog.later) < MOST_LATER:
            await self._read_on(list_address, backlog)

    async def _read_on(self, list_address: str, backlog: _Backlog) -> None:
        page = await self._outbox.read(list_address, backlog.after, MOST)
        if not page and not backlog.later:
            backlog.after = START  # there are entries, as we were called: the store is not the one it was
        for identity, event in page:
            if not self._ours(list_address, backlog):
                return
            if event is None:
                await self._set_aside(list_address, identity, kind="unreadable")
            else:
                await self._hand_on(backlog, event)
            backlog.after = behind(identity)

    def _ours(self, list_address: str, backlog: _Backlog) -> bool:
        """Whether the list was not given to another courier while we worked."""
        return self._backlogs.get(list_address) is backlog

    async def _hand_on(self, backlog: _Backlog, event: Event) -> None:
        handler = self._handlers.get(event.verb)
        trouble = await self._trouble(handler, event) if handler is not None else ""
        if not trouble:
            await self._cases.acknowledge(event.list, event.id)
        elif not await self._put_off(backlog, event, trouble):
            return
        backlog.later.pop(event.id, None)

    async def _trouble(self, handler: EventHandler, event: Event) -> str:
        """Run a handler; return what went wrong in one word, "" for nothing. Raises StoreUnavailable."""
        try:
            async with asyncio.timeout(HANDLER_S):
                await handler(event, await self._cases.get(event.number))
        except UnknownCase:
            return ""
        except StoreUnavailable:
            raise
        except DamagedBody:
            return "damaged"
        except Exception as error:  # whatever a handler raises, the event stays and the next one goes on
            return type(error).__name__
        return ""

    async def _put_off(self, backlog: _Backlog, event: Event, kind: str) -> bool:
        """Plan another try; True when there were enough and the event was set aside."""
        later = backlog.later.setdefault(event.id, _Later(event))
        later.tries += 1
        later.at = self._clock.monotonic() + min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(later.tries - 1, 16))
        self._log.event("handler-failed", "", case=event.number, of=event.verb, kind=kind, tries=later.tries)
        stuck = later.tries >= TRIES and self._clock.now() - event.at > STUCK_AFTER_S
        if stuck:
            await self._set_aside(event.list, event.id, case=event.number, of=event.verb, kind=kind)
        return stuck

    async def _set_aside(self, list_address: str, event_id: str, **facts: str) -> None:
        await self._outbox.set_aside(list_address, event_id)
        self._log.event("event-stuck", "", list=list_address, entry=event_id, **facts)
