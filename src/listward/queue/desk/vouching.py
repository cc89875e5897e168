"""Ways of sending that somebody vouched for: who may vouch, see and revoke them. Authorised here, for every door."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from listward.config.site import MailingList, Site
from listward.filters.identity.standing import How, Method, Path
from listward.filters.probes import Rosters
from listward.queue.cases.case import Case
from listward.queue.desk.access.person import Person
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.confirming import bar_to_path, vouch
from listward.queue.store.accounts import Accounts, UnknownVouch, Vouch
from listward.queue.store.ports import StoreUnavailable
from listward.runtime.clock import Clock

# Why a way of sending is not remembered, for moderators: the roster's reasons and the store's, by their one word.
_WHY_NOT = {
    "switched-off": "Ways of sending are not remembered here.",
    "internal-list": "Mail on internal matters must always be proven.",
    "our-domain": "Mail from our own domains must always be proven.",
    "office": "Mail of officers and moderators must always be proven.",
    "no-path": "Nothing marks the way this mail took.",
    "shared": "Others send by this way too, so it cannot tell who wrote.",
    "too-many": "This address has as many ways of sending as can be remembered. Revoke one first.",
}
_NOT_NOW = "The way of sending could not be remembered now."


class MayNot(Exception):
    """This person may not see or revoke ways of sending."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """Authorises and applies. Everything raises StoreUnavailable unless it says otherwise."""

    site: Site
    accounts: Accounts | None
    rosters: Rosters | None
    clock: Clock

    def offered(self, case: Case) -> tuple[Path, ...]:
        """The ways a release could vouch for; none where it could not: for strangers, officers, internal matters."""
        if self.accounts is None or roster_entry(case, self.site, self.rosters) is None:
            return ()
        return () if bar_to_path(case, self.site, self.rosters) else case.draft.paths

    def bar(self, case: Case) -> str:
        """Why a member's way of sending cannot be vouched for, in one sentence; "" where it can, and of strangers."""
        if self.accounts is None or roster_entry(case, self.site, self.rosters) is None:
            return ""
        barred = bar_to_path(case, self.site, self.rosters)
        return _sentence(barred) if barred else ""

    async def vouch(self, person: Person, case: Case, at: float) -> str:
        """Vouch for the way of a message that was just released; return why not in one sentence, "" where it is done.

        Raises nothing: the release stands whatever comes of this.
        """
        if self.accounts is None or not self.offered(case):
            return _sentence(bar_to_path(case, self.site, self.rosters))
        try:
            barred = await vouch(self.accounts, self.site, self.rosters, case, person.address, How.RELEASE, at)
        except StoreUnavailable:
            return _NOT_NOW
        return _sentence(barred) if barred else ""

    async def take_back(self, case: Case) -> None:
        """Revoke what was vouched with the release of this case, which is undone."""
        if self.accounts is None or case.ruling is None or not case.draft.paths:
            return
        for one in await self.accounts.vouches(case.draft.list, case.draft.author):
            if one.how is How.RELEASE and (one.by, one.at) == (case.ruling.by, case.ruling.at):
                with suppress(UnknownVouch):
                    await self.accounts.revoke(one.id, case.ruling.by, self.clock.now())

    def lists_of(self, person: Person) -> tuple[MailingList, ...]:
        """The lists that this person decides for."""
        return tuple(entry for entry in self.site.lists if person.served(entry.moderators or ("moderators",)))

    async def listed(self, person: Person) -> tuple[Vouch, ...]:
        """What stands for this person's lists, newest first. Raises MayNot."""
        lists = self.lists_of(person)
        if not lists:
            raise MayNot("Only the moderators of a list see its ways of sending.")
        if self.accounts is None:
            return ()
        return _of_lists(await self.accounts.vouches(), lists)

    async def revoke(self, person: Person, identity: str) -> Vouch:
        """End one at once. Raises MayNot, UnknownVouch: for another list's as for one that is not there."""
        found = next((one for one in await self.listed(person) if one.id == identity), None)
        if found is None or self.accounts is None:
            raise UnknownVouch(identity)
        return await self.accounts.revoke(found.id, person.address, self.clock.now())


def path_words(path: Path) -> str:
    """A way of sending in plain words."""
    if path.method is Method.DKIM:
        return f"mail that {path.domain} signs"
    return f"mail from the servers of {path.domain}"


def _of_lists(vouches: Iterable[Vouch], lists: Iterable[MailingList]) -> tuple[Vouch, ...]:
    addresses = {entry.address for entry in lists}
    return tuple(one for one in vouches if one.list in addresses)


def _sentence(reason: str) -> str:
    return _WHY_NOT.get(reason, "The way of sending cannot be remembered for this author.")
