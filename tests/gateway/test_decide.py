"""From a verdict to each recipient's course."""

from dataclasses import replace
from typing import Any

import pytest
from gateway_fakes import BOARD, KEY, MEMBERS, NEWS, SENDER, FakeJudge, make_site, message

from listward.config.policy import Policy
from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, Judgement
from listward.filters.routing.targets import Directory
from listward.filters.transaction import Client, Listener, Transaction
from listward.gateway.decide import Decision, decide
from listward.gateway.records import JUDGING, Records
from listward.gateway.session.door import Arrival
from listward.gateway.snapshot import Snapshot, make_snapshot
from listward.gateway.trace.stamp import clean
from listward.wire.envelope import Envelope, Recipient
from listward.wire.payload import Payload

REPORT = "report@party.example"


class Case:
    """One message to decide on; every part can be changed before `decide`."""

    def __init__(self, *recipients: str, mode: str = "enforce", **client: Any) -> None:
        site = make_site("lmtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3", policy={"mode": mode})
        policy = Policy.model_validate({"rule": [{"name": "any", "stage": "content", "action": "accept"}]})
        self.judge = FakeJudge(site)
        self.snapshot: Snapshot = make_snapshot(site, policy, self.judge, KEY)
        envelope = Envelope(SENDER, tuple(Recipient(address) for address in recipients))
        self.arrival = Arrival("0" * 20, Client("192.0.2.1", **client), envelope, Payload(message()), "ESMTP", 1.0, 0.0)
        self.cleaned = clean(Payload(message()), "mx.party.example", "mx.party.example")
        directory = Directory(site)
        self.targets = {address: target for address in recipients if (target := directory.target(address))}
        self.records = Records(SENDER, self.cleaned.facts)

    def fail_again(self, recipients: list[str]) -> None:
        """Go on as the next try does, with one more failure on record."""
        self.records.one_more(recipients, JUDGING)
        self.records = Records(SENDER, self.cleaned.facts, known={**self.records.known, **self.records.outcomes})

    async def decide(self) -> Decision:
        """Decide."""
        return await decide(self.snapshot, self.arrival, self.cleaned, self.targets, self.records)

    async def actions(self) -> dict[str, Action]:
        """The action of each recipient's course."""
        return {course.address: course.action for course in (await self.decide()).courses}


async def test_the_judge_gets_the_facts_of_the_transaction() -> None:
    """Sender, recipients, client, content without what only we may write, and the number of the try."""
    case = Case(BOARD, NEWS)
    case.fail_again([NEWS])
    await case.decide()
    (seen,) = case.judge.seen
    assert isinstance(seen, Transaction)
    assert (seen.listener, seen.sender, seen.recipients) == (Listener.INGRESS, SENDER, (BOARD, NEWS))
    assert (seen.client, seen.raw, seen.attempt) == (case.arrival.client, message(), 2)


async def test_each_recipient_has_its_own_course() -> None:
    """Verdicts per recipient are followed; the queue is the list's own where the verdict names none."""
    case = Case(BOARD, NEWS, MEMBERS)
    case.judge.per = {BOARD: Action.HOLD, MEMBERS: Action.DISCARD}
    courses = {course.address: course for course in (await case.decide()).courses}
    assert {address: course.action for address, course in courses.items()} == {
        BOARD: Action.HOLD,
        NEWS: Action.ACCEPT,
        MEMBERS: Action.DISCARD,
    }
    assert courses[BOARD].queues == ("moderators",)
    assert courses[MEMBERS].queues == ("office",)
    assert len({course.key for course in courses.values()}) == 3


@pytest.mark.parametrize("verdict", [Action.REJECT, Action.DEFER])
async def test_refusals_and_deferrals_end_the_message(verdict: Action) -> None:
    """There is nothing to do for any recipient."""
    case = Case(BOARD, REPORT)
    case.judge.verdict = verdict
    decision = await case.decide()
    assert (decision.action, decision.courses) == (verdict, ())


@pytest.mark.parametrize(
    ("origin", "action"),
    [
        (OriginKind.INTERNAL, Action.REJECT),
        (OriginKind.MEMBER, Action.REJECT),
        (OriginKind.KNOWN, Action.HOLD),
        (OriginKind.UNPROVEN, Action.HOLD),
        (OriginKind.FORGED, Action.HOLD),
    ],
)
async def test_a_refusal_behind_a_queue(origin: OriginKind, action: Action) -> None:
    """Only our own people's server may be told 5xx by a peer that has said 250."""
    case = Case(BOARD, after_queue=True)
    case.judge.verdict, case.judge.origin = Action.REJECT, origin
    decision = await case.decide()
    assert decision.action is action
    assert [course.action for course in decision.courses] == ([] if action is Action.REJECT else [Action.HOLD])
    assert all("heat" in {reason.rule for reason in course.reasons} for course in decision.courses)


async def test_our_own_addresses_are_always_for_people() -> None:
    """Also beside a list that gets its mail, and when nobody could judge."""
    case = Case(BOARD, REPORT)
    assert await case.actions() == {BOARD: Action.ACCEPT, REPORT: Action.HOLD}
    case = Case(BOARD, REPORT, mode="observe")
    case.judge.error = RuntimeError()
    assert await case.actions() == {BOARD: Action.ACCEPT, REPORT: Action.HOLD}


async def test_a_judge_that_forgets_a_recipient_has_not_judged() -> None:
    """Nobody is relayed to for want of a verdict."""
    case = Case(BOARD, NEWS)
    whole = case.judge.judge

    async def forgetful(*arguments: Any) -> Judgement:
        judgement = await whole(*arguments)
        return replace(judgement, recipients=judgement.recipients[:1])

    case.judge.judge = forgetful  # type: ignore[method-assign]
    assert (await case.decide()).action is Action.DEFER


@pytest.mark.parametrize("error", [RuntimeError(), RecursionError(), MemoryError(), TimeoutError(), LookupError()])
async def test_whatever_a_filter_raises_defers_and_then_holds(error: Exception) -> None:
    """Twice 451, then a hold."""
    case = Case(BOARD)
    case.judge.error = error
    for attempt in (1, 2, 3):
        decision = await case.decide()
        assert decision.action is (Action.DEFER if attempt < 3 else Action.HOLD)
        case.fail_again([BOARD])
    assert decision.courses[0].reasons[0].rule == "filter-failed"
    assert decision.origin is OriginKind.UNPROVEN


@pytest.mark.parametrize("verdict", list(Action))
async def test_observing_relays_whatever_was_found(verdict: Action) -> None:
    """The judgement is kept for counting."""
    case = Case(BOARD, mode="observe")
    case.judge.verdict = verdict
    decision = await case.decide()
    assert [course.action for course in decision.courses] == [Action.ACCEPT]
    assert decision.judgement is not None
    assert decision.judgement.action is verdict
