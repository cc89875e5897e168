"""What each answer of a next hop means, at every step of the transaction, and what a retry then does."""

from typing import Any

import pytest
from gateway_fakes import BOARD, NEWS, Rig, message
from scripted_hop import Drop, Raw, Say, Single

from listward.wire.hop import Hop, parse_hop
from listward.wire.outcome import Delivery


@pytest.mark.parametrize("verb", ["CONNECT", "MAIL", "RCPT", "DATA", "DOT"])
async def test_a_temporary_refusal_of_the_next_hop_passes_on(verb: str) -> None:
    """4xx at any step is 4xx; the retry is delivered once."""
    async with Rig() as rig:
        rig.board.on(verb, Say("451 4.2.1 later please /var/lib/secret"), times=1)
        code, text = await rig.send(message())
        assert code == 451
        assert "secret" not in text
        assert (await rig.send(message()))[0] == 250
        assert len(rig.board.messages) == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_a_refusal_up_to_rcpt_passes_on_in_its_class(verb: str) -> None:
    """5xx before the content is the next hop's word on sender or recipient; its text stays inside."""
    async with Rig() as rig:
        rig.board.on(verb, Say("552 5.2.2 quota of /home/board exceeded"))
        code, text = await rig.send(message())
        assert (code, text[:5]) == (552, "5.2.2")
        assert "/home" not in text
        assert rig.cases.calls == 0


async def test_a_refusal_at_connect_is_temporary() -> None:
    """A server that says 554 to everybody has a fault of its own."""
    async with Rig() as rig:
        rig.board.on("CONNECT", Say("554 5.3.2 no service"))
        assert (await rig.send(message()))[0] == 451


@pytest.mark.parametrize("verb", ["DATA", "DOT"])
async def test_a_refusal_with_the_content_is_held_with_an_alarm(verb: str) -> None:
    """List servers answer 550 for their own faults: a person looks, and nothing is lost."""
    async with Rig() as rig:
        rig.board.on(verb, Say("550 mailbox unavailable"))
        code, text = await rig.send(message())
        assert (code, text[:42]) == (250, "2.0.0 Received. A moderator reads it first")
        assert rig.cases.drafts[0].reasons[-1].rule == "next-hop-refused"
        assert [event["event"] for event in rig.events()] == ["alarm", "held"]


async def test_a_refusal_after_the_dot_that_cannot_be_held_is_451() -> None:
    """Never 250 and never 5xx."""
    async with Rig() as rig:
        rig.board.on("DOT", Say("550 mailbox unavailable"))
        rig.cases.away = True
        assert (await rig.send(message()))[0] == 451


async def test_one_line_for_all_recipients_is_understood() -> None:
    """Mailman's single 501 to a message is a hold."""
    async with Rig() as rig:
        rig.board.on("DOT", Single("501 Message has defects"))
        assert (await rig.send(message(), BOARD, "board-owner@lists.party.example"))[0] == 250
        assert len(rig.cases.drafts) == 2


@pytest.mark.parametrize("action", [Drop(), Raw(b"\xff\xfe garbage\r\n")])
async def test_a_lost_reply_is_451_and_the_second_copy_is_counted(action: object) -> None:
    """The next hop may have the message: one copy more at most, and the metric says so."""
    async with Rig() as rig:
        rig.news.on("DOT", action, times=1)
        assert (await rig.send(message(), NEWS))[0] == 451
        assert (await rig.send(message(), NEWS))[0] == 250
        assert rig.count("duplicates_possible_total") == 1
        assert (await rig.send(message(), NEWS))[0] == 250
        assert rig.count("duplicates_possible_total") == 1
        assert rig.count("duplicates_suppressed_total") == 1


async def test_a_hop_that_never_answers_makes_no_endless_posts() -> None:
    """Two replies are lost and tried again; from the third on a person looks, and further tries are repeats."""
    async with Rig() as rig:
        rig.news.on("DOT", Drop())
        answers = [await rig.send(message(), NEWS) for _ in range(4)]
        assert [code for code, _text in answers] == [451, 451, 250, 250]
        assert len(rig.news.messages) == 3
        assert rig.count("duplicates_possible_total") == 2
        (draft,) = rig.cases.drafts
        assert draft.reasons[0].rule == "next-hop-silent"
        assert "Case" in answers[2][1]


