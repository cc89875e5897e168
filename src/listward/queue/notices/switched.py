"""Letters on the switch itself: an account was frozen, or is no longer. They go to other addresses of the person."""

import asyncio

from listward.config.load import Configuration
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.queue.notices.eligible import is_person
from listward.queue.notices.languages import languages_of
from listward.queue.notices.letters import Letter, write
from listward.queue.notices.posting import Posting
from listward.queue.store.switches import Switch, Switches

LEASE_S = 120  # one courier at a time tells


class Switched:
    """Works off what the desk has left to be told. Repeating a letter gives the same Message-ID."""

    def __init__(
        self, configuration: Configuration, posting: Posting, switches: Switches, rosters: Rosters | None
    ) -> None:
        self._configuration = configuration
        self._posting = posting
        self._switches = switches
        self._rosters = rosters

    async def tell(self) -> int:
        """Tell what waits, and return how many acts were told.

        Raises NotYetTold, StoreUnavailable: what is left waits for the next time.
        """
        waiting = await self._switches.waiting() if self._posting.possible else ()
        if not waiting or not await self._switches.lease(LEASE_S):
            return 0
        try:
            for switch in waiting:
                await self._tell(switch)
                await self._switches.done(switch.id)
        finally:
            await self._switches.release()
        return len(waiting)

    async def _tell(self, switch: Switch) -> None:
        """Write to each other address: one of them may be an old one."""
        letter = await asyncio.to_thread(self._letter, switch)
        to = [one for one in switch.others if one != switch.address and is_person(one, self._configuration.site)]
        if not to:
            self._posting.count(switch.turned.value, "nobody")
        for address in to:
            await self._posting.send(switch.turned.value, address, letter, f"{switch.id} {address}", switch.at)

    def _letter(self, switch: Switch) -> Letter:
        site = self._configuration.site
        values = {
            "organisation": site.organisation.name,
            "address": switch.address,
            "help": site.addresses.help,
            "appeal": site.addresses.appeal,
        }
        versions = [(language, values) for language in self._languages(switch)]
        return write(self._configuration.templates, switch.turned.value, versions)

    def _languages(self, switch: Switch) -> tuple[str, ...]:
        """The person's by the first roster that knows her, else the organisation's."""
        for entry in self._configuration.site.lists:
            if (found := self._found(entry.address, switch.address)) is not None:
                return languages_of(found, entry.address, self._configuration.site)
        return languages_of(None, "", self._configuration.site)

    def _found(self, list_address: str, address: str) -> RosterEntry | None:
        try:
            return self._rosters.find(list_address, address) if self._rosters is not None else None
        except ProbeUnavailable:
            return None
