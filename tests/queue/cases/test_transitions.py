"""The table of transitions: who may do what from where, and what it leaves behind."""

from dataclasses import replace
from typing import Any

import pytest
from case_samples import draft

from listward.queue.cases.case import Answer, Case, CaseState, Reason, Said
from listward.queue.cases.commands import Command, Verb
from listward.queue.cases.transitions import (
    COURIER,
    TABLE,
    Actor,
    Refused,
    advance,
    allowed,
    decided_by,
    move_for,
    outstanding,
)

MOD, OTHER = "mod@party.example", "other@party.example"


ANSWERS = {Verb.CONFIRM, Verb.DENY}


def held(**changes: Any) -> Case:
    """A case that was just opened."""
    return replace(Case("10008", 1, CaseState.HELD, draft(), 100.0, 100.0), **changes)


def do(case: Case, verb: Verb, by: str = MOD, at: float = 200.0, **more: Any) -> Case:
    """One act on a case."""
    return advance(case, Command(verb, by, at, **more))


def test_every_verb_has_exactly_one_row() -> None:
    """No act is forgotten and none is ambiguous."""
    assert sorted(move.verb for move in TABLE) == sorted(Verb)


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("state", list(CaseState))
def test_an_act_from_any_other_state_is_refused(state: CaseState, verb: Verb) -> None:
    """What the table does not name cannot happen."""
    move = move_for(verb)
    case = held(state=state, claimed_by=MOD, deliver_after=300.0)
    if verb in ANSWERS:
        case = replace(case, draft=draft(origin="unproven", authenticated=False))
    by = COURIER if move.actor is Actor.COURIER else MOD
    if state in move.sources and verb is not Verb.ESCALATE:
        assert do(case, verb, by).version == 2
    else:
        with pytest.raises(Refused):
            do(case, verb, by)


@pytest.mark.parametrize("verb", list(Verb))
def test_people_and_courier_do_not_do_each_others_acts(verb: Verb) -> None:
    """The courier never rules, a person never delivers."""
    move = move_for(verb)
    wrong = MOD if move.actor is Actor.COURIER else COURIER
    case = held(state=next(iter(move.sources)), claimed_by=wrong, deliver_after=300.0)
    with pytest.raises(Refused, match=r"is not for|no queue above"):
        do(case, verb, wrong)


def test_one_queue_releases_at_once() -> None:
    """With one queue its approval is the release, delivered after the time to undo."""
    case = do(held(), Verb.RELEASE, deliver_after=260.0)
    assert (case.state, case.deliver_after, case.version) == (CaseState.RELEASED, 260.0, 2)
    assert case.ruling is not None
    assert (case.ruling.verb, case.ruling.by) == ("release", MOD)


def test_every_queue_must_approve() -> None:
    """The case stays held until the last queue has approved."""
    case = held(draft=draft(queues=("moderators", "international")))
    case = do(case, Verb.RELEASE, queue="moderators", deliver_after=260.0)
    assert (case.state, outstanding(case)) == (CaseState.HELD, ("international",))
    case = do(case, Verb.RELEASE, OTHER, queue="international", deliver_after=270.0)
    assert (case.state, case.deliver_after, len(case.approvals)) == (CaseState.RELEASED, 270.0, 2)


def test_a_queue_approves_once() -> None:
    """A second approval of the same queue does not count for another queue."""
    case = held(draft=draft(queues=("moderators", "international")))
    case = do(case, Verb.RELEASE, queue="moderators")
    with pytest.raises(Refused):
        do(case, Verb.RELEASE, OTHER, queue="moderators")


def test_with_several_queues_the_queue_must_be_named() -> None:
    """An approval that could belong to two queues is refused."""
    with pytest.raises(Refused, match="Name a queue"):
        do(held(draft=draft(queues=("a", "b"))), Verb.RELEASE)


def test_any_queue_may_reject() -> None:
    """One rejection ends the case, whoever approved before."""
    case = do(held(draft=draft(queues=("a", "b"))), Verb.RELEASE, queue="a")
    assert do(case, Verb.REJECT, OTHER, clause="A 1", sentence="No.").state is CaseState.REJECTED


def test_a_claimed_case_is_the_claimers_to_rule() -> None:
    """Others are told who has it; they may hand it back or up."""
    case = do(held(), Verb.CLAIM)
    assert (case.state, case.claimed_by, decided_by(case)) == (CaseState.CLAIMED, MOD, MOD)
    with pytest.raises(Refused, match=MOD):
        do(case, Verb.RELEASE, OTHER)
    assert do(case, Verb.UNCLAIM, OTHER).claimed_by == ""
    assert do(case, Verb.RELEASE).state is CaseState.RELEASED


def test_undo_within_its_time_takes_every_approval_back() -> None:
    """The case is as undecided as before."""
    case = do(held(), Verb.RELEASE, deliver_after=260.0)
    undone = do(case, Verb.UNDO, at=260.0)
    assert (undone.state, undone.approvals, undone.deliver_after) == (CaseState.HELD, (), 0.0)


def test_undo_is_over_when_its_time_is() -> None:
    """The first try may begin then."""
    case = do(held(), Verb.RELEASE, deliver_after=260.0)
    with pytest.raises(Refused, match="time to undo is over"):
        do(case, Verb.UNDO, at=260.5)


