"""Several next hops: who is tried first, who is set aside, who comes back; and no message twice."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from delivering import is_temporary, send
from scripted_hop import Drop, Hang, Raw, Say, SayThenDrop, ScriptedHop
from sink import sink

from listward.wire.capabilities import Capabilities
from listward.wire.health import Health
from listward.wire.hop import Hop, parse_hop
from listward.wire.limits import Limits
from listward.wire.outcome import Step
from listward.wire.pool import Pool
from listward.wire.refusals import CANNOT_CONNECT
from listward.wire.watch import Watch

SOON = Limits(connect_timeout_s=0.3, first_pause_s=0.02, longest_pause_s=0.05)
LATER = Limits(connect_timeout_s=0.3, first_pause_s=60.0)


class News(Watch):
    """What a pool told."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, bool, str]] = []
        self.waits = 0
        self.sizes: list[int] = []

    def learnt(self, hop: Hop, capabilities: Capabilities) -> None:
        """Note the size."""
        self.sizes.append(capabilities.size_limit)

    def changed(self, hop: Hop, up: bool, why: str) -> None:
        """Note the change."""
        self.changes.append((hop.name, up, why))

    def waited(self, hop: Hop) -> None:
        """Count."""
        self.waits += 1


def both(one: ScriptedHop, two: ScriptedHop) -> Hop:
    """The first is preferred."""
    return parse_hop(f"{one.url} {two.url}")


