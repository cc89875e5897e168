"""A name server that fails, lies or floods: nothing of it is ever a pass, or costs more than it may."""

import asyncio
import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from dns_server import DnsServer
from dnslib import QTYPE, RR, DNSRecord
from dnslib.dns import SOA, TXT
from identity_world import claims, rsa_record, signed, site, transaction
from messages import build
from static_dns import StaticResolver

from listward.filters.identity import answers
from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.resolver import AT_ONCE, BudgetedResolver, DnsResolver
from listward.filters.probes import ProbeUnavailable

Answers = Callable[[DNSRecord], list[bytes]]
"""What a lying server sends for one question: any number of datagrams."""


@contextmanager
def lying(say: Answers) -> Iterator[tuple[str, list[DNSRecord]]]:
    """A UDP server that answers whatever it likes; gives its address, and the questions so far."""
    asked: list[DNSRecord] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(0.05)
        ending = threading.Event()

        def serve() -> None:
            while not ending.is_set():
                try:
                    octets, client = bound.recvfrom(4096)
                except TimeoutError:
                    continue
                asked.append(DNSRecord.parse(octets))
                for reply in say(asked[-1]):
                    bound.sendto(reply, client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{bound.getsockname()[1]}", asked
        finally:
            ending.set()
            thread.join(5)


def _answer(question: DNSRecord, text: str, owner: str = "", ttl: int = 60) -> DNSRecord:
    reply = question.reply()
    reply.add_answer(RR(owner or question.q.qname, QTYPE.TXT, ttl=ttl, rdata=TXT(text)))
    return reply


def _true(question: DNSRecord) -> bytes:
    return _answer(question, "true").pack()


def _other_id(question: DNSRecord) -> bytes:
    octets = _answer(question, "lie").pack()
    return struct.pack(">H", (question.header.id + 1) & 0xFFFF) + octets[2:]


def _other_question(question: DNSRecord) -> bytes:
    other = DNSRecord.question("attack.example", "TXT")
    other.header.id = question.header.id
    return _answer(other, "lie").pack()


LIES = {
    "another id": _other_id,
    "another question": _other_question,
    "garbage": lambda question: b"\x00\xff" * 40,
    "nothing": lambda question: b"",
    "cut off": lambda question: _true(question)[:20],
    "an echo": lambda question: question.pack(),
    "a loop of pointers": lambda question: _true(question)[:12] + b"\xc0\x0c" * 20,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_lie_before_the_truth_is_not_taken(lie: Callable[[DNSRecord], bytes]) -> None:
    """Datagrams that do not answer our question are passed over, and the answer counts."""
    with lying(lambda question: [lie(question), _true(question)]) as (address, _):
        assert await DnsResolver((address,), timeout_s=2).query("party.example", "TXT") == (b"true",)


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_lies_alone_are_no_answer(lie: Callable[[DNSRecord], bytes]) -> None:
    """Where nothing else comes, there was no answer: neither a record nor its absence."""
    with lying(lambda question: [lie(question)]) as (address, _), pytest.raises(ProbeUnavailable):
        await DnsResolver((address,), timeout_s=0.4).query("party.example", "TXT")


async def test_a_record_of_another_name_is_none_of_ours() -> None:
    """A record that comes along under another name is not the asked one's."""
    with lying(lambda question: [_answer(question, "lie", owner="attack.example").pack()]) as (address, _):
        resolver = DnsResolver((address,), timeout_s=1)
        assert await resolver.query("party.example", "TXT") == ()
        assert resolver.remembered("attack.example", "TXT") is None


async def test_trouble_and_absence_are_told_apart() -> None:
    """NXDOMAIN and an empty answer are absences, of which one says that there is no such name; the rest is trouble."""
    zone = {
        "empty.example": {"A": ["192.0.2.1"]},
        "refused.example": {"error": "REFUSED"},
        "broken.example": {"error": "SERVFAIL"},
        "odd.example": {"error": "NOTIMP"},
    }
    with DnsServer(zone) as server:
        resolver = DnsResolver((server.address,), timeout_s=1)
        assert (await resolver.query("empty.example", "TXT"), await resolver.exists("empty.example")) == ((), True)
        assert (await resolver.query("nobody.example", "TXT"), await resolver.exists("nobody.example")) == ((), False)
        for name in ("refused.example", "broken.example", "odd.example"):
            with pytest.raises(ProbeUnavailable):
                await resolver.query(name, "TXT")
            with pytest.raises(ProbeUnavailable):
                await resolver.exists(name)


@pytest.mark.parametrize(
    ("serial", "kept_s"), [((3600, 3600), 3600), ((20, 3600), 30), ((3600, 120), 120), (None, 300)]
)
async def test_absence_is_remembered_as_long_as_the_zone_says(
    serial: tuple[int, int] | None, kept_s: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lesser of the SOA's TTL and its last field (RFC 2308), within our bounds; without an SOA five minutes."""

    def absent(question: DNSRecord) -> list[bytes]:
        reply = question.reply()
        reply.header.rcode = 3
        if serial:
            soa = SOA("ns.example", "root.example", (1, 1, 1, 1, serial[1]))
            reply.add_auth(RR("example", QTYPE.SOA, ttl=serial[0], rdata=soa))
        return [reply.pack()]

    with lying(absent) as (address, asked):
        resolver = DnsResolver((address,), timeout_s=1)
        now = time.time()
        for later in (0, kept_s - 5, kept_s + 5):
            monkeypatch.setattr("listward.filters.identity.answers.time.time", lambda later=later: now + later)
            assert await resolver.query("nobody.example", "TXT") == ()
            assert len(asked) == (1 if later <= kept_s else 2)


async def test_aliases_are_followed_so_far() -> None:
    """A chain of aliases leads to the record; one that never ends is no pass."""
    chain = {f"a{number}.example": {"CNAME": [f"a{number + 1}.example"]} for number in range(5)}
    with DnsServer(
        {**chain, "a5.example": {"TXT": ["v=spf1 -all"]}, "loop.example": {"CNAME": ["loop.example"]}}
    ) as dns:
        resolver = DnsResolver((dns.address,), timeout_s=1)
        assert await resolver.query("a0.example", "TXT") == (b"v=spf1 -all",)
        assert await resolver.query("loop.example", "TXT") == ()


async def test_an_endless_chain_of_aliases_is_trouble() -> None:
    """A server that sends aliases without end in one answer gets no further."""

    def chain(question: DNSRecord) -> list[bytes]:
        from dnslib.dns import CNAME

        reply = question.reply()
        names = [str(question.q.qname), *(f"a{number}.example" for number in range(30))]
        for name, target in itertools.pairwise(names):
            reply.add_answer(RR(name, QTYPE.CNAME, ttl=60, rdata=CNAME(target)))
        return [reply.pack()]

    with lying(chain) as (address, _), pytest.raises(ProbeUnavailable):
        await DnsResolver((address,), timeout_s=0.5).query("party.example", "TXT")


async def test_huge_answers_come_by_tcp_and_are_not_kept() -> None:
    """Sixty kilobytes of text are read, once for each who asks, and nothing of it stays in memory."""
    with DnsServer({"big.example": {"TXT": ["x" * 20_000, "y" * 20_000, "z" * 20_000]}}) as server:
        resolver = DnsResolver((server.address,), timeout_s=5)
        for _ in range(2):
            assert sum(map(len, await resolver.query("big.example", "TXT"))) == 60_000
        assert resolver.remembered("big.example", "TXT") is None
        assert server.count("big.example") == 4  # over UDP, cut short, then over TCP; twice


async def test_a_flood_of_names_stays_within_bounds() -> None:
    """Thousands of names with large answers from a stranger's zone leave a bounded memory."""
    with lying(lambda question: [_answer(question, "x" * 250).pack()]) as (address, asked):
        resolver = DnsResolver((address,), timeout_s=5)
        for start in range(0, 1000, 50):
            await asyncio.gather(*(resolver.query(f"n{start + at}.attack.example", "TXT") for at in range(50)))
        assert len(asked) >= 1000
        assert resolver._known.octets < answers.CACHED_OCTETS
        assert resolver._known.octets > 1000 * 250
        assert not resolver._asking


async def test_one_question_when_the_first_asker_is_cancelled() -> None:
    """The question lives on without who asked first, others join it, and the answer is remembered."""
    with DnsServer({"late.example": {"TXT": ["late"], "delay_s": 0.3}}) as server:
        resolver = DnsResolver((server.address,), timeout_s=3)
        first = asyncio.create_task(resolver.query("late.example", "TXT"))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await asyncio.gather(*(resolver.query("late.example", "TXT") for _ in range(5))) == [(b"late",)] * 5
        assert await resolver.query("LATE.example.", "TXT") == (b"late",)
        assert server.count("late.example") == 1


async def test_everybody_hears_of_trouble_once() -> None:
    """Who waits together for a name that fails all get the trouble, from one question, and no task is left over."""
    with DnsServer({"broken.example": {"error": "SERVFAIL", "delay_s": 0.1}}) as server:
        resolver = DnsResolver((server.address,), timeout_s=0.5, clock=lambda: 1.0)
        found = await asyncio.gather(
            *(resolver.query("broken.example", "TXT") for _ in range(20)), return_exceptions=True
        )
        before = server.count("broken.example")
        assert all(isinstance(one, ProbeUnavailable) for one in found)
        with pytest.raises(ProbeUnavailable):
            await resolver.query("broken.example", "TXT")
        assert server.count("broken.example") == before


async def test_the_budget_holds_for_questions_that_are_asked_at_once() -> None:
    """Of many questions at once no more are asked than the message may, and the deadline ends all of them."""
    with DnsServer({f"n{number}.example": {"TXT": ["x"], "delay_s": 1.0} for number in range(20)}) as server:
        budgeted = BudgetedResolver(DnsResolver((server.address,), timeout_s=5), queries=7, seconds=0.3)
        began = time.monotonic()
        asking = [budgeted.query(f"n{number}.example", "TXT") for number in range(20)]
        found = await asyncio.gather(*asking, return_exceptions=True)
        assert time.monotonic() - began < 1
        assert all(isinstance(one, ProbeUnavailable) for one in found)
        assert len({name for name, _, _ in server.asked}) == 7
        with pytest.raises(ProbeUnavailable):
            await budgeted.exists("n1.example")


async def test_a_message_takes_few_sockets() -> None:
    """However many names it makes us ask for, few questions are under way; the others have their turn."""

    class Counting(StaticResolver):
        under_way = most = 0

        async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            await asyncio.sleep(0.001)
            self.under_way -= 1
            return await super().query(name, kind)

    inner = Counting({f"n{number}.example": {"TXT": ["x"]} for number in range(40)})
    budgeted = BudgetedResolver(inner, queries=80, seconds=30)
    found = await asyncio.gather(*(budgeted.query(f"n{number}.example", "TXT") for number in range(40)))
    assert found == [(b"x",)] * 40
    assert inner.most == AT_ONCE


async def test_the_budget_holds_for_what_answers_hold() -> None:
    """Few questions with huge answers cost as much as many: after some of them the message may ask no more."""
    spent: list[bool] = []
    zone = {f"n{number}.example": {"TXT": ["x" * 30_000]} for number in range(9)}
    with DnsServer(zone) as server:
        inner = DnsResolver((server.address,), timeout_s=5, on_spent=lambda: spent.append(True))
        budgeted = BudgetedResolver(inner, queries=20, seconds=30)
        for number in range(3):
            assert await budgeted.query(f"n{number}.example", "TXT")
        for number in range(3, 9):
            with pytest.raises(ProbeUnavailable):
                await budgeted.query(f"n{number}.example", "TXT")
        assert spent == [True]
        assert len({name for name, _, _ in server.asked}) == 3


RAW = build(from_="Ben <ben@mail.example>")
GOOD = {
    "mail.example": {"TXT": ["v=spf1 ip4:198.51.100.7 -all"]},
    "_dmarc.mail.example": {"TXT": ["v=DMARC1; p=reject"]},
    "sel._domainkey.mail.example": {"TXT": [rsa_record()]},
}
WORST = {
    # Ten terms, each with ten hosts: more names than a message may ask for.
    "hungry.example": {"TXT": ["v=spf1 " + " ".join(f"mx:m{number}.example" for number in range(10)) + " -all"]},
    **{f"m{number}.example": {"MX": [f"10 h{number}-{at}.example" for at in range(10)]} for number in range(10)},
}


@pytest.mark.parametrize("standard", ["rfc7489", "rfc9989"])
async def test_a_message_asks_no_more_than_it_may(standard: str) -> None:
    """The hungriest sender, five signatures and a deep name: within the budget, in time, and no pass for want of it."""
    raw = build(from_="Ben <ben@a.b.c.d.e.f.g.h.mail.example>")
    for number in range(6):
        raw = signed(raw, domain=f"d{number}.e.f.g.h.mail.example", selector=f"s{number}")
    with DnsServer({**GOOD, **WORST}) as server:
        settings = site(authentication={"dmarc": standard})
        resolver = DnsResolver((server.address,), timeout_s=5)
        arrived = transaction(raw, sender="x@hungry.example")
        found = await authenticate(claims(raw), arrived, settings, resolver)
        assert len(server.asked) <= 80
        assert not found.aligned
        assert "pass" not in {item.result for item in found.results}


@pytest.mark.parametrize("standard", ["rfc7489", "rfc9989"])
@pytest.mark.parametrize("trouble", ["SERVFAIL", "REFUSED", "TIMEOUT"])
async def test_trouble_with_everything_proves_and_refuses_nothing(standard: str, trouble: str) -> None:
    """No answer at all: undecided, whatever the message claims."""
    with DnsServer({name: {"error": trouble} for name in GOOD}) as server:
        settings = site(authentication={"dmarc": standard})
        raw = signed(RAW)
        resolver = DnsResolver((server.address,), timeout_s=0.3)
        found = await authenticate(claims(raw), transaction(raw), settings, resolver)
        assert (found.aligned, found.undecided, found.policy) == (False, True, "")
        assert {item.result for item in found.results} == {"temperror"}
