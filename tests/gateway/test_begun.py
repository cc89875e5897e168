"""What an earlier try began is found again: no refusal where a case or a post exists, no second post beside a case."""

import pytest
from gateway_fakes import BOARD, NEWS, SENDER, Rig, message
from scripted_hop import Say

from listward.filters.identity.origin import OriginKind
from listward.filters.judgement import Action


@pytest.mark.parametrize("verdict", [Action.REJECT, Action.ACCEPT, Action.HOLD])
@pytest.mark.parametrize("noted", [True, False])
async def test_a_hold_whose_answer_was_lost_is_found(verdict: Action, noted: bool) -> None:
    """Whatever the second try finds, the case stands: 250 with its number, and nothing else happens.

    Where not even the ledger could be told, the claim that was never ended tells of it.
    """
    async with Rig() as rig:
        rig.cases.lost = 1
        rig.judge.verdict = Action.HOLD
        assert (await rig.send(message()))[0] == 451
        assert "holding" in rig.ledger.outcomes.values()
        if not noted:
            rig.ledger.outcomes.clear()
            rig.ledger.lapsed = True
        rig.judge.verdict = verdict
        code, text = await rig.send(message())
        assert (code, "Case 10017" in text) == (250, True)
        assert len(rig.cases.drafts) == 1
        assert rig.board.messages == []
        assert any(outcome.startswith("held:") for outcome in rig.ledger.outcomes.values())


async def test_a_hold_that_never_reached_the_store_is_no_case() -> None:
    """It is judged anew."""
    async with Rig() as rig:
        rig.cases.fail_from = 1
        rig.judge.verdict = Action.HOLD
        assert (await rig.send(message()))[0] == 451
        rig.cases.fail_from, rig.judge.verdict = None, Action.REJECT
        assert (await rig.send(message()))[0] == 550
        assert rig.cases.drafts == []


async def test_while_the_store_cannot_say_the_client_waits() -> None:
    """A refusal now might be one of a message that moderators see."""
    async with Rig() as rig:
        rig.cases.lost = 1
        rig.judge.verdict = Action.HOLD
        await rig.send(message())
        rig.judge.verdict, rig.cases.away = Action.REJECT, True
        assert (await rig.send(message()))[0] == 451


async def test_a_case_of_another_origin_stands_in_the_way_of_a_refusal() -> None:
    """The first try could not prove the author, the second one can and would refuse: the case is there."""
    async with Rig() as rig:
        rig.cases.lost = 1
        rig.judge.verdict, rig.judge.origin = Action.HOLD, OriginKind.UNPROVEN
        await rig.send(message())
        rig.judge.verdict, rig.judge.origin = Action.REJECT, OriginKind.MEMBER
        assert (await rig.send(message()))[0] == 250
        assert len(rig.cases.drafts) == 1


@pytest.mark.parametrize("first", [Action.ACCEPT, Action.HOLD])
async def test_a_retry_is_not_refused_where_a_part_was_taken(first: Action) -> None:
    """One list had its copy, the other could not; by then the policy would refuse: the rest is held, not bounced."""
    async with Rig() as rig:
        rig.judge.per = {BOARD: first}
        rig.news.on("RCPT", Say("451 4.2.0 later"), times=1)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        rig.judge.per, rig.judge.verdict = {}, Action.REJECT
        code, text = await rig.send(message(), BOARD, NEWS)
        assert (code, "Case" in text) == (250, True)
        assert len(rig.board.messages) == (1 if first is Action.ACCEPT else 0)
        assert rig.news.messages == []
        assert [draft.list for draft in rig.cases.drafts][-1] == NEWS


async def test_ordinary_mail_looks_nothing_up() -> None:
    """Two store calls a message, as ever."""
    async with Rig() as rig:
        assert (await rig.send(message(), sender=SENDER))[0] == 250
        assert (rig.ledger.reads, rig.ledger.writes, rig.cases.calls) == (1, 1, 0)
