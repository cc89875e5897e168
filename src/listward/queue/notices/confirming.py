"""Takes the answer of a person whose address could not be proven, by whichever way it came.

Confirmed, the message is judged as a member's: where nothing but the missing proof held it, it is released.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from listward.config.site import Site
from listward.filters.identity.freezing import CATEGORY, FROZEN, SENTENCE
from listward.filters.identity.origin import OriginKind
from listward.filters.identity.standing import How
from listward.filters.identity.vouching import bar_to_vouching
from listward.filters.judgement import Action, Judgement
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.filters.transaction import Client, Listener, Transaction
from listward.queue.cases.case import Answer, Case, CaseState, Reason, Said
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.reasons import reasons_for
from listward.queue.notices.asked import roster_entry
from listward.queue.notices.tokens import Question, Tokens, Way
from listward.queue.store.accounts import Accounts, CannotVouch, UnknownVouch
from listward.queue.store.ports import Cases, Conflict, DamagedBody, StoreUnavailable, UnknownCase
from listward.runtime.clock import Clock

_TRIES = 3
_DENIABLE = frozenset({CaseState.HELD, CaseState.CLAIMED, CaseState.RELEASED})
_CONFIRMABLE = frozenset({CaseState.HELD, CaseState.CLAIMED})
_FROZEN = (Reason(FROZEN, CATEGORY, "", SENTENCE),)


class Judging(Protocol):
    """What is needed of the judge: without effect, and with an origin that is taken as given."""

    async def judge(self, transaction: Transaction, given_origin: OriginKind | None = None) -> Judgement:
        """Judge one message."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an answer: the case as it is now, and whether the answer came in time.

    `remembered`: the way of sending goes straight through from now on; else `barred` says why not in one word, "" where
    nobody wanted it.
    """

    case: Case
    taken: bool
    remembered: bool = False
    barred: str = ""


class Confirming:
    """Reads questions and carries out answers. Raises StoreUnavailable."""

    def __init__(
        self,
        site: Site,
        cases: Cases,
        tokens: Tokens,
        judge: Judging,
        clock: Clock,
        rosters: Rosters | None,
        accounts: Accounts | None = None,
    ) -> None:
        self._site = site
        self._cases = cases
        self._tokens = tokens
        self._judge = judge
        self._clock = clock
        self._rosters = rosters
        self._accounts = accounts

    async def asked(self, token: str, way: Way) -> tuple[Question, Case] | None:
        """What a token asks about; None where it is unknown, spent, too old, for another case, person or way."""
        question = await self._tokens.question(token, way)
        if question is None:
            return None
        try:
            case = await self._cases.get(question.number)
        except (UnknownCase, DamagedBody):
            return None
        return (question, case) if question.is_to(case.draft.author) else None

    async def answer(self, token: str, way: Way, said: Said, remember: bool = True) -> Outcome | None:
        """Carry out an answer, once; None where the token asks nothing. An answer that was taken spends the token."""
        asked = await self.asked(token, way)
        for _ in range(_TRIES):
            if asked is None:
                return None
            try:
                outcome = await self._answered(asked[1], said, remember)
            except Conflict:  # a moderator was at it in the same moment: look again
                asked = await self.asked(token, way)
                continue
            if outcome.taken:
                await self._tokens.spend(token, way)
            return outcome
        return Outcome(asked[1], taken=False) if asked is not None else None

    async def _answered(self, case: Case, said: Said, remember: bool) -> Outcome:
        if said is Said.NOT_HERS:
            return await self._denied(case)
        if not is_answerable(case, said):
            return Outcome(case, taken=False)
        confirmed = await self._cases.apply(case.number, case.version, await self._confirmation(case))
        barred = await self._vouch(case) if remember else ""
        return Outcome(confirmed, taken=True, remembered=remember and not barred, barred=barred)

    async def _denied(self, case: Case) -> Outcome:
        if not is_answerable(case, Said.NOT_HERS):
            return Outcome(case, taken=False)
        await self._revoke(case)  # first: what fails here is tried again with the whole answer
        now = self._clock.now()
        command = Command(Verb.DENY, case.draft.author, now, answer=Answer(Said.NOT_HERS, now))
        return Outcome(await self._cases.apply(case.number, case.version, command), taken=True)

    async def _revoke(self, case: Case) -> None:
        """Somebody else uses this way: whoever vouched for it was mistaken."""
        if self._accounts is None or not case.draft.paths:
            return
        for one in await self._accounts.vouches(author=case.draft.author):
            if one.path in case.draft.paths:
                with suppress(UnknownVouch):
                    await self._accounts.revoke(one.id, case.draft.author, self._clock.now())

    async def _confirmation(self, case: Case) -> Command:
        """The act: a release too, where a member's message of the same words would have passed."""
        now, entry = self._clock.now(), roster_entry(case, self._site, self._rosters)
        answer = Answer(Said.HERS, now, entry.role.value if entry else "")
        judgement, frozen = await self._judged_as_members(case), await self._is_frozen(case)
        reasons = (*_FROZEN[:frozen], *(_reasons(judgement) if judgement is not None else ()))
        passes = judgement is not None and _passes(judgement, entry) and not frozen
        answer = replace(answer, reasons=reasons)
        after = now + self._site.clocks.undo_s if passes else 0.0
        return Command(Verb.CONFIRM, case.draft.author, now, deliver_after=after, answer=answer)

    async def _judged_as_members(self, case: Case) -> Judgement | None:
        """The judgement with the author taken as proven; None where the text is gone or damaged: a person decides."""
        try:
            body = await self._cases.body(case.number)
        except (UnknownCase, DamagedBody):
            return None
        envelope, at = case.draft.envelope, case.draft.received_at
        transaction = Transaction(
            case.number, Listener.INGRESS, Client(None), envelope.sender, envelope.recipients, body, at
        )
        return await self._judge.judge(transaction, OriginKind.MEMBER)

    async def _is_frozen(self, case: Case) -> bool:
        """Whether the account is frozen: whoever reads its mailbox may not be its owner."""
        if self._accounts is None:
            return False
        try:
            return (await self._accounts.of(case.draft.author, case.draft.paths)).frozen
        except ProbeUnavailable:
            return True

    async def _vouch(self, case: Case) -> str:
        """Remember the way the message took; return why not in one word, "" where it is remembered.

        Raises nothing: the answer stands whatever comes of this.
        """
        if self._accounts is None:
            return "switched-off"
        author, now = case.draft.author, self._clock.now()
        try:
            return await vouch(self._accounts, self._site, self._rosters, case, author, How.CONFIRMATION, now)
        except StoreUnavailable:
            return "not-now"


