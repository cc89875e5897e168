"""Telling a person of mail in her name by another address of hers, where somebody else may have the mailbox.

So it is for what was held by signs of a stolen account, or because the account is frozen. Where the roster knows no
other address the ordinary notice goes to the author's: silence is worse, and it says no more than that a person looks.
"""

import asyncio

from listward.config.load import Configuration
from listward.filters.identity.freezing import FROZEN
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.queue.cases.case import CaseDraft
from listward.queue.notices.eligible import is_person
from listward.queue.notices.languages import languages_of
from listward.queue.notices.ledger import NoticeLedger
from listward.queue.notices.letters import Letter, write
from listward.queue.notices.posting import Posting
from listward.queue.notices.suspect import is_suspect
from listward.queue.notices.values import Told, values_for
from listward.queue.store.ports import Event

ONCE_A_DAY = "elsewhere "


def template_for_suspect(told: Told) -> str:
    """Which letter: none of them has a place for what was written."""
    if told.kind != "held":
        return "rejected-unusual"
    rules = {reason.rule for reason in told.case.draft.reasons}
    return "held-frozen" if FROZEN in rules else "held-unusual"


class Elsewhere:
    """Writes to another address of the person."""

    def __init__(
        self, configuration: Configuration, posting: Posting, ledger: NoticeLedger, rosters: Rosters | None
    ) -> None:
        self._configuration = configuration
        self._posting = posting
        self._ledger = ledger
        self._rosters = rosters

    async def told(self, event: Event, told: Told) -> bool:
        """Whether this notice goes, or went today, to another address; then nobody else is to be told.

        Of what is held one letter a day: a thief must not be able to fill her other mailbox. Raises NotYetTold,
        StoreUnavailable.
        """
        draft = told.case.draft
        entry = self._entry(draft) if is_suspect(draft) else None
        to = next((one for one in entry.others if self._is_other(one, draft)), "") if entry is not None else ""
        if entry is None or not to:
            return False
        if told.kind == "held" and await self._ledger.place(ONCE_A_DAY + to, event.id, event.at):
            self._posting.count(told.kind, "covered")
            return True
        letter = await asyncio.to_thread(self._letter, told, entry)
        await self._posting.send(told.kind, to, letter, event.id, event.at)
        return True

    def _letter(self, told: Told, entry: RosterEntry) -> Letter:
        draft, configuration = told.case.draft, self._configuration
        languages = languages_of(entry, draft.list, configuration.site)
        versions = [
            (language, {**values_for(told, configuration, language), "address": draft.author}) for language in languages
        ]
        return write(configuration.templates, template_for_suspect(told), versions)

    def _is_other(self, address: str, draft: CaseDraft) -> bool:
        return address.lower() != draft.author.lower() and is_person(address, self._configuration.site)

    def _entry(self, draft: CaseDraft) -> RosterEntry | None:
        try:
            return self._rosters.find(draft.list, draft.author) if self._rosters is not None else None
        except ProbeUnavailable:
            return None
