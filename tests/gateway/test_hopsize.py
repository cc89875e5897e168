"""The sizes that next hops take."""

import asyncio

from listward.gateway.hopsize import NO_LIMIT, HopSizes
from listward.wire.capabilities import UNREACHABLE, Capabilities
from listward.wire.hop import Hop, parse_hop

A, B, C = "smtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3"


class Prober:
    """Answers by port."""

    def __init__(self) -> None:
        self.answers: dict[int, Capabilities | Exception] = {}
        self.asked = 0
        self.asked_thrice = asyncio.Event()

    async def probe(self, hop: Hop) -> Capabilities:
        """Answer as told."""
        self.asked += 1
        if self.asked == 3:
            self.asked_thrice.set()
        answer = self.answers[hop.port]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_the_smallest_known_limit_counts() -> None:
    """No answer changes nothing; no SIZE is no limit."""
    prober, sizes = Prober(), HopSizes()
    prober.answers = {1: Capabilities({"SIZE": "5000"}), 2: Capabilities({"SIZE": "100"}), 3: Capabilities({})}
    await sizes.ask(prober, (A, B, C, "", A))
    assert prober.asked == 3
    assert sizes.smallest((A, B, C)) == 100
    assert sizes.smallest((A, C)) == 5000
    assert sizes.smallest((C,)) == sizes.smallest(()) == NO_LIMIT
    prober.answers = {1: UNREACHABLE, 2: OSError(), 3: Capabilities({"SIZE": "0"})}
    await sizes.ask(prober, (A, B, C))
    assert sizes.smallest((A, B, C)) == 100


async def test_hops_are_asked_again_until_told_to_stop() -> None:
    """A list server that comes back with another limit is noticed."""
    prober, sizes, stop = Prober(), HopSizes(), asyncio.Event()
    prober.answers = {1: Capabilities({"SIZE": "5000"})}
    asking = asyncio.create_task(sizes.keep_asking(prober, lambda: (A,), stop, every_s=0.001))
    await prober.asked_thrice.wait()
    stop.set()
    await asking
    assert sizes.smallest((A,)) == 5000


async def test_every_server_of_several_is_asked() -> None:
    """Any of them may have to take the message; each is asked by itself, once."""
    prober, sizes = Prober(), HopSizes()
    prober.answers = {1: Capabilities({"SIZE": "5000"}), 2: Capabilities({"SIZE": "100"})}
    await sizes.ask(prober, (f"{A} {B}", B))
    assert prober.asked == 2
    assert sizes.smallest((f"{B} {A}",)) == sizes.smallest((f"{A} {C}", B)) == 100
    assert sizes.smallest((f"{A} {C}",)) == 5000


async def test_an_extension_is_offered_where_every_server_is_known_to_have_it() -> None:
    """Not asked yet, away, or without it: not offered; nobody to send to: not offered either."""
    sizes = HopSizes()
    for hop in parse_hop(f"{A} {B}").servers:
        assert not sizes.all_offer((f"{A} {B}",), "DSN")
        sizes.learn(hop, Capabilities({"DSN": ""}))
    assert sizes.all_offer((f"{A} {B}", B, ""), "DSN")
    assert not sizes.all_offer((A, C), "DSN")
    assert not sizes.all_offer((), "DSN")
    sizes.learn(parse_hop(B), Capabilities({"SIZE": "1"}))
    assert not sizes.all_offer((f"{A} {B}",), "DSN")
    assert sizes.smallest((A, B)) == 1