def is_answerable(case: Case, said: Said) -> bool:
    """Whether an answer still has an effect: none was given, and nobody has ruled."""
    if case.answer is not None or case.draft.authenticated:
        return False
    return case.state in (_CONFIRMABLE if said is Said.HERS else _DENIABLE)


def bar_to_path(case: Case, site: Site, rosters: Rosters | None) -> str:
    """Why the way of this message cannot be vouched for, in one word, "" where it may be. The store knows more."""
    if rosters is None or case.draft.internal:
        return "internal-list" if case.draft.internal else "no-list"
    try:
        bar = bar_to_vouching(case.draft.author, case.draft.list, site, rosters)
    except ProbeUnavailable:
        return "no-roster"
    if bar is not None:
        return bar.value
    return "" if case.draft.paths else "no-path"


async def vouch(
    accounts: Accounts, site: Site, rosters: Rosters | None, case: Case, by: str, how: How, at: float
) -> str:
    """Vouch for the first path of a message that can be vouched for; return why not in one word, "" where it is done.

    Raises StoreUnavailable.
    """
    if barred := bar_to_path(case, site, rosters):
        return barred
    for path in case.draft.paths:
        try:
            await accounts.vouch(case.draft.list, case.draft.author, path, by, how, at)
        except CannotVouch as problem:
            barred = problem.reason
        else:
            return ""
    return barred


def _passes(judgement: Judgement, entry: RosterEntry | None) -> bool:
    """Whether every copy would have passed as a member's, of somebody who is on the roster still."""
    return entry is not None and all(verdict.action is Action.ACCEPT for verdict in judgement.recipients)


def _reasons(judgement: Judgement) -> tuple[Reason, ...]:
    """What a member's message of these words is held for; of several recipients, what holds the strictest."""
    strictest = max(judgement.recipients, key=lambda verdict: verdict.action.strength, default=None)
    return reasons_for(strictest, judgement.findings) if strictest is not None else ()
