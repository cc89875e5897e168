"""Asks people of the roster whether a message with their address is theirs: one letter a day, without subject or text.

It goes to the roster's address alone, never to one that the message names elsewhere.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from listward.config.load import Configuration
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.queue.cases.case import Case
from listward.queue.notices.asked import may_be_asked, roster_entry
from listward.queue.notices.languages import FALLBACK, languages_of, local, moment
from listward.queue.notices.ledger import DAY_S, Later, NoticeLedger
from listward.queue.notices.letters import Letter, filled, template_for, write
from listward.queue.notices.posting import Posting
from listward.queue.notices.replies import NO, YES
from listward.queue.notices.tokens import Tokens, Way
from listward.queue.store.accounts import Accounts
from listward.queue.store.ports import Cases, DamagedBody, StoreUnavailable, UnknownCase
from listward.runtime.clock import Clock

KIND = "confirm"
PATH = "/answer/"
_PAGES = {"en": "that page", "es": "esa página"}
_MOST_CASES = 10  # of one day in a later letter; the others are in the moderators' queue all the same


@dataclass(frozen=True, slots=True)
class _Ask:
    """One case that a person is asked about, with the two ways to answer; "" where there is none."""

    case: Case
    link: str = ""
    reply_to: str = ""


class Asking:
    """Sends the questions. Raises NotYetTold, StoreUnavailable: try again later."""

    def __init__(
        self,
        configuration: Configuration,
        posting: Posting,
        cases: Cases,
        ledger: NoticeLedger,
        tokens: Tokens,
        clock: Clock,
        rosters: Rosters | None,
        accounts: Accounts | None = None,
    ) -> None:
        self._configuration = configuration
        self._site = configuration.site
        self._posting = posting
        self._cases = cases
        self._ledger = ledger
        self._tokens = tokens
        self._clock = clock
        self._rosters = rosters
        self._accounts = accounts

    async def ask(self, case: Case, event_id: str) -> bool:
        """Ask about a case that was just held, today or later; False where its supposed author may not be asked."""
        if not await self._may_be_asked(case):
            return False
        now = self._clock.now()
        if await self._ledger.is_first(case.draft.author, event_id, now):
            await self._send([case], event_id, now)
        elif await self._ledger.place(f"{KIND} {case.draft.author}", event_id, now) < _MOST_CASES:
            await self._ledger.postpone(Later(case.number, KIND, event_id), now)
            self._posting.count(KIND, "postponed")
        else:  # whoever sends floods with her address fills no list of ours with them; moderators see each case
            self._posting.count(KIND, "nobody")
        return True

    async def ask_again(self, postponed: Sequence[Later]) -> int:
        """Ask about what an earlier day's letter left out and still waits, one letter a person; returns how many."""
        people: dict[str, list[tuple[Later, Case]]] = defaultdict(list)
        for later in postponed:
            case = await self._case(later.number)
            if case is None or not await self._may_be_asked(case):
                await self._ledger.settle((later,))
            else:
                people[case.draft.author.lower()].append((later, case))
        return sum([await self._ask_person(waiting) for waiting in people.values()])

    async def _ask_person(self, waiting: list[tuple[Later, Case]]) -> bool:
        now, (first, case) = self._clock.now(), waiting[0]
        if not await self._ledger.is_first(case.draft.author, f"{first.event_id} {KIND}", now):
            return False  # the letter of this day went out for a newer message: these are asked about tomorrow
        cases = list({case.number: case for _, case in waiting}.values())
        await self._send(cases[:_MOST_CASES], f"{first.event_id} {KIND} {int(now) // DAY_S}", now)
        await self._ledger.settle(tuple(later for later, _ in waiting))
        return True

    async def _may_be_asked(self, case: Case) -> bool:
        """The roster is asked before the message is read: nearly all strangers are on none."""
        if not self._posting.possible or not self._site.limits.notices_per_author_and_day:
            return False
        if not self._page and not self._site.addresses.notices:
            return False
        if roster_entry(case, self._site, self._rosters) is None or await self._is_frozen(case.draft.author):
            return False
        try:
            body = await self._cases.body(case.number)
        except (UnknownCase, DamagedBody):
            return False
        return may_be_asked(case, body, self._site, self._rosters)

    async def _is_frozen(self, author: str) -> bool:
        """Whether an answer would release nothing: whoever reads a frozen account's mail may not be its owner."""
        if self._accounts is None:
            return False
        try:
            return (await self._accounts.of(author, ())).frozen
        except ProbeUnavailable as error:
            raise StoreUnavailable(str(error)) from error

    async def _case(self, number: str) -> Case | None:
        try:
            return await self._cases.get(number)
        except (UnknownCase, DamagedBody):
            return None

    @property
    def _page(self) -> str:
        """Where answers are given, without the token; "" where people cannot reach our pages."""
        url = self._site.console.public_url.rstrip("/")
        return f"{url}{PATH}" if url else ""

    async def _send(self, cases: list[Case], event_id: str, now: float) -> None:
        to = cases[0].draft.author
        entry = roster_entry(cases[0], self._site, self._rosters)
        asks = [await self._with_ways(case, alone=len(cases) == 1) for case in cases]
        letter = await asyncio.to_thread(self._letter, asks, entry)
        await self._posting.send(KIND, to, letter, event_id, now, asks[0].reply_to)

    async def _with_ways(self, case: Case, *, alone: bool) -> _Ask:
        """Issue the tokens. An answer by mail is for one message: among several nobody could tell which is meant."""
        lasts = max(1, self._site.retention.strangers_days) * DAY_S
        link = reply = ""
        if self._page:
            link = self._page + await self._tokens.issue(case.number, case.draft.author, Way.LINK, lasts)
        if alone and self._site.addresses.notices:
            local, _, domain = self._site.addresses.notices.rpartition("@")
            reply = f"{local}+{await self._tokens.issue(case.number, case.draft.author, Way.REPLY, lasts)}@{domain}"
        return _Ask(case, link, reply)

    def _letter(self, asks: list[_Ask], entry: RosterEntry | None) -> Letter:
        languages = languages_of(entry, asks[0].case.draft.list, self._site)
        source, name = self._configuration.templates, KIND if len(asks) == 1 else f"{KIND}-several"
        return write(source, name, [(language, self._values(asks, language)) for language in languages])

    def _values(self, asks: list[_Ask], language: str) -> Mapping[str, str]:
        """What may stand in the letter. Subject, text, names and reasons are not even among it."""
        item = template_for(self._configuration.templates, f"summary-{KIND}", language)
        values = self._of_case(asks[0], language)
        items = [filled(item, self._of_case(ask, language)) for ask in asks]
        return {**values, "items": "\n".join(items).strip(), "cases": ", ".join(ask.case.number for ask in asks)}

    def _of_case(self, ask: _Ask, language: str) -> dict[str, str]:
        case, site = ask.case, self._site
        deadline = local(case.opened_at + site.clocks.hold[2], site)
        spoken = language if language in YES else FALLBACK
        return {
            "organisation": site.organisation.name,
            "list": case.draft.list,
            "case": case.number,
            # The minute too: who knows that a person writes today may send something in her name on the same day.
            "day": moment(local(case.draft.received_at, site), language),
            "deadline": moment(deadline, language),
            "link": ask.link,
            "page": _PAGES[spoken] if ask.link else "",
            "yes": YES[spoken] if ask.reply_to else "",
            "no": NO[spoken] if ask.reply_to else "",
            "help": site.addresses.help,
        }
