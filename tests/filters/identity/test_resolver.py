"""DNS over real sockets: cache, single flight, trouble, budget."""

import asyncio
import time

import pytest
from dns_server import DnsServer
from static_dns import StaticResolver

from listward.filters.identity import answers
from listward.filters.identity.answers import Answer, AnswerCache, bounded_until
from listward.filters.identity.resolver import BudgetedResolver, DnsResolver
from listward.filters.probes import ProbeUnavailable

ZONE = {
    "party.example": {"TXT": ["v=spf1 -all", ("two ", "strings")], "MX": ["10 mx.party.example"]},
    "mx.party.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["mx.party.example"]},
    "alias.example": {"CNAME": ["mx.party.example"]},
    "broken.example": {"error": "SERVFAIL"},
    "silent.example": {"error": "TIMEOUT"},
    "late.example": {"TXT": ["late"], "delay_s": 0.15},
    "big.example": {"TXT": ["x" * 3000]},
}


@pytest.fixture
def server():
    """A name server with the zone above."""
    with DnsServer(ZONE) as running:
        yield running


async def test_records_come_as_octets(server: DnsServer) -> None:
    """TXT strings are joined, hosts and exchanges are text without a final dot."""
    resolver = DnsResolver((server.address,), timeout_s=2)
    assert set(await resolver.query("party.example", "TXT")) == {b"v=spf1 -all", b"two strings"}
    assert await resolver.query("Party.Example.", "MX") == (b"10 mx.party.example",)
    assert await resolver.query("mx.party.example", "A") == (b"192.0.2.1",)
    assert await resolver.query("mx.party.example", "AAAA") == (b"2001:db8::1",)
    assert await resolver.query("1.2.0.192.in-addr.arpa", "PTR") == (b"mx.party.example",)


async def test_no_record_is_an_empty_answer(server: DnsServer) -> None:
    """A name that does not exist, one without such records and no name at all give nothing, and no trouble."""
    resolver = DnsResolver((server.address,), timeout_s=2)
    assert await resolver.query("nobody.example", "TXT") == ()
    assert await resolver.query("mx.party.example", "TXT") == ()
    for name in ("", "a..b", "x" * 64 + ".example", "a." * 130 + "example"):
        assert await resolver.query(name, "TXT") == ()


@pytest.mark.parametrize("name", ["broken.example", "silent.example"])
async def test_trouble_is_not_an_empty_answer(server: DnsServer, name: str) -> None:
    """SERVFAIL and silence raise, within the time given."""
    resolver = DnsResolver((server.address,), timeout_s=0.3)
    began = time.monotonic()
    with pytest.raises(ProbeUnavailable):
        await resolver.query(name, "TXT")
    assert time.monotonic() - began < 2


async def test_no_server_is_trouble() -> None:
    """A server that nobody runs gives no answer, and that is not "no record"."""
    with pytest.raises(ProbeUnavailable):
        await DnsResolver(("127.0.0.1:1",), timeout_s=0.2).query("party.example", "TXT")


async def test_long_answers_come_over_tcp(server: DnsServer) -> None:
    """A truncated answer is asked for again over TCP."""
    resolver = DnsResolver((server.address,), timeout_s=2)
    assert await resolver.query("big.example", "TXT") == (b"x" * 3000,)
    assert [protocol for name, _, protocol in server.asked if name == "big.example"] == ["udp", "tcp"]


async def test_answers_and_absences_are_remembered(server: DnsServer) -> None:
    """A second question for the same name, in any case, asks nobody."""
    resolver = DnsResolver((server.address,), timeout_s=2)
    for name in ("party.example", "PARTY.example", "nobody.example", "nobody.example"):
        await resolver.query(name, "TXT")
    assert server.count("party.example") == 1
    assert server.count("nobody.example") == 1