async def test_the_first_is_preferred() -> None:
    """While it answers the others get nothing."""
    async with sink() as one, sink() as two:
        pool = Pool("gateway.test", LATER)
        for _ in range(3):
            assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        await pool.close()
    assert (len(one.messages), two.connections) == (3, 0)


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize(
    ("verb", "action"),
    [
        ("CONNECT", Drop()),
        ("CONNECT", Say("421 4.3.2 closing")),
        ("CONNECT", Say("554 5.3.2 no service")),
        ("CONNECT", Hang()),
        ("CONNECT", Raw(b"SSH-2.0-x\r\n")),
        ("HELLO", Say("421 4.3.2 closing")),
        ("HELLO", Drop()),
        ("MAIL", SayThenDrop("421 4.3.2 closing")),
        ("MAIL", Drop()),
        ("MAIL", Hang()),
        ("MAIL", Raw(b"\x00\xff\r\n")),
        ("RCPT", SayThenDrop("421 4.3.2 closing")),
        ("RCPT", Drop()),
        ("DATA", Drop()),
        ("DATA", SayThenDrop("421 4.3.2 closing")),
        ("DATA", Raw(b"250 what\r\n")),
    ],
)
async def test_another_takes_over_before_the_content(protocol: str, verb: str, action: object) -> None:
    """Whatever goes wrong before the content goes to the next server, and the first is set aside."""
    news = News()
    async with sink(protocol) as one, sink(protocol) as two:
        verb = verb if verb != "HELLO" else "LHLO" if protocol == "lmtp" else "EHLO"
        one.on(verb, action)  # type: ignore[arg-type]  # one of the actions
        pool = Pool("gateway.test", LATER, watch=news)
        outcome = (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"]
        assert (outcome.delivered, outcome.hop) == (True, two.hop.name)
        connections = one.connections
        assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        await pool.close()
    assert (len(two.messages), one.messages, one.contents, one.connections) == (2, [], [], connections)
    assert [(name, up) for name, up, _ in news.changes] == [(one.hop.name, False)]


async def test_a_server_that_is_away_costs_nobody_a_message() -> None:
    """Nobody listens at the first: the second serves, also to LMTP's recipients one by one."""
    async with sink("lmtp") as one:
        away = one.hop
    async with sink("lmtp") as two:
        pool = Pool("gateway.test", LATER)
        hop = Hop("lmtp", away.host, away.port, spares=(two.hop,))
        outcome = await send(two, "b@y.test", "c@y.test", pool=pool, to_hop=hop)
        await pool.close()
    assert all(delivery.delivered for delivery in outcome.values())
    assert len(two.messages) == 2


@pytest.mark.parametrize("action", [Drop(), Raw(b"what?\r\n"), Hang(), SayThenDrop("421 4.3.2 bye")])
async def test_no_second_server_once_the_content_is_out(action: object) -> None:
    """After the dot the first may have taken it: the second is never asked."""
    async with sink() as one, sink() as two:
        one.on("DOT", action, times=1)  # type: ignore[arg-type]  # one of the actions
        outcome = (await send(one, to_hop=both(one, two), timeout_s=0.3))["b@y.test"]
    assert is_temporary(outcome, Step.DOT, lost=not isinstance(action, SayThenDrop))
    assert two.connections == 0


@pytest.mark.parametrize(
    ("verb", "code"), [("MAIL", 450), ("MAIL", 550), ("RCPT", 450), ("RCPT", 550), ("DATA", 451), ("DOT", 554)]
)
async def test_an_answer_is_an_answer(verb: str, code: int) -> None:
    """A server that refuses has answered: nobody else is asked, and it is not set aside."""
    news = News()
    async with sink() as one, sink() as two:
        one.on(verb, Say(f"{code} {code // 100}.2.0 no"))
        pool = Pool("gateway.test", LATER, watch=news)
        outcome = (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"]
        await pool.close()
    assert (outcome.reply.code, two.connections, news.changes) == (code, 0, [])


async def test_a_refusal_of_the_sender_counts_although_the_server_then_closes() -> None:
    """5xx to MAIL is final for everybody, whatever becomes of the connection behind it."""
    async with sink() as one, sink() as two:
        one.on("MAIL", SayThenDrop("550 5.7.1 not you"))
        outcome = await send(one, "b@y.test", "c@y.test", to_hop=both(one, two))
    assert {delivery.reply.code for delivery in outcome.values()} == {550}
    assert two.connections == 0


async def test_all_away_is_temporary() -> None:
    """451 for everybody; each was tried."""
    async with sink() as one, sink() as two:
        hop = both(one, two)
        one.on("CONNECT", Drop())
        two.on("CONNECT", Drop())
        pool = Pool("gateway.test", LATER)
        for _ in range(2):
            outcome = await send(one, "b@y.test", "c@y.test", pool=pool, to_hop=hop)
            assert all(is_temporary(delivery, Step.CONNECT) for delivery in outcome.values())
        await pool.close()
    assert (one.connections, two.connections) == (2, 2)


async def test_those_set_aside_are_the_last_resort() -> None:
    """With all set aside a message is still tried, so nobody waits for a probe when a server is back."""
    async with AsyncExitStack() as stack:
        one, two = await stack.enter_async_context(sink()), await stack.enter_async_context(sink())
        news = News()
        pool = Pool("gateway.test", LATER, watch=news)
        one.on("CONNECT", Drop(), times=1)
        two.on("CONNECT", Drop(), times=1)
        assert not (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        await pool.close()
    assert len(one.messages) == 1
    assert news.changes[-1] == (one.hop.name, True, "answers")


async def test_a_probe_brings_a_server_back() -> None:
    """Without any mail the first is asked again, and then preferred again."""
    news = News()
    async with sink() as one, sink() as two:
        one.on("CONNECT", Drop(), times=3)
        pool = Pool("gateway.test", SOON, watch=news)
        assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        async with asyncio.timeout(10):
            while news.changes[-1][1] is False:  # noqa: ASYNC110 - the change is told to a plain function
                await asyncio.sleep(0.005)
        assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        await pool.close()
    assert (len(one.messages), len(two.messages)) == (1, 1)
    assert news.changes == [
        (one.hop.name, False, "451 4.4.2 The connection to the next mail server broke"),
        (one.hop.name, True, "answers"),
    ]
    assert one.connections == 4


async def test_pauses_grow_until_mail_passes() -> None:
    """Twice as long each time, up to the bound, also over several times aside; from the beginning after a message."""
    clock: list[float] = []
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def probe(hop: Hop) -> bool:
        clock.append(loop.time())
        if len(clock) == 5:
            asked.set()
            await asyncio.sleep(60)
        return False

    health = Health(Limits(first_pause_s=0.01, longest_pause_s=0.04), probe, Watch())
    hop = Hop("smtp", "127.0.0.1", 1)
    started = loop.time()
    health.failed(hop, CANNOT_CONNECT)
    health.failed(hop, CANNOT_CONNECT)
    async with asyncio.timeout(10):
        await asked.wait()
    await health.close()
    pauses = [later - sooner for sooner, later in zip([started, *clock], clock, strict=False)]
    assert [pause >= least for pause, least in zip(pauses, (0.01, 0.02, 0.04, 0.04, 0.04), strict=True)] == [True] * 5
    assert sum(pauses) < 5


async def test_a_server_that_greets_and_then_closes_is_not_trusted_again_at_once() -> None:
    """The pause goes on growing from one time aside to the next, until a message has passed."""
    async with sink() as one, sink() as two:
        news = News()
        pool = Pool("gateway.test", Limits(first_pause_s=0.01, longest_pause_s=0.3), watch=news)
        one.on("MAIL", SayThenDrop("421 4.3.2 closing"))
        async with asyncio.timeout(20):
            for times in range(1, 6):
                assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
                while len(news.changes) < 2 * times:  # noqa: ASYNC110 - the change is told to a plain function
                    await asyncio.sleep(0.005)
        assert pool._health._pauses[one.hop] == 0.3
        one.heal()
        assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        assert not pool._health._pauses
        await pool.close()
    assert (len(one.messages), len(two.messages)) == (1, 5)


async def test_nobody_asks_for_a_server_that_left() -> None:
    """A server that no longer stands in the configuration is not probed for ever."""
    told: list[bool] = []

    class Told(Watch):
        """Notes the changes."""

        def changed(self, hop: Hop, up: bool, why: str) -> None:
            """Note it."""
            told.append(up)

    async def probe(hop: Hop) -> bool:
        health._wanted[hop] = -1e9
        return False

    health = Health(Limits(first_pause_s=0.001), probe, Told())
    health.failed(Hop("smtp", "127.0.0.1", 1), CANNOT_CONNECT)
    await asyncio.gather(*health._probing.values())
    assert told == [False, True]
    assert not health._pauses


async def test_nothing_goes_on_behind_a_closed_pool() -> None:
    """A delivery that fails after the close leaves no probing behind."""
    async with sink() as one:
        one.on("CONNECT", Hang())
        pool = Pool("gateway.test", Limits(connect_timeout_s=0.2))
        running = asyncio.create_task(send(one, pool=pool))
        await one.until(lambda hop: hop.open == 1)
        before = asyncio.all_tasks()
        await pool.close()
        assert is_temporary((await running)["b@y.test"], Step.CONNECT)
        assert asyncio.all_tasks() <= before


async def test_a_crowded_server_is_not_at_fault() -> None:
    """Whoever finds no free connection in time asks the next server; the first is not set aside."""
    news = News()
    async with sink() as one, sink() as two:
        one.on("DOT", Hang(), times=1)
        limits = Limits(connect_timeout_s=0.1, max_connections=1, first_pause_s=60.0)
        pool = Pool("gateway.test", limits, watch=news)
        waiting = asyncio.create_task(send(one, pool=pool, to_hop=both(one, two), timeout_s=30))
        await one.until(lambda hop: bool(hop.contents))
        assert (await send(one, pool=pool, to_hop=both(one, two)))["b@y.test"].delivered
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await pool.close()
    assert (len(two.messages), news.changes, news.waits) == (1, [], 1)


async def test_capabilities_are_learnt_anew_with_each_connection() -> None:
    """A server that came back with another limit is believed at once."""
    news = News()
    async with sink() as one:
        pool = Pool("gateway.test", Limits(max_uses=1), watch=news)
        one.offers = ("SIZE 1000000",)
        assert (await send(one, pool=pool))["b@y.test"].delivered
        one.offers = ("SIZE 10",)
        outcome = (await send(one, pool=pool))["b@y.test"]
        await pool.close()
    assert (outcome.reply.code, outcome.reply.enhanced) == (552, "5.3.4")
    assert news.sizes == [1_000_000, 10]
    assert len(one.contents) == 1


async def test_probing_sets_aside_and_brings_back() -> None:
    """What asks for SIZE also finds out who is away."""
    news = News()
    async with sink() as one:
        hop = one.hop
        one.on("CONNECT", Drop(), times=1)
        pool = Pool("gateway.test", Limits(probe_ttl_s=0, first_pause_s=60.0), watch=news)
        assert not (await pool.probe(hop)).reachable
        assert (await pool.probe(hop)).reachable
        await pool.close()
    assert [up for _, up, _ in news.changes] == [False, True]
