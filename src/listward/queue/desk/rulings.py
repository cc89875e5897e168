"""The one place where a person's act on a case is authorised and applied, whichever door it came by."""

from collections.abc import Sequence
from dataclasses import dataclass

from listward.config.policy import Policy
from listward.config.site import Site
from listward.filters.probes import Rosters
from listward.filters.routing.kinds import Zone
from listward.filters.routing.targets import Directory
from listward.filters.routing.zones import zone_in
from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.numbers import NotANumber, parse_number
from listward.queue.cases.transitions import OPEN, decided_by, outstanding
from listward.queue.desk.access.person import Person
from listward.queue.desk.bundle import in_bundle
from listward.queue.desk.plain import sentence_of
from listward.queue.desk.vouching import Vouching
from listward.queue.notices.offices import is_to_office
from listward.queue.store.accounts import Accounts
from listward.queue.store.ports import Cases, Conflict, UnknownCase
from listward.runtime.clock import Clock
from listward.runtime.metrics import Metrics

VERBS = (Verb.RELEASE, Verb.REJECT, Verb.DISCARD, Verb.CLAIM, Verb.UNCLAIM, Verb.UNDO, Verb.ESCALATE)
SEEN_AFTER_S = 7 * 86_400  # a decided case stays visible to its queue for a week
BUNDLE_MOST = 500


class NotYours(Exception):
    """This person may not do that with this case; the text says why in one plain sentence."""


class NeedsWords(Exception):
    """A clause or a sentence is missing or unknown; the text says which."""


@dataclass(frozen=True, slots=True)
class BundleOutcome:
    """What came of one case of a bundle: `case` where it was discarded, else `problem` in one plain sentence."""

    number: str
    case: Case | None
    problem: str = ""


