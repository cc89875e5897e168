"""Tells authors what became of their messages, as the outbox's entries come along."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

from listward.config.load import Configuration
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.spam import is_likely_spam
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.asking import KIND as ASKED
from listward.queue.notices.asking import Asking
from listward.queue.notices.eligible import is_automatic, is_overtaken, is_persons_ruling, is_silent, may_be_told
from listward.queue.notices.elsewhere import Elsewhere
from listward.queue.notices.languages import languages_for, languages_of
from listward.queue.notices.ledger import DAY_S, Later, NoticeLedger
from listward.queue.notices.letters import Letter, write
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.notices.replies import Replies
from listward.queue.notices.values import Told, item_for, template_name, values_for
from listward.queue.store.ports import Cases, DamagedBody, Event, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics
from listward.wire.pool import Pool

EventHandler = Callable[[Event, Case], Awaitable[None]]
KINDS = {
    "hold": "held",
    "confirm": "held",
    "reject": "rejected",
    "discard": "rejected",
    "delivered": "delivered",
    "expire": "expired",
}
_FOR_ROSTER = frozenset({"delivered", "expired"})  # told where nothing proves the author, and to nobody else
SUMMARY_S = 300  # one courier at a time sends summaries

__all__ = ["NotYetTold", "Notices"]


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
        asking: Asking | None = None,
        replies: Replies | None = None,
    ) -> None:
        self._configuration = configuration
        self._site = configuration.site
        self._cases = cases
        self._ledger = ledger
        self._clock = clock
        self._rosters = rosters
        self._posting = Posting(self._site, pool, metrics, mail_log)
        self._elsewhere = Elsewhere(configuration, self._posting, ledger, rosters)
        self._asking = asking
        self._replies = replies

    async def on_event(self, event: Event, case: Case | None = None) -> None:
        """Tell the author of a hold or a ruling; the case is read where it is not at hand.

        Raises NotYetTold, StoreUnavailable: try again later.
        """
        case = case or await self._case(event.number)
        if case is None or case.draft.is_copy or event.verb not in KINDS:
            return  # of copies authors are told by `Copied`
        if event.verb == "hold" and await self._asked(event, case):
            return
        told = await self._told(KINDS[event.verb], case)
        if told is not None:
            await self._tell(event, told)

    async def _asked(self, event: Event, case: Case) -> bool:
        """Whether the message is an answer to a question of ours, or its own author was asked a question."""
        if self._replies is not None and await self._replies.take(case):
            return True
        return self._asking is not None and await self._asking.ask(case, event.id)

    async def _tell(self, event: Event, told: Told) -> None:
        if await self._elsewhere.told(event, told):
            return
        draft = told.case.draft
        place = await self._ledger.place(draft.author, event.id, event.at)
        if place >= self._most_a_day(draft):
            await self._ledger.postpone(Later(event.number, told.kind, event.id), event.at)
            self._posting.count(told.kind, "postponed")
            return
        letter = await asyncio.to_thread(self._letter, told)
        await self._posting.send(told.kind, draft.author, letter, event.id, event.at)

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
        questions = tuple(later for later in due if later.kind == ASKED)
        asked = await self._asking.ask_again(questions) if self._asking is not None else 0
        return asked + await self._summarise(tuple(later for later in due if later not in questions))

    async def _summarise(self, due: tuple[Later, ...]) -> int:
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
            await self._posting.send("summary", author, letter, name, self._clock.now())
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
        if case is None or not self._posting.possible or is_overtaken(kind, case):
            return None
        told = await self._told_member(kind, case) if case.draft.authenticated else await self._told_roster(kind, case)
        if told is None and kind not in _FOR_ROSTER:
            self._posting.count(kind, "nobody")
        return told

    async def _told_member(self, kind: str, case: Case) -> Told | None:
        """For proven authors. That a message went to the list they see there, and theirs never run out."""
        if kind in _FOR_ROSTER or is_silent(kind, case):
            return None
        body = await self._body(case.number)
        return Told(kind, case, body) if may_be_told(case.draft, body, self._site) else None

    async def _told_roster(self, kind: str, case: Case) -> Told | None:
        """For people of the roster whom nothing proves: what came of it, without a text that may be another's."""
        if kind == "held" or roster_entry(case, self._site, self._rosters) is None:
            return None
        if is_likely_spam(case.draft) if kind == "expired" else not is_persons_ruling(case):
            return None
        body = await self._body(case.number)
        return Told(kind, case) if body is None or not is_automatic(body) else None

    async def _body(self, number: str) -> bytes | None:
        """The message; None where it is gone or damaged: then the notice goes without the author's text."""
        try:
            return await self._cases.body(number)
        except (UnknownCase, DamagedBody):
            return None

    def _languages(self, case: Case) -> tuple[str, ...]:
        if case.draft.authenticated:
            return languages_for(case.draft, self._site, self._rosters)
        return languages_of(roster_entry(case, self._site, self._rosters), case.draft.list, self._site)

    def _letter(self, told: Told) -> Letter:
        languages = self._languages(told.case)
        versions = [(language, values_for(told, self._configuration, language)) for language in languages]
        return write(self._configuration.templates, template_name(told, self._configuration), versions)

    def _summary(self, entries: list[Told]) -> Letter:
        languages = self._languages(entries[0].case)
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

    def handlers(self) -> Mapping[str, EventHandler]:
        """The courier's handlers by the verb of an outbox entry."""
        return dict.fromkeys(KINDS, self.on_event)
