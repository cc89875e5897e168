"""A list with two servers: mail goes on while one of them is away, and is never there twice."""

from collections.abc import AsyncIterator

import pytest
from gateway_fakes import BOARD, Rig, make_site, message
from scripted_hop import Drop, Hang, Say, SayThenDrop, ScriptedHop

from listward.queue.nexthops import HopWatch
from listward.wire.limits import Limits
from listward.wire.pool import Pool


@pytest.fixture
async def spare() -> AsyncIterator[ScriptedHop]:
    """The second server of the board's list."""
    async with ScriptedHop("lmtp") as hop:
        yield hop


async def use_both(rig: Rig, spare: ScriptedHop) -> None:
    """Let the board's mail go to either server, the rig's own one preferred."""
    await rig.pool.close()
    watch = HopWatch(rig.metrics, rig.services.log, rig.sizes.learn)
    rig.pool = Pool("mx.party.example", Limits(connect_timeout_s=0.3, first_pause_s=60), watch=watch)
    object.__setattr__(rig.services, "pool", rig.pool)
    rig.snapshot = rig.build(make_site(f"{rig.board.url} {spare.url}", rig.news.url, rig.out.url))


@pytest.mark.parametrize(
    ("verb", "action"),
    [("CONNECT", Say("421 4.3.2 closing")), ("LHLO", Drop()), ("MAIL", Hang()), ("RCPT", SayThenDrop("421 4.3.2 x"))],
)
async def test_the_second_server_takes_over(verb: str, action: object, spare: ScriptedHop) -> None:
    """250, one copy, one line in the mail log, and the gauge; the error is counted at the server that made it."""
    async with Rig() as rig:
        await use_both(rig, spare)
        rig.board.on(verb, action)  # type: ignore[arg-type]  # one of the actions
        assert (await rig.send(message()))[0] == 250
        assert (rig.board.messages, len(spare.messages)) == ([], 1)
        aside = [event for event in rig.events() if event["event"] == "next-hop-aside"]
        assert [(event["hop"], event["reason"][:3]) for event in aside] == [(rig.board.hop.name, "451")]
        assert rig.metrics.registry.get_sample_value("listward_next_hop_up", {"hop": rig.board.hop.name}) == 0


async def test_all_servers_away_is_451(spare: ScriptedHop) -> None:
    """The sender keeps the message; errors are counted by server."""
    async with Rig() as rig:
        await use_both(rig, spare)
        rig.board.on("CONNECT", Drop(), times=1)
        spare.on("CONNECT", Drop(), times=1)
        assert (await rig.send(message()))[0] == 451
        assert rig.count("next_hop_errors_total", hop=spare.hop.name, kind="connect-4xx") == 1
        assert (await rig.send(message()))[0] == 250
        assert (len(rig.board.messages), len(spare.messages)) == (1, 0)
        assert [event["event"] for event in rig.events() if event["event"].startswith("next-hop")] == [
            "next-hop-aside",
            "next-hop-aside",
            "next-hop-back",
        ]


async def test_a_lost_answer_is_never_tried_at_the_second_server(spare: ScriptedHop) -> None:
    """The first may have the message: 451, and the retry is counted as a possible second copy."""
    async with Rig() as rig:
        await use_both(rig, spare)
        rig.board.on("DOT", Drop(), times=1)
        assert (await rig.send(message()))[0] == 451
        assert (len(rig.board.messages), spare.connections) == (1, 0)
        assert (await rig.send(message()))[0] == 250
        assert rig.count("duplicates_possible_total") == 1


async def test_the_smaller_server_counts(spare: ScriptedHop) -> None:
    """Either may have to take the message; a limit that changes with a new connection is announced at once."""
    async with Rig() as rig:
        await use_both(rig, spare)
        spare.offers = ("PIPELINING", "SIZE 70000")
        await rig.sizes.ask(rig.pool, rig.snapshot.list_hops)
        client = await rig.connect(greet=False)
        await client.reply()
        assert "SIZE 70000" in (await client.ask("EHLO c.example"))[1].split("\n")
        rig.board.offers = ("PIPELINING", "SIZE 66000")
        rig.board.on("MAIL", Drop(), times=1)  # the kept connection is gone
        assert (await rig.send(message()))[0] == 250
        assert "SIZE 66000" in (await client.ask("EHLO c.example"))[1].split("\n")


async def test_a_held_message_names_both_servers(spare: ScriptedHop) -> None:
    """The case keeps them as one text that is read again at release."""
    async with Rig() as rig:
        await use_both(rig, spare)
        rig.board.on("DOT", Say("550 5.0.0 fault"))
        assert (await rig.send(message(), BOARD))[0] == 250
        assert rig.cases.drafts[0].next_hop == f"{rig.board.url} {spare.url}"
