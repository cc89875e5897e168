"""[policy] mode = "observe": verdicts are counted and have no effect."""

import pytest
from gateway_fakes import BOARD, NEWS, Rig, message

from listward.filters.judgement import Action

REPORT = "report@party.example"
TABLES = {"policy": {"mode": "observe"}}


@pytest.mark.parametrize("verdict", list(Action))
async def test_everything_well_formed_passes(verdict: Action) -> None:
    """What would have been is counted and logged."""
    async with Rig(**TABLES) as rig:
        rig.judge.verdict = verdict
        assert (await rig.send(message(), NEWS))[0] == 250
        assert len(rig.news.messages) == 1
        assert rig.count("messages_total", listener="ingress", action=verdict.value, list="news") == 1
        assert rig.events()[-1]["verdict"] == verdict.value


async def test_a_broken_filter_or_store_stops_nothing() -> None:
    """Observing needs neither."""
    async with Rig(**TABLES) as rig:
        rig.judge.error = RuntimeError()
        rig.ledger.away = rig.cases.away = True
        assert (await rig.send(message(), NEWS))[0] == 250


async def test_unknown_addresses_loops_and_bare_octets_are_still_refused() -> None:
    """No mode opens a relay."""
    async with Rig(**TABLES) as rig:
        assert (await rig.send(message(), "x@elsewhere.example"))[0] == 550
        assert (await rig.send(message(extra="Received: x\r\n" * 101), NEWS))[0] == 554
        assert (await rig.send(message("a\nb\r\n"), NEWS))[0] == 550


async def test_the_way_out_keeps_internal_mail_inside() -> None:
    """The guard of the way out is no rule on trial: an outside subscriber of an internal list gets no copy."""
    async with Rig(**TABLES) as rig:
        inside, outside = "ola@inside.party.example", "x@elsewhere.example"
        reply = await rig.send(message(), outside, inside, sender="board-bounces@lists.party.example", egress=True)
        assert reply[0] == 250
        assert [taken.recipients for taken in rig.out.messages] == [(inside,)]


async def test_our_own_addresses_keep_their_cases() -> None:
    """A report is for people in every mode."""
    async with Rig(**TABLES) as rig:
        assert (await rig.send(message(), REPORT))[0] == 250
        assert len(rig.cases.drafts) == 1


async def test_what_rules_would_have_done_is_counted() -> None:
    """By rule and action, once a message however many addresses it has."""
    async with Rig(**TABLES) as rig:
        rig.judge.would = Action.HOLD
        assert (await rig.send(message(), NEWS, BOARD))[0] == 250
        assert rig.count("shadow_total", rule="heat", action="hold") == 1