async def test_a_reply_lost_twice_is_counted_though_the_third_try_succeeds() -> None:
    """The second and third copy may be there beside the first."""
    async with Rig() as rig:
        rig.news.on("DOT", Drop(), times=2)
        assert [(await rig.send(message(), NEWS))[0] for _ in range(3)] == [451, 451, 250]
        assert rig.count("duplicates_possible_total") == 2


async def test_a_hop_whose_delivery_raises_does_not_hide_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one hop has taken is written down although the other's delivery broke in our own code."""
    async with Rig() as rig:
        deliver = rig.pool.deliver

        async def breaking(hop: Hop, *arguments: Any) -> dict[str, Delivery]:
            if hop == parse_hop(rig.board.url):
                raise KeyError("x")
            return await deliver(hop, *arguments)

        monkeypatch.setattr(rig.pool, "deliver", breaking)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        assert sorted(value for value in rig.ledger.outcomes.values() if value != "tries:1") == ["relayed", "unknown"]
        assert any(event["event"] == "failed" and event["error"] == "KeyError" for event in rig.events())


async def test_a_retry_after_partial_success_does_only_what_is_missing() -> None:
    """Two next hops: the one that took it is not asked again."""
    async with Rig() as rig:
        rig.board.on("DOT", Say("451 4.3.0 not now"), times=1)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        assert (len(rig.board.messages), len(rig.news.messages)) == (0, 1)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 250
        assert (len(rig.board.messages), len(rig.news.messages)) == (1, 1)
        assert rig.count("duplicates_suppressed_total") == 1


async def test_a_refusal_beside_a_delivery_becomes_a_hold() -> None:
    """One reply answers both, and we send no bounces."""
    async with Rig() as rig:
        rig.board.on("RCPT", Say("550 5.1.1 no such list"))
        assert (await rig.send(message(), BOARD, NEWS))[0] == 250
        assert [draft.list for draft in rig.cases.drafts] == [BOARD]
        assert len(rig.news.messages) == 1


async def test_a_refusal_beside_a_deferral_waits_with_it() -> None:
    """Nothing is final yet: 451, and the retry settles both."""
    async with Rig() as rig:
        rig.board.on("RCPT", Say("550 5.1.1 no such list"))
        rig.news.on("RCPT", Say("451 4.2.0 later"), times=1)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        assert rig.cases.calls == 0
        assert (await rig.send(message(), BOARD, NEWS))[0] == 250
        assert [draft.list for draft in rig.cases.drafts] == [BOARD]


async def test_a_refusal_on_the_retry_of_a_partial_success_becomes_a_hold() -> None:
    """5xx would make the sender believe that nobody got it."""
    async with Rig() as rig:
        rig.board.on("RCPT", Say("451 4.2.0 later"), times=1)
        assert (await rig.send(message(), BOARD, NEWS))[0] == 451
        rig.board.on("RCPT", Say("550 5.1.1 no such list"))
        assert (await rig.send(message(), BOARD, NEWS))[0] == 250
        assert [draft.list for draft in rig.cases.drafts] == [BOARD]


async def test_what_the_next_hop_chokes_on_three_times_is_held() -> None:
    """451 after the dot for ever would be a poison loop."""
    async with Rig() as rig:
        rig.board.on("DOT", Say("451 4.3.0 internal error"))
        assert [(await rig.send(message()))[0] for _ in range(3)] == [451, 451, 250]
        assert rig.cases.drafts[0].reasons[-1].rule == "next-hop-refused"
        assert (await rig.send(message(message_id="<other@x.example>")))[0] == 451


async def test_a_list_server_that_is_away_holds_nothing() -> None:
    """However often: its author's server keeps the message."""
    async with Rig() as rig:
        rig.board.on("RCPT", Say("451 4.3.0 away"))
        assert [(await rig.send(message()))[0] for _ in range(5)] == [451] * 5
        assert rig.cases.calls == 0
