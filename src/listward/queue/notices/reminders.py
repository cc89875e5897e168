"""Reminds moderators of people of the roster whose message waits because their address cannot be proven.

The reminder names case and list, and nothing of the message: it may go to any mailbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from listward.config.load import Configuration
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case
from listward.queue.cases.transitions import OPEN, outstanding
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.letters import write
from listward.queue.notices.posting import Posting
from listward.queue.store.ports import Event
from listward.wire.addresses import is_safe_address

KIND = "remind"
People = Callable[[Iterable[str]], Awaitable[tuple[str, ...]]]


class Reminders:
    """Writes to the people of the queues that still have to decide. `people` finds them by the queues' names."""

    def __init__(self, configuration: Configuration, posting: Posting, people: People, rosters: Rosters | None) -> None:
        self._configuration = configuration
        self._site = configuration.site
        self._posting = posting
        self._people = people
        self._rosters = rosters

    async def on_event(self, event: Event, case: Case) -> None:
        """Remind of a case that has waited for a day. Raises NotYetTold, StoreUnavailable: try again later."""
        if case.state not in OPEN or not self._posting.possible:
            return
        if roster_entry(case, self._site, self._rosters) is None:
            return
        languages = self._site.organisation.languages
        values = [(language, self._values(case)) for language in languages]
        letter = await asyncio.to_thread(write, self._configuration.templates, KIND, values)
        for address in await self._people(outstanding(case)):
            if is_safe_address(address):
                await self._posting.send(KIND, address, letter, f"{event.id} {address}", event.at)

    def _values(self, case: Case) -> Mapping[str, str]:
        url = self._site.console.public_url.rstrip("/")
        return {
            "organisation": self._site.organisation.name,
            "list": case.draft.list,
            "case": case.number,
            "link": f"{url}/cases/{case.number}" if url else "",
        }
