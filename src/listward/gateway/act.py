"""Acting on a message: holds are written first, then the rest is relayed; 250 only when every recipient is settled.

Errors are temporary by default. Custody is promised in one place, `Ending.settled`, and rests on three acts alone: the
next hop said 2xx, the store acknowledged a hold, or it acknowledged a discard.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from listward.filters.judgement import Action
from listward.gateway import records as ledger
from listward.gateway.copies import Copies
from listward.gateway.course import Course, Ending, Fate
from listward.gateway.drafts import Drafter
from listward.gateway.records import Records
from listward.gateway.relay import Passed, relay
from listward.gateway.services import Services
from listward.queue.cases.case import Case, Reason
from listward.queue.cases.commands import Command, Verb
from listward.queue.store.ports import Conflict, HeldLimit, StoreUnavailable
from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.outcome import Step
from listward.wire.payload import Payload

_RESERVE_S = 2.0  # of the deadline, for what the store has to write after the next hop answered
NEXT_HOP_REFUSED = Reason(
    "next-hop-refused", "delivery", "", "The list server took this message and then refused it. A person looks first."
)
NEXT_HOP_STUCK = Reason(
    "next-hop-refused", "delivery", "", "The list server failed three times to take this message. A person looks first."
)

NEXT_HOP_SILENT = Reason(
    "next-hop-silent",
    "delivery",
    "",
    "The list server gave no answer three times. It may have the message already; a person looks first.",
)


@dataclass(frozen=True)
class Task:
    """One message to act on. `data` is what next hops and cases get; `deadline` is monotonic seconds.

    `may_refuse`: a next hop's refusal may go back to the client; False where that would make somebody send a bounce.
    `needs_ledger`: without the ledger nothing is relayed. `copies` are kept of what its list has taken.
    """

    id: str
    envelope: Envelope
    data: Payload
    courses: tuple[Course, ...]
    records: Records
    drafter: Drafter
    hop_of: Callable[[Course], Hop]
    deadline: float
    may_refuse: bool = True
    needs_ledger: bool = True
    copies: Copies | None = None


async def act(services: Services, task: Task) -> Ending:
    """Carry a task out. Never raises for trouble with the store or a next hop."""
    keys = {course.key for course in task.courses}
    if keys & services.under_way:  # the client came again before we had answered it
        return Ending(dict.fromkeys((course.address for course in task.courses), Fate.DEFERRED))
    services.under_way.update(keys)
    try:
        return await _Acting(services, task).run()
    finally:
        services.under_way.difference_update(keys)


@dataclass
class _Acting:
    services: Services
    task: Task
    fates: dict[str, Fate] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    refusal: Passed | None = None
    full: bool = False

    async def run(self) -> Ending:
        pending = self._without_settled()
        to_hold = [course for course in pending if course.action is not Action.ACCEPT]
        to_relay = [course for course in pending if course.action is Action.ACCEPT]
        if to_relay and self.task.needs_ledger and not self.task.records.available:
            return self._ending()
        if not await self._hold(to_hold):
            return self._ending()
        await self._relay(to_relay)
        await self._copy()
        return self._ending()

    async def _copy(self) -> None:
        """Have copies sent of what its list has. Where one cannot be kept the sender comes again for it alone."""
        copies = self.task.copies
        if copies is None:
            return
        for course in filter(self._is_to_be_copied, self.task.courses):
            try:
                await copies.keep(self.task.drafter.draft((course,), ()), self.task.data)
            except StoreUnavailable as error:
                self.full = self.full or isinstance(error, HeldLimit)
                self.fates[course.address] = Fate.DEFERRED

    def _is_to_be_copied(self, course: Course) -> bool:
        """Whether the list has it by now, from this try or an earlier one. What was held is the courier's to copy."""
        records = self.task.records
        outcome = records.outcomes.get(course.key) or records.known.get(course.key)
        return bool(course.copies) and outcome == ledger.RELAYED

    def _without_settled(self) -> list[Course]:
        """Leave out what an earlier try of this very message has settled."""
        records = self.task.records
        settled = [course for course in self.task.courses if records.is_settled(course.key)]
        for course in settled:
            self.fates[course.address] = Fate.REPEATED
            self.cases += filter(None, [records.case(course.key)])
        if not settled:
            return list(self.task.courses)
        self.services.metrics.duplicates_suppressed.inc(len(settled))
        return [course for course in self.task.courses if course.address not in self.fates]

    async def _hold(self, courses: Sequence[Course], *more: Reason) -> bool:
        """Write the cases; False when the store cannot promise to keep one, or not in time: the retry does the rest."""
        for group in self.task.drafter.groups(courses):
            if time.monotonic() >= self.task.deadline - _RESERVE_S:
                return False
            try:
                case = await self._write_case(group, more)
            except StoreUnavailable as error:
                self.full = isinstance(error, HeldLimit)
                if not self.full:
                    self.task.records.outcomes |= {course.key: ledger.HOLDING for course in group}
                return False
            discarded = group[0].action is Action.DISCARD
            for course in group:
                self.fates[course.address] = Fate.DISCARDED if discarded else Fate.HELD
                self.task.records.outcomes[course.key] = ledger.DISCARDED if discarded else ledger.held(case.number)
            if not discarded:
                self.cases.append(case.number)
        return True

    async def _write_case(self, group: tuple[Course, ...], more: tuple[Reason, ...]) -> Case:
        draft = self.task.drafter.draft(group, tuple(self.cases), more)
        case = await self.services.cases.hold(draft, self.task.data)
        if group[0].action is not Action.DISCARD:
            return case
        rule = group[0].verdict.deciding if group[0].verdict is not None else None
        command = Command(
            Verb.DISCARD, "policy", time.time(), clause=rule.clause if rule else "", sentence=rule.words if rule else ""
        )
        try:
            return await self.services.cases.apply(case.number, case.version, command)
        except Conflict:  # an earlier try has discarded it, or a person was faster
            return case

    async def _relay(self, courses: Sequence[Course]) -> None:
        if not courses:
            return
        left = self.task.deadline - time.monotonic() - _RESERVE_S
        if left <= 0:
            self.fates |= {course.address: Fate.DEFERRED for course in courses}
            return
        task = self.task
        passed = await relay(self.services, task.hop_of, task.envelope, courses, task.data, left)
        for course in courses:
            self._note(course, passed[course.address])
        await self._keep_refused(courses, passed)

    def _note(self, course: Course, passed: Passed) -> None:
        self.fates[course.address] = passed.fate
        sent = passed.fate in {Fate.RELAYED, Fate.UNKNOWN}
        records = self.task.records
        if sent and (records.lapsed or records.known.get(course.key) == ledger.UNKNOWN):
            self.services.metrics.duplicates_possible.inc()
        if passed.fate is Fate.RELAYED:
            records.outcomes[course.key] = ledger.RELAYED
        elif passed.fate is Fate.UNKNOWN:
            records.outcomes[course.key] = ledger.UNKNOWN
        else:
            self.refusal = self.refusal or passed

    async def _keep_refused(self, courses: Sequence[Course], passed: dict[str, Passed]) -> None:
        """Hold what the next hop took and refused, what it refused beside settled mail, and what it chokes on."""
        refused = [course for course in courses if self.fates[course.address] is Fate.REFUSED]
        broken = [course for course in refused if passed[course.address].broken]
        if broken:
            self._log("alarm", reason="next-hop-refused")
        alone = len(refused) == len(self.task.courses) and not broken
        deferred = any(fate in {Fate.DEFERRED, Fate.UNKNOWN} for fate in self.fates.values())
        if broken or not (alone and self.task.may_refuse):
            # A refusal beside others who must wait waits with them: the retry settles it.
            keep = broken if deferred and self.task.may_refuse else refused
            await self._keep(keep, NEXT_HOP_REFUSED)
        for fate, reason in ((Fate.DEFERRED, NEXT_HOP_STUCK), (Fate.UNKNOWN, NEXT_HOP_SILENT)):
            await self._keep(self._stuck(courses, passed, fate), reason)

    async def _keep(self, courses: Sequence[Course], reason: Reason) -> None:
        if courses and not await self._hold(courses, reason):
            self.fates |= {
                course.address: Fate.DEFERRED for course in courses if not self.fates[course.address].settled
            }

    def _stuck(self, courses: Sequence[Course], passed: dict[str, Passed], fate: Fate) -> list[Course]:
        """Count what ended so after the dot; return what has done so too often: each try may make one more post."""
        records = self.task.records
        choking = [
            course
            for course in courses
            if self.fates[course.address] is fate and passed[course.address].delivery.step is Step.DOT
        ]
        for course in choking:
            records.one_more([course.address], ledger.PASSING_ON)
        most = ledger.MOST_TRIES - 1
        return [course for course in choking if records.tries([course.address], ledger.PASSING_ON) >= most]

    def _ending(self) -> Ending:
        """Sum up. Whoever has no fate by now waits."""
        for course in self.task.courses:
            self.fates.setdefault(course.address, Fate.DEFERRED)
        if self.full:  # more is held than may be: trying again later helps
            return Ending(dict(self.fates), code=452, enhanced="4.3.1")
        reply = self.refusal.delivery.reply if self.refusal is not None else None
        return Ending(
            dict(self.fates),
            tuple(dict.fromkeys(self.cases)),
            reply.code if reply else 0,
            reply.enhanced if reply else "",
        )

    def _log(self, verb: str, **facts: str) -> None:
        self.services.log.event(verb, self.task.id, **facts)