class Rulings:
    """Authorises and applies."""

    def __init__(
        self,
        cases: Cases,
        site: Site,
        policy: Policy,
        clock: Clock,
        metrics: Metrics | None = None,
        rosters: Rosters | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self._cases = cases
        self._site = site
        self._policy = policy
        self._clock = clock
        self._metrics = metrics
        self._rosters = rosters
        self._directory = Directory(site)
        self.vouching = Vouching(site, accounts, rosters, clock)

    async def see(self, person: Person, number: str) -> Case:
        """Return a case that this person may read. Raises UnknownCase, NotYours, StoreUnavailable."""
        try:
            case = await self._cases.get(parse_number(number))
        except NotANumber as problem:
            raise UnknownCase(number) from problem
        if not self.may_see(person, case):
            raise NotYours("This case is not in one of your queues.")
        return case

    def may_see(self, person: Person, case: Case) -> bool:
        """Whether a case is this person's to read: one of its queues, while open and a week after."""
        recent = case.state in OPEN or self._clock.now() - case.changed_at <= SEEN_AFTER_S
        return person.every_queue or (recent and bool(person.served(case.draft.queues)))

    async def rule(
        self, person: Person, number: str, verb: Verb, version: int, clause: str = "", sentence: str = ""
    ) -> Case:
        """Carry out one act and return the case as it now is.

        Raises NotYours (403), NeedsWords (422), Conflict (409), UnknownCase (404), StoreUnavailable (503).
        """
        case = await self.see(person, number)
        self._authorise(person, case, verb)
        _refuse_the_late(case, version)
        clause, sentence = clause.strip(), sentence_of(sentence)
        if is_to_office(case.draft):  # "done": the answer is a letter of its own, so nobody is told
            clause = sentence = ""
        self._check_words(case, verb, clause, sentence)
        decided = await self._apply(person, case, verb, clause, sentence)
        self._measure(case, decided, verb)
        if verb is Verb.UNDO:
            await self.vouching.take_back(case)
        return decided

    async def release_and_vouch(self, person: Person, number: str, version: int) -> tuple[Case, str]:
        """Release, and let this sender's mail through from now on; return the case, and why not in one sentence or "".

        While another queue is still asked nothing is remembered: who releases last may. Raises as `rule`.
        """
        before = await self.see(person, number)
        if not self.vouching.offered(before):
            raise NotYours("Nobody can vouch for the way this message took. Release it alone.")
        case = await self.rule(person, number, Verb.RELEASE, version)
        if case.state is not CaseState.RELEASED or case.ruling is None:
            return case, "Another queue decides too. Its people may vouch when they release it."
        return case, await self.vouching.vouch(person, case, case.ruling.at)

    async def _apply(self, person: Person, case: Case, verb: Verb, clause: str, sentence: str) -> Case:
        """Apply the act; a release approves for each queue of this person that is still asked, in one touch."""
        decided = await self._cases.apply(
            case.number, case.version, self._command(person, case, verb, clause, sentence)
        )
        while verb is Verb.RELEASE and decided.state is CaseState.HELD and person.served(outstanding(decided)):
            command = self._command(person, decided, verb, clause, sentence)
            decided = await self._cases.apply(case.number, decided.version, command)
        return decided

    async def discard_bundle(self, person: Person, items: Sequence[tuple[str, int]]) -> tuple[BundleOutcome, ...]:
        """Discard strangers' likely spam, each case by itself; nobody else's message is ever in a bundle.

        Raises StoreUnavailable, NeedsWords for more than 500 cases.
        """
        if len(items) > BUNDLE_MOST:
            raise NeedsWords(f"A bundle has at most {BUNDLE_MOST} cases.")
        return tuple([await self._discard_one(person, number, version) for number, version in items])

    async def _discard_one(self, person: Person, number: str, version: int) -> BundleOutcome:
        try:
            case = await self.see(person, number)
            if not self.is_bundled(case):
                return BundleOutcome(number, None, "This is not a stranger's likely spam; open it by itself.")
            return BundleOutcome(number, await self._discard_silently(person, case, version))
        except NotYours as problem:
            return BundleOutcome(number, None, str(problem))
        except UnknownCase:
            return BundleOutcome(number, None, "There is no such case.")
        except Conflict as problem:
            return BundleOutcome(number, None, f"{problem.decided_by} was first.")

    async def _discard_silently(self, person: Person, case: Case, version: int) -> Case:
        """Discard without words: nobody is told, whether or not the author's address is proven."""
        self._authorise(person, case, Verb.DISCARD)
        _refuse_the_late(case, version)
        decided = await self._apply(person, case, Verb.DISCARD, "", "")
        self._measure(case, decided, Verb.DISCARD)
        return decided

    def is_bundled(self, case: Case) -> bool:
        """Whether a case is strangers' likely spam, of an address that is on no list's roster or that disowned it."""
        if case.denied:
            return in_bundle(case.draft)
        return in_bundle(case.draft, self._rosters, (entry.address for entry in self._site.lists))

    def _authorise(self, person: Person, case: Case, verb: Verb) -> None:
        if verb not in VERBS:
            raise NotYours("This is not for people to do.")
        if not person.served(case.draft.queues):
            raise NotYours("This case is not in one of your queues.")
        if self.is_own(person, case):
            raise NotYours("Nobody decides on their own message. A colleague does.")
        if verb is Verb.ESCALATE and not self.above(person, case):
            raise NotYours("There is no queue above yours that could take this case.")
        if verb is Verb.RELEASE and case.state in OPEN and not _queue_of(person, case):
            raise NotYours("Your queue has approved already. Another queue decides now.")
        if is_to_office(case.draft) and verb in {Verb.RELEASE, Verb.REJECT}:
            raise NotYours("This is mail to an office, not to a list. Answer it yourself, then mark it as done.")
        if verb is Verb.RELEASE:
            self._check_way(case)

    def is_own(self, person: Person, case: Case) -> bool:
        """Whether the message is this person's own, by its author or its envelope sender."""
        written_by = (case.draft.author, case.draft.envelope.sender)
        return any(_same_mailbox(person.address, address) for address in written_by)

    def _check_way(self, case: Case) -> None:
        """Routing is checked again at release, with the recipients frozen at the hold: lists may have changed since."""
        mailing_list = self._site.list_for(case.draft.list)
        zone = Zone(mailing_list.zone) if mailing_list is not None else Zone.INTERNAL
        if not (case.draft.internal or zone is Zone.INTERNAL):
            return
        # A members' list is a moderator's decision; nobody decides that an internal matter goes to the public.
        ways = {Zone.INTERNAL, Zone.MEMBERS} & {Zone.INTERNAL, zone}
        zones = {zone_in(recipient, self._directory) for recipient in case.draft.envelope.recipients} - ways
        if Zone.PUBLIC in zones:
            raise NotYours("This is an internal matter and its list is public. It cannot be released.")
        if zones:
            raise NotYours("This is an internal matter and would go to somebody outside. It cannot be released.")

    def above(self, person: Person, case: Case) -> str:
        """The queue this person can pass the case on to, "" where there is none."""
        queue = self._site.queue_named(_queue_of(person, case))
        return queue.escalate_to if queue else ""

    def _check_words(self, case: Case, verb: Verb, clause: str, sentence: str) -> None:
        if clause and self._policy.clause(clause) is None:
            raise NeedsWords("There is no such clause. Choose one of the list.")
        needed = verb is Verb.REJECT or (
            verb is Verb.DISCARD and case.draft.authenticated and not is_to_office(case.draft)
        )
        if needed and not (clause and sentence):
            raise NeedsWords("Choose a clause and write one sentence for the author.")

    def _command(self, person: Person, case: Case, verb: Verb, clause: str, sentence: str) -> Command:
        now = self._clock.now()
        after = now + self._site.clocks.undo_s if verb is Verb.RELEASE else 0.0
        return Command(verb, person.address, now, _queue_of(person, case), clause, sentence, after)

    def _measure(self, before: Case, after: Case, verb: Verb) -> None:
        decided = verb in {Verb.RELEASE, Verb.REJECT, Verb.DISCARD} and after.state not in OPEN
        if self._metrics is not None and decided and before.ruling is None:
            self._metrics.decision_seconds.observe(max(0.0, self._clock.now() - before.opened_at))


def _queue_of(person: Person, case: Case) -> str:
    """The queue this person acts for: the first of theirs that has not approved yet, "" where all have."""
    return next(iter(person.served(outstanding(case))), "")


def _refuse_the_late(case: Case, version: int) -> None:
    """Say who was first before asking for words; the store checks the version once more in its own step."""
    if case.version != version:
        raise Conflict(decided_by(case), case.version, case.state.value)


def _same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses are one mailbox: case and a +detail make no difference."""
    return bool(one) and _bare(one) == _bare(other)


def _bare(address: str) -> str:
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
