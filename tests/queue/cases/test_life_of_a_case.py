"""Whatever people and courier try in whatever order, a case keeps its rules."""

from case_samples import draft
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from listward.queue.cases.case import Case, CaseState
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import COURIER, OPEN, Refused, advance, outstanding

QUEUES = ("moderators", "office", "secretary")
PEOPLE = ("ana", "ben", "cleo")
ENDS = {CaseState.REJECTED, CaseState.DISCARDED, CaseState.DELIVERED, CaseState.WITHDRAWN, CaseState.EXPIRED}


class LifeOfACase(RuleBasedStateMachine):
    """Random acts by random people at a clock that only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.case = Case("10008", 1, CaseState.HELD, draft(queues=QUEUES[:2]), self.now, self.now)
        self.deliveries = 0

    @rule(
        verb=st.sampled_from(list(Verb)), by=st.sampled_from((*PEOPLE, COURIER)), queue=st.sampled_from(("", *QUEUES))
    )
    def act(self, verb: Verb, by: str, queue: str) -> None:
        """Try an act; refused ones change nothing, others exactly one step."""
        before = self.case
        command = Command(verb, by, self.now, queue, deliver_after=self.now + 60.0, note="why")
        try:
            self.case = advance(before, command, {"moderators": "office", "office": "secretary"})
        except Refused:
            return
        assert self.case.version == before.version + 1
        assert self.case.changed_at == self.now
        assert before.state not in ENDS
        self.deliveries += verb is Verb.DELIVERED

    @rule(seconds=st.floats(0.0, 120.0))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += seconds

    @invariant()
    def is_sound(self) -> None:
        """Claims, approvals and releases fit the state."""
        case = self.case
        assert (case.state is CaseState.CLAIMED) == bool(case.claimed_by)
        assert len({approval.queue for approval in case.approvals}) == len(case.approvals)
        if case.state in {CaseState.RELEASED, CaseState.DELIVERING, CaseState.DELIVERED}:
            assert outstanding(case) == ()
        if case.state in OPEN:
            assert outstanding(case)
            assert case.deliver_after == 0.0
        assert self.deliveries <= 1


TestLifeOfACase = LifeOfACase.TestCase
TestLifeOfACase.__doc__ = LifeOfACase.__doc__
TestLifeOfACase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestLifeOfACase.runTest.__doc__ = LifeOfACase.__doc__
