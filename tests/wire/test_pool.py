"""The pool: connections kept, worn out, replaced and closed; hops that are away; and what a hop is known to offer."""

import asyncio

import pytest
from delivering import DATA, is_temporary, letter, send
from scripted_hop import Delay, Drop, Hang, Raw, Say, SayThenDrop, ScriptedHop
from sink import sink

from listward.wire.envelope import Envelope
from listward.wire.hop import Hop
from listward.wire.limits import Limits
from listward.wire.outcome import Step
from listward.wire.payload import Payload
from listward.wire.pool import Pool


async def test_connections_are_kept() -> None:
    """Messages one after another share a connection, reset before each use but the first."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        for _ in range(5):
            assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert (hop.connections, hop.resets, len(hop.messages)) == (1, 4, 5)


async def test_a_refused_transaction_is_reset() -> None:
    """After a refusal the connection is reset before the next message."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        hop.on("RCPT", Say("550 5.1.1 no"), times=1)
        assert (await send(hop, pool=pool))["b@y.test"].reply.code == 550
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert (hop.connections, hop.resets) == (1, 1)


async def test_a_hop_that_cannot_reset_is_left() -> None:
    """Where RSET fails a fresh connection is used."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        hop.on("RCPT", Say("550 5.1.1 no"), times=1)
        hop.on("RSET", Say("500 5.5.1 what"))
        await send(hop, pool=pool)
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert hop.connections == 2


async def test_the_deadline_covers_connecting() -> None:
    """The connect timeout is honoured where it is shorter than the deadline."""
    async with sink() as hop:
        hop.on("CONNECT", Hang())
        pool = Pool("gateway.test", Limits(connect_timeout_s=0.2))
        outcome = await pool.deliver(hop.hop, letter(), Payload(DATA), 30)
        await pool.close()
    assert is_temporary(outcome["b@y.test"], Step.CONNECT)


@pytest.mark.parametrize(
    "greeting",
    [Say("554 5.7.1 go away"), Say("421 busy"), Say("450 later"), Say("250 odd"), Raw(b"SSH-2.0-x\r\n"), Drop()],
)
async def test_refusals_of_the_connection_are_temporary(greeting: Say | Raw | Drop) -> None:
    """What is said before MAIL is not about the message: never permanent."""
    async with sink() as hop:
        hop.on("CONNECT", greeting)
        outcome = (await send(hop))["b@y.test"]
    assert outcome.reply.temporary
    assert outcome.step is Step.CONNECT


async def test_nobody_listens() -> None:
    """A hop that is away is 451 for everybody."""
    async with sink() as hop:
        away = hop.hop
    pool = Pool("gateway.test")
    outcome = await pool.deliver(away, letter("b@y.test", "c@y.test"), Payload(DATA), 5)
    assert all(is_temporary(delivery, Step.CONNECT) for delivery in outcome.values())
    assert len(outcome) == 2
    await pool.close()


async def test_names_that_do_not_resolve() -> None:
    """A broken name is trouble with the network, not an exception."""
    pool = Pool("gateway.test")
    for host in ("no..such", "x" * 70):
        outcome = await pool.deliver(Hop("smtp", host, 25), letter(), Payload(DATA), 5)
        assert outcome["b@y.test"].reply.temporary
    await pool.close()


async def test_a_stale_connection_is_replaced_once() -> None:
    """A kept connection that the hop closed costs nobody a message."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        await send(hop, pool=pool)
        hop.on("MAIL", Drop(), times=1)
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        hop.on("MAIL", SayThenDrop("421 4.4.2 idle"), times=1)
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        hop.on("MAIL", Drop(), times=2)
        assert is_temporary((await send(hop, pool=pool))["b@y.test"], Step.MAIL)
        await pool.close()
    assert (hop.connections, len(hop.messages)) == (4, 3)


async def test_nothing_is_sent_twice_after_content() -> None:
    """Once content went out there is no second try, whatever becomes of the reply."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        await send(hop, pool=pool)
        hop.on("DOT", Drop(), times=1)
        outcome = (await send(hop, pool=pool))["b@y.test"]
        await pool.close()
    assert is_temporary(outcome, Step.DOT, lost=True)
    assert len(hop.contents) == 2


async def test_extra_replies_end_the_connection() -> None:
    """A reply that nobody asked for is never taken as the answer to the next command."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        hop.on("DOT", Raw(b"250 2.0.0 taken\r\n550 5.0.0 and more\r\n"), times=1)
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert hop.connections == 2


async def test_repeated_recipients_are_sent_once() -> None:
    """The same address twice is one copy."""
    async with sink("lmtp") as hop:
        outcome = await send(hop, "b@y.test", "b@y.test")
    assert len(outcome) == len(hop.messages) == 1


