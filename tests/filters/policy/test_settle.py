"""One reply for all recipients."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_bench import origin, target, verdict

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action, RecipientVerdict
from listward.filters.policy.settle import settle
from listward.filters.routing.kinds import Kind, Zone

QUEUES = {"members@party.example": "moderators", "board@party.example": "secretary"}
BOARD = target(zone=Zone.INTERNAL, address="board@party.example")
OWNER = target(Kind.OWNER, address="board@party.example")
OWN = target(Kind.OWN, address="appeal@party.example")
UNKNOWN = RecipientVerdict(
    target(zone=Zone.EXTERNAL, address="x@out.example"), verdict(Action.ACCEPT).origin, Action.REJECT
)
A, H, R, F, X = Action.ACCEPT, Action.HOLD, Action.REJECT, Action.DEFER, Action.DISCARD


@pytest.mark.parametrize(
    ("given_actions", "settled", "whole"),
    [
        ((A,), (A,), A),
        ((R,), (R,), R),
        ((A, A), (A, A), A),
        ((A, H), (A, H), H),
        ((R, R), (R, R), R),
        ((A, R), (A, H), H),
        ((H, R), (H, H), H),
        ((X, R), (X, H), H),
        ((A, F), (F, F), F),
        ((R, F), (F, F), F),
        ((A, X), (A, X), X),
    ],
)
def test_recipients_settle_to_one_reply(
    given_actions: tuple[Action, ...], settled: tuple[Action, ...], whole: Action
) -> None:
    """Any defer defers all, all rejects are a reject, and a reject beside another outcome is a hold."""
    action, verdicts = settle(tuple(map(verdict, given_actions)), internal=False, queues=QUEUES)
    assert (action, tuple(one.action for one in verdicts)) == (whole, settled)


def test_a_reject_that_became_a_hold_has_a_queue_and_a_reason() -> None:
    """The list's own queue decides, and the outcome tells which rule it was."""
    _, verdicts = settle((verdict(R), verdict(A, BOARD)), internal=False, queues=QUEUES)
    assert verdicts[0].queues == ("moderators",)
    assert verdicts[0].deciding is not None
    assert (verdicts[0].deciding.rule, verdicts[0].deciding.clause) == ("settled", "7.1")
    assert "some-rule" in verdicts[0].deciding.observed


def test_an_internal_matter_has_one_verdict_for_all_lists() -> None:
    """It is never split: the strongest verdict of one list is that of every list."""
    action, verdicts = settle((verdict(R, BOARD, "outside"), verdict(A)), internal=True, queues=QUEUES)
    assert (action, [one.action for one in verdicts]) == (R, [R, R])
    assert all(one.deciding is not None and one.deciding.reply == "outside" for one in verdicts)
    held, verdicts = settle((verdict(H, BOARD, queues=["secretary"]), verdict(A)), internal=True, queues=QUEUES)
    assert (held, [one.queues for one in verdicts]) == (H, [("secretary",), ("secretary",)])


def test_a_complaint_beside_an_internal_matter_arrives() -> None:
    """The complaint address is not judged on inside zones: its copy goes out, the post is held."""
    action, verdicts = settle((verdict(R, BOARD, "outside"), verdict(A, OWNER)), internal=True, queues=QUEUES)
    assert (action, [one.action for one in verdicts]) == (H, [H, A])
    alone = settle((verdict(A, OWNER),), internal=True, queues=QUEUES)
    assert alone[0] is A


def test_where_nothing_can_be_held_all_are_refused() -> None:
    """A refusal at our own address cannot become a hold, and 250 would lose it: the whole message is refused."""
    action, verdicts = settle((verdict(R, OWN), verdict(H)), internal=False, queues=QUEUES)
    assert (action, [one.action for one in verdicts]) == (R, [R, R])


@pytest.mark.parametrize(("kind", "reply"), [(OriginKind.FORGED, "policy"), (OriginKind.MEMBER, "malformed")])
def test_an_address_for_commands_more_makes_no_case_of_a_refusal(kind: OriginKind, reply: str) -> None:
    """A forged post beside -leave and -bounces is refused as it is alone, for all of them and with the post's words."""
    post = replace(verdict(R, reply=reply), origin=origin(kind))
    commands = tuple(verdict(A, target(one)) for one in (Kind.COMMAND, Kind.BOUNCE))
    action, verdicts = settle((post, *commands, UNKNOWN), internal=False, queues=QUEUES)
    assert (action, [one.action for one in verdicts]) == (R, [R, R, R, R])
    assert {one.deciding.reply for one in verdicts[:3] if one.deciding} == {reply}


def test_a_complaint_beside_a_refused_post_arrives() -> None:
    """Addresses for complaints take their copy, and so does a list that takes the mail: then the refusal is a hold."""
    post = replace(verdict(R), origin=origin(OriginKind.FORGED))
    for other in (OWN, OWNER, BOARD):
        action, verdicts = settle((post, verdict(A, other)), internal=False, queues=QUEUES)
        assert (action, [one.action for one in verdicts]) == (H, [H, A])


@pytest.mark.parametrize("kind", [OriginKind.MEMBER, OriginKind.UNPROVEN])
def test_any_other_refused_post_beside_a_command_is_held(kind: OriginKind) -> None:
    """A person looks at the post, and leaving works all the same."""
    post = replace(verdict(R), origin=origin(kind))
    action, verdicts = settle((post, verdict(A, target(Kind.COMMAND))), internal=False, queues=QUEUES)
    assert (action, [one.action for one in verdicts]) == (H, [H, A])


def test_unknown_addresses_change_nothing_for_others() -> None:
    """An address that does not exist stays refused; the others keep their verdict."""
    for other in (A, H, R, X):
        action, verdicts = settle((UNKNOWN, verdict(other)), internal=False, queues=QUEUES)
        assert (action, [one.action for one in verdicts]) == (other, [R, other])
    assert settle((UNKNOWN,), internal=False, queues=QUEUES)[0] is R


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Action)), st.sampled_from([target(), BOARD, OWNER, OWN])), min_size=1, max_size=6
    ),
    st.booleans(),
)
def test_settled_verdicts_can_be_answered_by_one_reply(made: list[tuple[Action, object]], internal: bool) -> None:
    """After settling, a 4xx or 5xx is the verdict of every recipient, and no hold or refusal got weaker than a hold."""
    verdicts = tuple(verdict(action, where) for action, where in made)  # type: ignore[arg-type]  # sampled targets
    action, settled = settle(verdicts, internal, QUEUES)
    after = {one.action for one in settled}
    for single in (R, F):
        assert (single in after) == (action is single) == (after == {single})
    for before, now in zip(verdicts, settled, strict=True):
        assert before.action is not H or now.action in {H, F, R}
        assert not (before.action is R and now.action in {A, X})
        assert now.target == before.target
    again, same = settle(settled, internal, QUEUES)
    assert (again, [one.action for one in same]) == (action, [one.action for one in settled])
