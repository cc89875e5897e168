"""Turns at a reader: who is quick to read goes first, and one site's mail cannot hold up everybody's."""

import asyncio

import pytest

from listward.gateway.reader import turns
from listward.gateway.reader.turns import UNKNOWN_PACE, Turns
from listward.runtime.sites import site_of

OCTETS = 100_000


class Clock:
    """Stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that turns are measured by."""
    made = Clock()
    monkeypatch.setattr(turns, "time", made)
    return made


async def read(every: Turns, site: str, clock: Clock, seconds: float, order: list[str], octets: int = OCTETS) -> None:
    """Take a turn of that length, and note it."""
    async with every.turn(site, octets):
        order.append(site)
        clock.now += seconds
        await asyncio.sleep(0)


async def together(every: Turns, clock: Clock, *wanted: tuple[str, float]) -> list[str]:
    """The order in which these had their turns, who all came while somebody else had the first one."""
    order: list[str] = []
    async with every.turn("somebody", OCTETS):
        tasks = [asyncio.create_task(read(every, site, clock, seconds, order)) for site, seconds in wanted]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return order


async def test_the_order_of_arrival_holds_among_equals(clock: Clock) -> None:
    """Nobody is known: who came first is read first."""
    assert await together(Turns(), clock, ("a", OCTETS * UNKNOWN_PACE), ("b", 0.05), ("a", 0.05)) == ["a", "b", "a"]


async def test_whose_mail_takes_long_waits_for_the_others(clock: Clock) -> None:
    """One costly message is read before that is known; the rest of that site's come last."""
    many = [("slow", 0.5)] * 5
    assert await together(Turns(), clock, *many, ("new", 0.01)) == ["slow", "new", *["slow"] * 4]


async def test_known_quick_mail_goes_before_newcomers(clock: Clock) -> None:
    """So whoever comes from a new address each time stands behind those who are known."""
    every = Turns()
    await together(every, clock, ("known", 0.003))
    fresh = [(f"fresh{number}", 0.5) for number in range(5)]
    assert (await together(every, clock, *fresh, ("known", 0.003)))[0] == "known"


async def test_short_mail_comes_first_and_what_broke_a_reader_last(clock: Clock) -> None:
    """Where nobody is known, length says what will be quick; who has lost a reader already waits for all."""
    every, order = Turns(), list[str]()

    async def broken() -> None:
        async with every.turn("broken", 1000, 10.0):
            order.append("broken")

    async with every.turn("somebody", OCTETS):
        tasks = [asyncio.create_task(broken())]
        tasks += [
            asyncio.create_task(read(every, f"{size}", clock, 0, order, size)) for size in (40_000_000, OCTETS, 99)
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == ["99", "100000", "broken", "40000000"]


async def test_a_site_is_forgiven_when_its_mail_is_quick_again(clock: Clock) -> None:
    """The average follows the newest messages."""
    every = Turns()
    await together(every, clock, *[("once", 0.5)] + [("once", 0.001)] * 20)
    assert await together(every, clock, ("new", 0.01), ("once", 0.001)) == ["once", "new"]


async def test_who_gives_up_waiting_takes_no_turn(clock: Clock) -> None:
    """Also at the moment of being called: the turn goes to the next one."""
    every, order = Turns(), list[str]()
    async with every.turn("somebody", OCTETS):
        gone = [asyncio.create_task(read(every, "gone", clock, 1, order)) for _ in range(2)]
        kept = asyncio.create_task(read(every, "kept", clock, 1, order))
        await asyncio.sleep(0)
        gone[1].cancel()
        await asyncio.sleep(0)
    gone[0].cancel()
    await kept
    await asyncio.gather(*gone, return_exceptions=True)
    async with asyncio.timeout(1), every.turn("next", OCTETS):
        assert order == ["kept"]


async def test_only_so_many_sites_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten, so that memory stays."""
    monkeypatch.setattr(turns, "MOST_SOURCES", 2)
    every = Turns()
    await together(every, clock, ("slow", 0.5), ("a", 0.01), ("b", 0.01), ("c", 0.01))
    assert await together(every, clock, ("slow", 0.5), ("new", 0.01)) == ["slow", "new"]


def test_a_site_has_one_name() -> None:
    """An IPv6 network of 64 bits is one site, an IPv4 address another."""
    assert site_of("2001:db8::1") == site_of("2001:db8::ffff:1") != site_of("2001:db8:0:1::1")
    assert site_of("192.0.2.1") == "192.0.2.1"
    assert site_of("") == ""
