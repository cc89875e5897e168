"""Rules on trial: who sees what they would have done, who sees examples, who says whether they are right."""

from dataclasses import dataclass, replace

from listward.config.policy import Policy
from listward.config.site import MailingList, Site
from listward.filters.policy.trial import Trial, trial_of
from listward.queue.cases.case import Case, CaseState
from listward.queue.desk.access.person import Person
from listward.queue.desk.reads import Reads
from listward.queue.desk.trial_report import Line, decided_of, lines, merged
from listward.queue.desk.vouching import MayNot
from listward.queue.store.observations import Figures, Kept, Observations, Place
from listward.queue.store.ports import Cases
from listward.runtime.clock import Clock

MOST_CASES = 1000  # the newest: a page must not read a year of them
READ, MARKED = "read-examples", "marked-example"
_NOT_TUNER = "Only the two tuners of a list see examples of what its rules would have done."
_DECIDED = (
    CaseState.RELEASED,
    CaseState.DELIVERING,
    CaseState.DELIVERED,
    CaseState.REJECTED,
    CaseState.DISCARDED,
)


class UnknownExample(Exception):
    """There is no such rule, or the example is gone."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of the rules, for some lists since a moment (0: as long as counts are kept)."""

    lines: tuple[Line, ...]
    lists: tuple[str, ...]
    observing: bool
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Trials:
    """Authorises and applies. Everything raises StoreUnavailable unless it says otherwise.

    Without `observations` nothing is counted. `trial` are the rules of the policy in use.
    """

    site: Site
    policy: Policy
    observations: Observations | None
    cases: Cases
    reads: Reads
    clock: Clock
    trial: Trial

    def shows(self, person: Person) -> bool:
        """Whether there is anything to see for this person: a rule on trial, or a tuner's list."""
        return bool(self.trial.watched and self.lists_of(person)) or bool(self.tuned_by(person))

    def lists_of(self, person: Person) -> tuple[MailingList, ...]:
        """The lists whose counts this person sees: her own, and all for who sees how the gateway is."""
        return tuple(
            entry
            for entry in self.site.lists
            if person.sees_health or _moderates(person, entry) or person.address in entry.tuners
        )

    def tuned_by(self, person: Person) -> tuple[MailingList, ...]:
        """The lists whose examples this person sees: nobody but their named tuners does."""
        return tuple(entry for entry in self.site.lists if person.address in entry.tuners)

    async def report(
        self, person: Person, since: float = 0.0, only: tuple[str, ...] = (), most_cases: int = MOST_CASES
    ) -> Report:
        """Return the report on this person's lists, or those of them in `only`. Raises MayNot."""
        addresses = tuple(entry.address for entry in self.lists_of(person) if not only or entry.address in only)
        if not addresses:
            raise MayNot("Only a list's moderators and tuners see what its rules would have done.")
        if self.observations is None:
            return Report((), addresses, self.trial.observing, since)
        figures = [await self.observations.figures(address, since) for address in addresses]
        cases = await self._cases(addresses, since, most_cases)
        found: Figures = merged(figures)
        hashes = {policy for policy, _ in found.judged} | {case.draft.policy_hash for case in cases}
        policies = await self.observations.policies(sorted(hashes))
        made = lines(self.policy, self.trial, found, policies, decided_of(cases, policies))
        return Report(tuple(made), addresses, self.trial.observing, since)

    async def _cases(self, addresses: tuple[str, ...], since: float, most: int) -> list[Case]:
        """Of the newest cases that people have ruled on, those since then."""
        found: list[Case] = []
        cursor, read = "", 0
        while read < most:
            page = await self.cases.page(_DECIDED, addresses, limit=200, cursor=cursor, newest_first=True)
            found += [case for case in page.cases if case.changed_at >= since]
            cursor, read = page.cursor, read + len(page.cases)
            if not cursor:
                break
        return found

    async def examples(self, person: Person, list_address: str, rule: str) -> tuple[Kept, ...]:
        """Return the examples of one rule. The reading is written down before. Raises MayNot, UnknownExample."""
        entry, key = self._tuned(person, list_address), self.trial.keys.get(rule)
        if key is None or self.observations is None:
            raise UnknownExample(rule)
        await self.reads.note(entry.address, "", person.address, READ, self.clock.now())
        kept = await self.observations.examples(entry.address, key)
        return tuple(one for one in kept if _moderates(person, entry) or not _is_internal(one, entry))

    async def mark(self, person: Person, rule: str, place: Place, mark: bool | None) -> None:
        """Say whether the rule would have been right. Raises MayNot, UnknownExample.

        Only what this person may see can be marked: an example is found by where it lies and by its id.
        """
        entry, key = self._tuned(person, place.list), self.trial.keys.get(rule)
        if key is None or self.observations is None:
            raise UnknownExample(rule)
        kept = await self.observations.examples(entry.address, key)
        wanted = replace(place, list=entry.address, rule=key)
        found = next((one for one in kept if one.place == wanted), None)
        if found is None or (_is_internal(found, entry) and not _moderates(person, entry)):
            raise UnknownExample(rule)
        await self.reads.note(entry.address, "", person.address, MARKED, self.clock.now())
        if not await self.observations.mark(wanted, mark):
            raise UnknownExample(rule)

    def _tuned(self, person: Person, list_address: str) -> MailingList:
        found = next((entry for entry in self.tuned_by(person) if entry.address == list_address.lower()), None)
        if found is None:
            raise MayNot(_NOT_TUNER)
        return found


def trials_at(
    site: Site, policy: Policy, observations: Observations | None, cases: Cases, reads: Reads, clock: Clock
) -> Trials:
    """Return the trials under one configuration."""
    trial = trial_of(policy, site.policy.mode == "observe")
    return Trials(site, policy, observations, cases, reads, clock, trial)


def _moderates(person: Person, entry: MailingList) -> bool:
    return bool(person.served(entry.moderators or ("moderators",)))


def _is_internal(kept: Kept, entry: MailingList) -> bool:
    return kept.example.internal or entry.zone == "internal"
