"""Copies for an office: sends those of what people have released, and tells each author that a copy went."""

import asyncio
from collections.abc import Mapping

from listward.config.load import Configuration
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case, CaseDraft
from listward.queue.cases.copies import copy_of
from listward.queue.notices.eligible import is_person
from listward.queue.notices.languages import languages_for
from listward.queue.notices.ledger import NoticeLedger
from listward.queue.notices.letters import Letter, write
from listward.queue.notices.posting import Posting
from listward.queue.notices.values import Told, may_quote, values_for
from listward.queue.store.copying import keep_copy
from listward.queue.store.ledger import TAKEN, release_key
from listward.queue.store.ports import Cases, Event, Ledger
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

KIND = "copied"
HANDLED = ("delivered", "failed")


class Copied:
    """Handles "delivered", of a message that somebody gets a copy of and of the copy itself; and a copy's "failed"."""

    def __init__(
        self,
        configuration: Configuration,
        posting: Posting,
        cases: Cases,
        settled: Ledger,
        ledger: NoticeLedger,
        clock: Clock,
        metrics: Metrics,
        rosters: Rosters | None = None,
    ) -> None:
        self._configuration = configuration
        self._posting = posting
        self._cases = cases
        self._settled = settled
        self._ledger = ledger
        self._clock = clock
        self._metrics = metrics
        self._rosters = rosters

    async def on_event(self, event: Event, case: Case) -> None:
        """Keep the copies of what was released, or tell of one that went. Raises NotYetTold, StoreUnavailable."""
        if case.draft.is_copy and event.verb in HANDLED:
            if to := await self._taken(case):
                await self._tell(event, case, to)
                self._metrics.copies.labels("sent").inc()
        elif case.draft.copies and event.verb == "delivered":
            await self._keep(case)

    async def _taken(self, case: Case) -> tuple[str, ...]:
        """Who has the copy by now: where one of two mailboxes refuses it, the other has it all the same."""
        keys = {address: release_key(case.number, address) for address in case.draft.envelope.recipients}
        known = await self._settled.settled(tuple(keys.values()))
        return tuple(address for address, key in keys.items() if known.get(key) == TAKEN)

    async def _keep(self, case: Case) -> None:
        """Routing is looked at again: what was inside when the message was held may be outside now."""
        async with self._cases.opened(case.number) as body:
            for copy in case.draft.copies:
                made = copy_of(case.draft, copy, self._configuration.site)
                if made is None:
                    self._metrics.copies.labels("withheld").inc()
                elif await keep_copy(self._cases, self._settled, made, body, self._clock.now()):
                    self._metrics.copies.labels("kept").inc()

    async def _tell(self, event: Event, case: Case, to: tuple[str, ...]) -> None:
        """One letter a day for each author and rule: it says that there may be more."""
        author, rule = case.draft.author, case.draft.reasons[0].rule
        if not self._posting.possible or not is_person(author, self._configuration.site):
            self._posting.count(KIND, "nobody")
        elif await self._ledger.place(f"{KIND} {rule} {author}", event.id, event.at):
            self._posting.count(KIND, "covered")
        else:
            letter = await asyncio.to_thread(self._letter, case, to)
            await self._posting.send(KIND, author, letter, event.id, event.at)

    def _letter(self, case: Case, to: tuple[str, ...]) -> Letter:
        configuration = self._configuration
        quotes = may_quote(Told(KIND, case), configuration)
        languages = languages_for(case.draft, configuration.site, self._rosters)
        versions = [(language, self._values(case, to, language)) for language in languages]
        return write(configuration.templates, KIND if quotes else f"{KIND}-internal", versions)

    def _values(self, case: Case, to: tuple[str, ...], language: str) -> Mapping[str, str]:
        values = values_for(Told(KIND, case), self._configuration, language)
        reason = _words(case.draft, self._configuration, language)
        return {**values, "to": ", ".join(to), "reason": reason}


def _words(draft: CaseDraft, configuration: Configuration, language: str) -> str:
    """The rule's own words in this language, "" where it has none: a copy accuses nobody, so each author reads them."""
    return configuration.policy.words(draft.reasons[0].rule, language)
