"""Answers by mail to the question whether a message is one's own.

That somebody received the question at the roster's mailbox is the proof, so the answer itself need not be proven. But
machines answer too, and quote what they answer: an answer counts only where it came to the address with the token,
from an address of the person who was asked, not from a machine, and where its first line is one word, yes or no.
"""

import asyncio
import re
import unicodedata

from listward.config.site import Site
from listward.filters.message.parse import parse_message
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case, CaseDraft, Said
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import OPEN
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.confirming import Confirming
from listward.queue.notices.eligible import head_of, is_automatic
from listward.queue.notices.offices import is_to_office
from listward.queue.notices.tokens import Way
from listward.queue.store.ports import Cases, Conflict, DamagedBody, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.maillog import MailLog

YES = {"en": "yes", "es": "sí"}
NO = {"en": "no", "es": "no"}
_WORDS = {"yes": Said.HERS, "si": Said.HERS, "no": Said.NOT_HERS}
_TOKEN = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_FIRST_MOST = 40
_AROUND = " .!,*_'\"\u201c\u201d\u00ab\u00bb"  # what programs put around a word; never ">"
_ANSWERED_BY_MACHINE = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "x-vacation")


def token_of(draft: CaseDraft, site: Site) -> str:
    """The token in the address that a message to our notices' address came to, "" where there is none."""
    if not site.addresses.notices or draft.list != site.addresses.notices or not is_to_office(draft):
        return ""
    local, _, domain = site.addresses.notices.rpartition("@")
    for recipient in draft.envelope.recipients:
        name, _, host = recipient.lower().rpartition("@")
        token = name.removeprefix(f"{local}+")
        if host == domain and token != name and _TOKEN.fullmatch(token):
            return token
    return ""


def is_by_machine(draft: CaseDraft, body: bytes) -> bool:
    """Whether nobody wrote it: out-of-office answers, bounces, lists (RFC 3834 section 5: a null sender marks them)."""
    if not draft.envelope.sender or is_automatic(body):
        return True
    message = parse_message(head_of(body))
    marked = any(message.all(name) for name in _ANSWERED_BY_MACHINE)
    return marked or message.first("Precedence").strip().lower() == "auto_reply"


def answer_in(body: bytes) -> Said | None:
    """What the first line says: one word, yes or no, with or without accent and full stop; None for anything else."""
    lines = (line.strip() for line in parse_message(body).visible_text.splitlines())
    first = next((line for line in lines if line), "")[:_FIRST_MOST]
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", first) if not unicodedata.combining(letter))
    return _WORDS.get(plain.strip(_AROUND).casefold())


class Replies:
    """Takes answers out of the mail to our notices' address. Raises StoreUnavailable."""

    def __init__(
        self, site: Site, cases: Cases, confirming: Confirming, clock: Clock, log: MailLog, rosters: Rosters | None
    ) -> None:
        self._site = site
        self._cases = cases
        self._confirming = confirming
        self._clock = clock
        self._log = log
        self._rosters = rosters

    async def take(self, case: Case) -> bool:
        """Carry out what a message answers; False where it answers nothing, so that a person must read it.

        What was carried out, and what a machine answered, is closed without a word to anybody.
        """
        token = token_of(case.draft, self._site) if case.state in OPEN else ""
        if not token or (body := await self._body(case)) is None:
            return False
        if is_by_machine(case.draft, body):
            return await self._close(case, "machine")
        said = await asyncio.to_thread(answer_in, body)  # a large one must not keep other duties waiting
        if said is None or not await self._is_by_person_asked(case, token):
            return False
        # The way it took is remembered only by the page, which shows it: a letter could vouch for a forger's unseen.
        outcome = await self._confirming.answer(token, Way.REPLY, said, remember=False)
        if outcome is None or (not outcome.taken and said is Said.NOT_HERS):
            return False  # it may have gone out: a person must hear of that
        return await self._close(case, said.value if outcome.taken else "late")

    async def _is_by_person_asked(self, case: Case, token: str) -> bool:
        """Whether the answer names the person's own address, or another of the same person's, as its author."""
        asked = await self._confirming.asked(token, Way.REPLY)
        if asked is None or case.draft.origin == "forged":
            return False
        question, about = asked
        return question.is_to(case.draft.author) or case.draft.author.lower() in self._others(about)

    def _others(self, about: Case) -> frozenset[str]:
        entry = roster_entry(about, self._site, self._rosters)
        return frozenset(address.lower() for address in entry.others) if entry is not None else frozenset()

    async def _body(self, case: Case) -> bytes | None:
        try:
            return await self._cases.body(case.number)
        except (UnknownCase, DamagedBody):
            return None

    async def _close(self, case: Case, outcome: str) -> bool:
        self._log.event("answered", "", case=case.number, way=Way.REPLY.value, outcome=outcome)
        try:
            await self._cases.apply(case.number, case.version, Command(Verb.DISCARD, "policy", self._clock.now()))
        except Conflict:
            return True  # a person has closed it
        return True