async def test_no_recipients_is_no_work() -> None:
    """Nobody to deliver to: nothing happens."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        assert await pool.deliver(hop.hop, Envelope("a@x.test", ()), Payload(DATA), 5) == {}
    assert hop.connections == 0


async def test_a_hop_without_ehlo() -> None:
    """An old server is spoken to with HELO and no extension."""
    async with sink() as hop:
        hop.on("EHLO", Say("502 5.5.1 no"))
        assert (await send(hop))["b@y.test"].delivered
    assert hop.verbs()[:2] == ["EHLO", "HELO"]
    assert hop.messages[0].mail == "MAIL FROM:<a@x.test>"


async def test_many_at_once() -> None:
    """Deliveries side by side take connections of their own, within the bound, and keep a few."""
    async with sink() as hop:
        pool = Pool("gateway.test", Limits(max_idle=3, max_connections=10))
        hop.on("DOT", Delay(0.01))
        outcomes = await asyncio.gather(*(send(hop, pool=pool) for _ in range(40)))
        assert all(outcome["b@y.test"].delivered for outcome in outcomes)
        assert hop.open == hop.connections == 10
        await hop.until(lambda hop: hop.open <= 3)
        assert hop.open == 3
        assert hop.most_open <= 10
        await pool.close()


async def test_bursts_open_no_new_connections() -> None:
    """What is beyond the bound of idle connections waits a moment for the next burst, unless none may be kept."""
    for kept, connections in ((1, 5), (0, 15)):
        async with sink() as hop:
            pool = Pool("gateway.test", Limits(max_idle=kept, max_connections=10))
            hop.on("DOT", Delay(0.05))
            for _ in range(3):
                await asyncio.gather(*(send(hop, pool=pool) for _ in range(5)))
            assert hop.connections == connections
            await pool.close()


async def test_connections_wear_out() -> None:
    """After so many uses a connection is replaced."""
    async with sink() as hop:
        pool = Pool("gateway.test", Limits(max_uses=2))
        for _ in range(6):
            await send(hop, pool=pool)
        await pool.close()
    assert hop.connections == 3


async def test_connections_grow_old() -> None:
    """A connection beyond its age is not used again; a young one is."""
    async with sink() as hop:
        for age, connections in ((0, 3), (300, 1)):
            before = hop.connections
            pool = Pool("gateway.test", Limits(max_age_s=age))
            for _ in range(3):
                await send(hop, pool=pool)
            await pool.close()
            assert hop.connections - before == connections


async def test_idle_connections_are_closed() -> None:
    """What waits too long is closed without anybody asking."""
    async with sink() as hop:
        pool = Pool("gateway.test", Limits(idle_s=0.05))
        await send(hop, pool=pool)
        await hop.until(lambda hop: not hop.open)
        assert hop.open == 0
        assert hop.verbs()[-1] == "QUIT"
        await pool.close()


async def test_hops_have_connections_of_their_own() -> None:
    """A connection to one hop is never used for another."""
    async with sink() as one, sink("lmtp") as two:
        pool = Pool("gateway.test")
        for _ in range(2):
            await send(one, pool=pool)
            await send(two, pool=pool)
        await pool.close()
    assert (one.connections, two.connections, len(one.messages), len(two.messages)) == (1, 1, 2, 2)


async def test_a_closed_pool_takes_no_work() -> None:
    """After close a delivery is a temporary refusal."""
    async with sink() as hop:
        pool = Pool("gateway.test")
        await pool.close()
        assert is_temporary((await send(hop, pool=pool))["b@y.test"], Step.CONNECT)
    assert hop.connections == 0


async def test_closing_lets_running_work_end() -> None:
    """close amid a transaction loses nothing, and the connection is closed after it."""
    async with sink() as hop:
        hop.on("DOT", Delay(0.1))
        pool = Pool("gateway.test")
        running = asyncio.create_task(send(hop, pool=pool))
        await hop.until(lambda hop: bool(hop.contents))
        await pool.close()
        assert (await running)["b@y.test"].delivered
        await hop.until(lambda hop: not hop.open)
        assert hop.open == 0


async def test_a_cancelled_delivery_leaves_no_connection() -> None:
    """A connection amid a transaction is never reused."""
    async with sink() as hop:
        hop.on("DOT", Hang(), times=1)
        pool = Pool("gateway.test")
        running = asyncio.create_task(send(hop, pool=pool))
        await hop.until(lambda hop: bool(hop.contents))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert hop.connections == 2


async def test_probing_is_cached() -> None:
    """The hop is asked once, however many ask; its answer is believed for a while."""
    async with ScriptedHop(offers=("PIPELINING", "SIZE 12345")) as hop:
        pool = Pool("gateway.test")
        found = await asyncio.gather(*(pool.probe(hop.hop) for _ in range(5)))
        assert {one.size_limit for one in found} == {12345}
        assert found[0].reachable
        assert found[0].offers("PIPELINING")
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert hop.connections == 1


async def test_probing_a_hop_that_is_away() -> None:
    """No exception: the answer says that the hop was not reached; later it is asked again."""
    async with sink() as hop:
        away = hop.hop
    pool = Pool("gateway.test", Limits(probe_ttl_s=0))
    assert not (await pool.probe(away)).reachable
    async with sink(port=away.port) as hop:
        assert (await pool.probe(hop.hop)).reachable
    await pool.close()
