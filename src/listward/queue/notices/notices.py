"""Tells authors what became of their messages, as the outbox's entries come along."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

from listward.config.load import Configuration
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.notices.compose import Notice, compose
from listward.queue.notices.eligible import is_overtaken, is_silent, may_be_told
from listward.queue.notices.languages import languages_for
from listward.queue.notices.ledger import DAY_S, Later, NoticeLedger
from listward.queue.notices.letters import Letter, write
from listward.queue.notices.values import Told, item_for, template_name, values_for
from listward.queue.store.ports import Cases, DamagedBody, Event, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.hop import parse_hop
from listward.wire.payload import Payload
from listward.wire.pool import Pool

EventHandler = Callable[[Event, Case], Awaitable[None]]
KINDS = {"hold": "held", "reject": "rejected", "discard": "rejected"}
TIMEOUT_S = 30.0
SUMMARY_S = 300  # one courier at a time sends summaries


class NotYetTold(Exception):
    """The next hop of notices does not take the notice now: the entry stays and is tried again."""


class Notices:
    """Writes and sends notices. Repeating one gives the same message with the same id."""

    def __init__(
        self,
        configuration: Configuration,
        pool: Pool,
        cases: Cases,
        ledger: NoticeLedger,
        clock: Clock,
        metrics: Metrics,
        mail_log: MailLog,
        rosters: Rosters | None = None,
    ) -> None:
        self._configuration = configuration
        self._site = configuration.site
        self._pool = pool
        self._cases = cases
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._log = mail_log
        self._rosters = rosters

    async def on_event(self, event: Event, case: Case | None = None) -> None:
        """Tell the author of a hold or a ruling; the case is read where it is not at hand.

        Raises NotYetTold, StoreUnavailable: try again later.
        """
        kind = KINDS.get(event.verb, "")
        told = await self._told(kind, case or await self._case(event.number)) if kind else None
        if told is None:
            return
        draft = told.case.draft
        place = await self._ledger.place(draft.author, event.id, event.at)
        if place >= self._most_a_day(draft):
            await self._ledger.postpone(Later(event.number, kind, event.id), event.at)
            self._metrics.notices.labels(kind, "postponed").inc()
            return
        letter = await asyncio.to_thread(self._letter, told)
        await self._send(kind, draft.author, letter, event.id, event.at)

    def _most_a_day(self, draft: CaseDraft) -> int:
        """How many notices an author gets before the rest waits for the summary: strangers one."""
        most = self._site.limits.notices_per_author_and_day
        return most if draft.proven_member else min(most, 1)

    async def send_summaries(self) -> int:
        """Send what waited for the day's end, one letter an author; returns how many. Raises as `on_event`."""
        due = await self._ledger.due(self._clock.now())
        if not due or not await self._ledger.lease(SUMMARY_S):
            return 0
        try:
            return await self._send_summaries(due)
        finally:
            await self._ledger.release()

    async def _send_summaries(self, due: tuple[Later, ...]) -> int:
        by_author: dict[str, list[tuple[Later, Told]]] = defaultdict(list)
        for later in due:
            told = await self._told(later.kind, await self._case(later.number))
            if told is None:
                await self._ledger.settle((later,))
            else:
                by_author[told.case.draft.author].append((later, told))
        for author, entries in by_author.items():
            letter, name = self._summary([told for _, told in entries]), f"{entries[0][0].event_id} summary"
            # The summary is the first notice of its day: strangers get no other beside it.
            await self._ledger.place(author, name, self._clock.now() // DAY_S * DAY_S)
            await self._send("summary", author, letter, name, self._clock.now())
            await self._ledger.settle(tuple(later for later, _ in entries))
        return len(by_author)

    async def _case(self, number: str) -> Case | None:
        """The case; None where it is gone or cannot be read: that must not keep the others from being told."""
        try:
            return await self._cases.get(number)
        except (UnknownCase, DamagedBody):
            return None

    async def _told(self, kind: str, case: Case | None) -> Told | None:
        """What is to be told, None where nobody is to be told or it is overtaken by a ruling."""
        if case is None or not self._site.notices.next_hop or is_overtaken(kind, case):
            return None
        if is_silent(kind, case):
            self._metrics.notices.labels(kind, "nobody").inc()
            return None
        body = await self._body(case.number)
        if not may_be_told(case.draft, body, self._site):
            self._metrics.notices.labels(kind, "nobody").inc()
            return None
        return Told(kind, case, body)

    async def _body(self, number: str) -> bytes | None:
        """The message; None where it is gone or damaged: then the notice goes without the author's text."""
        try:
            return await self._cases.body(number)
        except (UnknownCase, DamagedBody):
            return None

    def _letter(self, told: Told) -> Letter:
        languages = languages_for(told.case.draft, self._site, self._rosters)
        versions = [(language, values_for(told, self._configuration, language)) for language in languages]
        return write(self._configuration.templates, template_name(told, self._configuration), versions)

    def _summary(self, entries: list[Told]) -> Letter:
        languages = languages_for(entries[0].case.draft, self._site, self._rosters)
        return write(
            self._configuration.templates,
            "summary",
            [(language, self._summary_values(entries, language)) for language in languages],
        )

    def _summary_values(self, entries: list[Told], language: str) -> Mapping[str, str]:
        values = values_for(entries[0], self._configuration, language)
        common = {name: values[name] for name in ("organisation", "help", "appeal")}
        items = "\n".join(item_for(told, self._configuration, language) for told in entries)
        cases = ", ".join(dict.fromkeys(told.case.number for told in entries))
        return {**common, "items": items.strip(), "cases": cases}

    async def _send(self, kind: str, to: str, letter: Letter, event_id: str, at: float) -> None:
        notice = compose(self._site, to, letter, event_id, at)
        outcome = await self._deliver(notice, to)
        self._metrics.notices.labels(kind, outcome).inc()
        self._log.event("told", "", kind=kind, outcome=outcome, to=self._log.hashed(to))
        if outcome == "later":
            raise NotYetTold

    async def _deliver(self, notice: Notice, to: str) -> str:
        hop = parse_hop(self._site.notices.next_hop)
        deliveries = await self._pool.deliver(hop, notice.envelope, Payload(notice.data), TIMEOUT_S)
        delivery = deliveries[to]
        if delivery.delivered:
            return "sent"
        return "refused" if delivery.reply.permanent and not delivery.lost else "later"

    def handlers(self) -> Mapping[str, EventHandler]:
        """The courier's handlers by the verb of an outbox entry."""
        return dict.fromkeys(KINDS, self.on_event)