def test_a_release_that_waits_for_another_try_can_be_stopped() -> None:
    """While the list server does not take it, people may change their mind."""
    case = do(held(), Verb.RELEASE, deliver_after=260.0)
    case = do(case, Verb.DELIVERING, COURIER, at=261.0)
    case = do(case, Verb.RETRY, COURIER, at=262.0, deliver_after=292.0, note="421 busy")
    assert (case.state, case.attempts, case.failure, case.deliver_after) == (CaseState.RELEASED, 1, "421 busy", 292.0)
    assert do(case, Verb.UNDO, at=500.0).state is CaseState.HELD


def test_a_failed_delivery_comes_back_with_its_reason() -> None:
    """People decide again: approvals are gone, the reason stays, the last ruling is still told."""
    case = do(do(held(), Verb.RELEASE), Verb.DELIVERING, COURIER)
    case = do(case, Verb.FAILED, COURIER, note="550 no")
    assert (case.state, case.failure, case.approvals, decided_by(case)) == (CaseState.HELD, "550 no", (), MOD)
    again = do(case, Verb.RELEASE)
    assert (again.failure, again.attempts) == ("", 0)


def test_escalation_hands_a_queue_up() -> None:
    """The queue above takes the place of the one below, once."""
    case = held(draft=draft(queues=("moderators", "office")))
    command = Command(Verb.ESCALATE, MOD, 200.0, "moderators")
    after = advance(case, command, {"moderators": "secretary"})
    assert (after.draft.queues, after.state) == (("secretary", "office"), CaseState.HELD)
    merged = advance(case, command, {"moderators": "office"})
    assert merged.draft.queues == ("office",)


def test_a_queue_above_that_has_approved_is_asked_again() -> None:
    """An open case always waits for somebody."""
    case = do(held(draft=draft(queues=("moderators", "office"))), Verb.RELEASE, queue="office")
    case = advance(case, Command(Verb.ESCALATE, MOD, 200.0, "moderators"), {"moderators": "office"})
    assert (case.draft.queues, outstanding(case)) == (("office",), ("office",))


def test_where_nothing_is_above_nothing_is_escalated() -> None:
    """The act is refused rather than lost."""
    with pytest.raises(Refused, match="no queue above"):
        do(held(), Verb.ESCALATE, queue="moderators")


def test_what_a_state_allows_can_be_listed() -> None:
    """A page can offer just the acts that will work."""
    assert Verb.RELEASE in allowed(CaseState.HELD)
    assert allowed(CaseState.DELIVERED) == ()


def unproven(**changes: Any) -> Case:
    """A case of an author whom nothing proves."""
    return held(draft=draft(origin="unproven", authenticated=False, role="", **changes))


def test_a_confirmed_message_is_a_members() -> None:
    """Origin, role and reasons are those of a member's message; the state and a claim stay."""
    reasons = (Reason("first-posts", "identity", "", "A moderator reads first messages."),)
    answer = Answer(Said.HERS, 200.0, "member", reasons)
    case = do(do(unproven(), Verb.CLAIM), Verb.CONFIRM, "ana@member.example", answer=answer, deliver_after=260.0)
    assert (case.state, case.claimed_by, case.ruling) == (CaseState.CLAIMED, MOD, None)
    assert (case.draft.origin, case.draft.proven_member, case.draft.role) == ("member", True, "member")
    assert (case.draft.reasons, case.answer, case.denied) == (reasons, answer, False)


def test_a_confirmed_message_that_nothing_else_holds_is_released() -> None:
    """In the same step, with the time to undo; undone, it waits as a member's message."""
    case = do(unproven(), Verb.CONFIRM, "ana@member.example", deliver_after=260.0)
    assert (case.state, case.deliver_after) == (CaseState.RELEASED, 260.0)
    assert case.ruling is not None
    assert case.ruling.verb == "confirm"
    undone = do(case, Verb.UNDO, at=230.0)
    assert (undone.state, undone.draft.proven_member) == (CaseState.HELD, True)


def test_a_denied_message_stays_a_strangers() -> None:
    """Nothing of its origin changes, and a release that has not left yet is taken back."""
    case = do(do(unproven(), Verb.RELEASE, deliver_after=260.0), Verb.DENY, "ana@member.example", at=210.0)
    assert (case.state, case.denied, case.approvals, case.draft.origin) == (CaseState.HELD, True, (), "unproven")


@pytest.mark.parametrize("verb", [Verb.CONFIRM, Verb.DENY])
@pytest.mark.parametrize("first", [Verb.CONFIRM, Verb.DENY])
def test_an_answer_is_given_once(first: Verb, verb: Verb) -> None:
    """Neither repeated nor changed."""
    case = do(unproven(), first, "ana@member.example")
    with pytest.raises(Refused, match="answered"):
        do(case, verb, "ana@member.example")


@pytest.mark.parametrize("verb", [Verb.CONFIRM, Verb.DENY])
def test_nobody_answers_for_a_proven_author(verb: Verb) -> None:
    """There is nothing to confirm."""
    with pytest.raises(Refused, match="proven"):
        do(held(), verb, "ana@member.example")