async def test_what_is_remembered_needs_no_wait(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers and absences stand in memory for their time; what was not asked, failed or is large does not."""
    resolver = DnsResolver((server.address,), timeout_s=1)
    asked = (("party.example", "MX"), ("nobody.example", "TXT"), ("mx.party.example", "TXT"))
    assert [resolver.remembered(*one) for one in asked] == [None] * 3
    for one in asked:
        await resolver.query(*one)
    assert [resolver.remembered(*one) for one in asked] == [(b"10 mx.party.example",), (), ()]
    with pytest.raises(ProbeUnavailable):
        await resolver.query("broken.example", "TXT")
    monkeypatch.setattr("listward.filters.identity.answers.ANSWER_OCTETS", 2000)
    await resolver.query("big.example", "TXT")
    assert [resolver.remembered(name, "TXT") for name in ("broken.example", "big.example")] == [None, None]
    later = time.time() + 3601
    monkeypatch.setattr("listward.filters.identity.answers.time.time", lambda: later)
    assert [resolver.remembered(*one) for one in asked] == [None] * 3


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, server: DnsServer) -> None:
    """The answer that nobody asked for the longest makes room."""
    monkeypatch.setattr("listward.filters.identity.answers.CACHED_NAMES", 2)
    resolver = DnsResolver((server.address,), timeout_s=1)
    for kind in ("MX", "TXT", "MX", "A"):
        await resolver.query("party.example", kind)
    assert [resolver.remembered("party.example", kind) is None for kind in ("MX", "TXT", "A")] == [False, True, False]
    assert server.count("party.example", "MX") == 1


def test_memory_is_bounded_in_octets() -> None:
    """Large answers, long names and very many answers stay within what is set for all of them together."""
    cache = AnswerCache()
    until = bounded_until(60)
    for number in range(30_000):
        cache.put((f"{number}.{'x' * 200}.example", "TXT"), Answer((b"y" * 4000, b"z" * 4000), until))
    assert cache.octets <= answers.CACHED_OCTETS
    assert 1000 < len(cache) < answers.CACHED_NAMES
    for number in range(30_000):
        cache.put((f"{number}.example", "TXT"), Answer((), until))
    assert len(cache) == answers.CACHED_NAMES
    cache.put(("huge.example", "TXT"), Answer((b"x" * (answers.ANSWER_OCTETS + 1),), until))
    assert cache.get(("huge.example", "TXT")) is None
    for number in range(30_000):
        cache.put((f"{number}.example", "TXT"), Answer((), 0.0))
        assert cache.get((f"{number}.example", "TXT")) is None
    assert (len(cache), cache.octets) == (0, 0)


async def test_failures_are_remembered_in_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many names fail within a second, only so many are remembered, and the latest are."""
    monkeypatch.setattr("listward.filters.identity.resolver.CACHED_NAMES", 3)
    resolver = DnsResolver(("127.0.0.1:1",), timeout_s=0.2, clock=lambda: 100.0)
    for number in range(6):
        with pytest.raises(ProbeUnavailable):
            await resolver.query(f"{number}.example", "TXT")
    assert list(resolver._failed) == [(f"{number}.example", "TXT") for number in (3, 4, 5)]


async def test_failures_are_remembered_for_a_moment(server: DnsServer) -> None:
    """After a failure the name is asked for again only when a second has passed (RFC 9520)."""
    now = [100.0]
    resolver = DnsResolver((server.address,), timeout_s=1, clock=lambda: now[0])
    with pytest.raises(ProbeUnavailable):
        await resolver.query("broken.example", "TXT")
    asked = server.count("broken.example")
    with pytest.raises(ProbeUnavailable):
        await resolver.query("broken.example", "TXT")
    assert server.count("broken.example") == asked
    now[0] += 1.1
    server.zone = {"broken.example": {"TXT": ["mended"]}}
    assert await resolver.query("broken.example", "TXT") == (b"mended",)
    assert server.count("broken.example") == asked + 1


async def test_one_question_at_a_time(server: DnsServer) -> None:
    """Fifty who ask for one name at once cause one question, and all get the answer."""
    resolver = DnsResolver((server.address,), timeout_s=2)
    answers = await asyncio.gather(*(resolver.query("late.example", "TXT") for _ in range(50)))
    assert set(answers) == {(b"late",)}
    assert server.count("late.example") == 1


async def test_a_waiter_who_gives_up_takes_nothing_from_the_others(server: DnsServer) -> None:
    """Cancelling the first of two waiters leaves the second with its answer."""
    resolver = DnsResolver((server.address,), timeout_s=2)
    first = asyncio.create_task(resolver.query("late.example", "TXT"))
    second = asyncio.create_task(resolver.query("late.example", "TXT"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == (b"late",)
    assert first.cancelled() or first.cancelling()


async def test_a_budget_ends() -> None:
    """After so many questions, or after the deadline, there are no more answers."""
    now = [0.0]
    inner = StaticResolver({"party.example": {"TXT": ["x"]}})
    few = BudgetedResolver(inner, queries=2, seconds=10, clock=lambda: now[0])
    assert await few.query("party.example", "TXT") == (b"x",)
    assert await few.query("party.example", "A") == ()
    with pytest.raises(ProbeUnavailable):
        await few.query("party.example", "TXT")
    late = BudgetedResolver(inner, queries=2, seconds=10, clock=lambda: now[0])
    now[0] = 11
    with pytest.raises(ProbeUnavailable):
        await late.query("party.example", "TXT")
    assert len(inner.asked) == 2


async def test_a_message_that_may_ask_no_more_is_counted_once(server: DnsServer) -> None:
    """Whether by number or by time, and however often it asks again; one within its bounds is not."""
    counted: list[int] = []
    resolver = DnsResolver((server.address,), timeout_s=2, on_spent=lambda: counted.append(1))
    now = [0.0]
    few = BudgetedResolver(resolver, queries=1, seconds=10, clock=lambda: now[0])
    await few.query("party.example", "TXT")
    assert counted == []
    for _ in range(3):
        with pytest.raises(ProbeUnavailable):
            await few.query("party.example", "TXT")
    assert counted == [1]
    late = BudgetedResolver(few, queries=5, seconds=1, clock=lambda: now[0])
    now[0] = 2.0
    with pytest.raises(ProbeUnavailable):
        await late.exists("party.example")
    assert counted == [1]


async def test_the_cache_is_as_large_as_configured(server: DnsServer) -> None:
    """A small cache makes room for the next answer."""
    resolver = DnsResolver((server.address,), timeout_s=2, cache_bytes=1500)
    for kind in ("TXT", "MX", "A", "AAAA"):
        await resolver.query("party.example", kind)
    assert resolver._known.octets <= 1500
    assert resolver.remembered("party.example", "TXT") is None
    assert resolver.remembered("party.example", "AAAA") == ()


async def test_a_deadline_ends_a_question_under_way(server: DnsServer) -> None:
    """A slow answer is not waited for beyond the message's deadline."""
    budgeted = BudgetedResolver(DnsResolver((server.address,), timeout_s=5), queries=5, seconds=0.05)
    with pytest.raises(ProbeUnavailable):
        await budgeted.query("late.example", "TXT")


@pytest.mark.parametrize(("ttl_s", "kept_s"), [(0, 30), (-5, 30), (600, 600), (10**6, 3600)])
def test_lifetimes_have_bounds(ttl_s: float, kept_s: float) -> None:
    """An answer is kept for 30 seconds at least and an hour at most, whatever its TTL."""
    assert abs(bounded_until(ttl_s) - time.time() - kept_s) < 5


@pytest.mark.parametrize(
    ("server_name", "address", "port"),
    [
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("192.0.2.1", "192.0.2.1", 53),
        ("[::1]:54", "::1", 54),
        ("::1", "::1", 53),
    ],
)
def test_servers_are_read(server_name: str, address: str, port: int) -> None:
    """Addresses with and without a port, of both families, are understood."""
    (nameserver,) = DnsResolver((server_name,), timeout_s=1)._resolver.nameservers
    assert (nameserver.address, nameserver.port) == (address, port)
