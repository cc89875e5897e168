"""Tells secretary and moderators what has changed in the rules, in sentences, each change once to each of them.

A letter names rules, clauses and lists alone, and of phrases and accounts only how many: it may go to any mailbox.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from pydantic import ValidationError

from listward.config.approval import SHOWN, approval_of
from listward.config.load import Configuration
from listward.config.policy import Policy
from listward.config.vocabulary import Vocabulary, vocabulary
from listward.filters.policy.difference import differences, mode_difference
from listward.filters.probes import ProbeUnavailable, Rosters
from listward.queue.notices.eligible import is_person
from listward.queue.notices.languages import languages_of, local, moment
from listward.queue.notices.letters import write
from listward.queue.notices.posting import NotYetTold, Posting
from listward.queue.store.ports import Trail
from listward.queue.store.rules import Change, Ran, RulesHistory, Telling
from listward.runtime.clock import Clock

KIND = "rules-changed"
VERB = "policy-changed"
LEASE_S = 120
MOST_SENTENCES = 60
People = Callable[[Iterable[str]], Awaitable[tuple[str, ...]]]


class RulesChanged:
    """Notes once that other rules run than before, also after a restart, and writes the letters. `people` decide."""

    def __init__(
        self,
        configuration: Configuration,
        posting: Posting,
        history: RulesHistory,
        trail: Trail,
        people: People,
        rosters: Rosters | None,
        clock: Clock,
    ) -> None:
        self._configuration = configuration
        self._posting = posting
        self._history = history
        self._trail = trail
        self._people = people
        self._rosters = rosters
        self._clock = clock
        self._noted = False

    async def look(self) -> int:
        """Note a change where there is one, tell what waits, and return how many changes were told to all.

        Raises NotYetTold, StoreUnavailable: what is left waits for the next time.
        """
        if self._noted and not (self._posting.possible and await self._history.waiting()):
            return 0
        if not await self._history.lease(LEASE_S):
            return 0
        try:
            await self._note()
            return await self._tell()
        finally:
            await self._history.release()

    async def _note(self) -> None:
        if self._noted:
            return
        policy, ran, now = self._configuration.policy, await self._history.ran(), self._clock.now()
        rules = Ran(policy.digest, policy.model_dump_json(by_alias=True), now, self._configuration.site.policy.mode)
        if ran is not None and _differs(ran, rules):
            await self._note_change(ran, rules)
        if ran is None or (ran.digest, ran.mode) != (rules.digest, rules.mode):
            await self._history.run(rules)
        self._noted = True

    async def _note_change(self, ran: Ran, rules: Ran) -> None:
        """A courier that dies in the middle leaves the same name to the next one."""
        id = f"{ran.digest[:16]}-{rules.digest[:16]}-{int(ran.at * 1000)}"
        site = self._configuration.site
        if self._posting.possible:
            versions = (ran.digest, rules.digest, ran.policy, rules.policy)
            await self._history.add(Change(id, *versions, rules.at, ran.mode, rules.mode))
        standing = approval_of(self._configuration.policy, site.policy).standing
        facts: dict[str, str | int | float] = {"before": ran.digest, "after": rules.digest, "approval": standing.value}
        if ran.mode and ran.mode != rules.mode:
            facts["mode"] = rules.mode
        await self._trail.append(site.lists[0].address, VERB, rules.at, facts, {})

    async def _tell(self) -> int:
        waiting = await self._history.waiting() if self._posting.possible else ()
        for change in waiting:
            await self._tell_all(change)
            await self._history.done(change.id)
        return len(waiting)

    async def _tell_all(self, change: Change) -> None:
        site = self._configuration.site
        queues = dict.fromkeys(
            ("secretary", "moderators", *(name for entry in site.lists for name in entry.moderators))
        )
        people = [one for one in await self._people(tuple(queues)) if is_person(one, site)]
        if not people:
            self._posting.count(KIND, "nobody")
        for address in people:
            match await self._history.claim(change.id, address):
                case Telling.MINE:
                    await self._tell_one(change, address)
                case Telling.BUSY:
                    raise NotYetTold

    async def _tell_one(self, change: Change, address: str) -> None:
        values = await asyncio.to_thread(self._versions, change, self._languages(address))
        letter = write(self._configuration.templates, KIND, values)
        try:
            await self._posting.send(KIND, address, letter, f"{change.id} {address}", change.at)
        except NotYetTold:
            await self._history.not_told(change.id, address)
            raise
        await self._history.told(change.id, address)

    def _versions(self, change: Change, languages: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
        return [(language, self._values(change, language)) for language in languages]

    def _values(self, change: Change, language: str) -> dict[str, str]:
        site, words = self._configuration.site, vocabulary(language)
        before, after = _policy(change.before), _policy(change.after)
        approval = approval_of(after, site.policy).sentence(words) if after is not None else ""
        url = site.console.public_url.rstrip("/")
        return {
            "organisation": site.organisation.name,
            "moment": moment(local(change.at, site), language),
            "approval": approval,
            "changes": _changes(before, after, mode_difference(change.mode_before, change.mode, words), words),
            "version": change.digest[:SHOWN],
            "before": change.digest_before[:SHOWN],
            "page": f"{url}/rules" if url else "",
            "help": site.addresses.help,
        }

    def _languages(self, address: str) -> tuple[str, ...]:
        """The person's by the first roster that knows her, else the organisation's."""
        site = self._configuration.site
        for entry in site.lists:
            try:
                found = self._rosters.find(entry.address, address) if self._rosters is not None else None
            except ProbeUnavailable:
                continue
            if found is not None:
                return languages_of(found, entry.address, site)
        return languages_of(None, "", site)


def _policy(text: str) -> Policy | None:
    """Rules as they were kept, None where another version of the program kept them otherwise."""
    try:
        return Policy.model_validate_json(text)
    except ValidationError:
        return None


def _differs(ran: Ran, rules: Ran) -> bool:
    """Whether mail fares otherwise: by other rules, or because the same ones begin or cease to have effect."""
    return ran.digest != rules.digest or (ran.mode != "" and ran.mode != rules.mode)


def _changes(before: Policy | None, after: Policy | None, mode: tuple[str, ...], words: Vocabulary) -> str:
    if before is None or after is None:
        return "\n\n".join((*(f"- {sentence}" for sentence in mode), words.say("change", "unreadable")))
    found = (*mode, *differences(before, after, words)) or (words.say("change", "same"),)
    told = [f"- {sentence}" for sentence in found[:MOST_SENTENCES]]
    if len(found) > MOST_SENTENCES:
        told.append(f"- {words.say('change', 'more', count=len(found) - MOST_SENTENCES)}")
    return "\n\n".join(told)
