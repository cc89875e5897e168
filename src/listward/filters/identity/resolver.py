"""DNS for identity: dnspython with a bounded cache, one question at a time for one name, and a budget per message."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.resolver

from listward.filters.identity.answers import (
    CACHED_NAMES,
    CACHED_OCTETS,
    TTL_LEAST_S,
    TTL_MOST_S,
    Answer,
    AnswerCache,
    Question,
    bounded_until,
)
from listward.filters.probes import ProbeUnavailable, Resolver

FAILURE_MEMORY_S = 1.0
"""RFC 9520 section 3.2: a failure is remembered for one second at least."""
AT_ONCE = 8
"""How many questions of one message are under way together, each on a socket of its own: else a stranger whose name
servers are silent would leave none for anybody's mail. Most messages ask four.
"""
OCTETS_PER_QUESTION = 4096
"""What the answers to one message may hold together, for each question that it may ask; most hold some hundred."""
RECORD_OCTETS = 16
"""What each record counts beyond its data: reading it takes time however short it is."""


class DnsResolver:
    """Implements probes.Resolver. `servers` are "address:port" ("[::1]:53"); none means the system's."""

    def __init__(
        self,
        servers: tuple[str, ...],
        timeout_s: float,
        clock: Callable[[], float] = time.monotonic,
        cache_bytes: int = CACHED_OCTETS,
        on_spent: Callable[[], None] = lambda: None,
    ) -> None:
        self._resolver = _configured(servers)
        self._resolver.timeout = max(timeout_s / 2, 0.05)
        self._timeout_s = timeout_s
        self._clock = clock
        self._known = AnswerCache(cache_bytes)
        self.spent = on_spent
        self._asking: dict[Question, asyncio.Task[Answer]] = {}
        self._failed: dict[Question, float] = {}

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Return the records' data, () where there are none. Raises ProbeUnavailable when DNS gives no answer."""
        return (await self._answer(name, kind)).values

    async def exists(self, name: str) -> bool:
        """Whether DNS knows the name at all: False for NXDOMAIN only (RFC 8020). Raises ProbeUnavailable likewise."""
        return (await self._answer(name, "A")).exists

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """Return an answer that was read before and still stands: most mail comes from a few domains."""
        answer = self._known.get(_question(name, kind))
        return answer.values if answer is not None else None

    async def _answer(self, name: str, kind: str) -> Answer:
        """The answer from memory, or to a question that is asked once at a time."""
        question = _question(name, kind)
        known = self._known.get(question)
        if known is not None:
            return known
        if self._failed.get(question, 0.0) > self._clock():
            raise ProbeUnavailable(f"{kind} lookup failed a moment ago")
        task = self._asking.get(question)
        if task is None:
            task = self._asking[question] = asyncio.get_running_loop().create_task(self._ask(question))
            task.add_done_callback(lambda done: self._finished(question, done))
        # One waiter may give up; the others still get the answer.
        return await asyncio.shield(task)

    def _finished(self, question: Question, task: "asyncio.Task[Answer]") -> None:
        self._asking.pop(question, None)
        if task.cancelled():
            return
        if task.exception() is None:
            self._known.put(question, task.result())
        else:
            self._remember_failure(question)

    def _remember_failure(self, question: Question) -> None:
        self._failed.pop(question, None)
        while len(self._failed) >= CACHED_NAMES:
            del self._failed[next(iter(self._failed))]  # the oldest stand in front
        self._failed[question] = self._clock() + FAILURE_MEMORY_S

    async def _ask(self, question: Question) -> Answer:
        name, kind = question
        owner = _absolute(name)
        if owner is None:
            return Answer((), bounded_until(TTL_MOST_S), exists=False)
        try:
            found = await self._resolver.resolve(
                owner, kind, lifetime=self._timeout_s, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN as absent:
            return Answer((), bounded_until(_absence_s(absent)), exists=False)
        except dns.resolver.YXDOMAIN:
            return Answer((), bounded_until(TTL_LEAST_S))
        except (dns.exception.DNSException, OSError) as error:
            raise ProbeUnavailable(f"{kind} lookup failed: {type(error).__name__}") from error
        values = tuple(_octets(record) for record in found.rrset or ())
        return Answer(values, bounded_until(found.expiration - time.time()))


class BudgetedResolver:
    """One message's share: so many questions, few of them at once, so much in the answers, none after its deadline.

    RFC 7208 sections 4.6.4 and 11.1 ask for all three.
    """

    def __init__(
        self, inner: Resolver, queries: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner = inner
        self._left = queries
        self._octets_left = queries * OCTETS_PER_QUESTION
        self._room = asyncio.Semaphore(AT_ONCE)
        self._clock = clock
        self._deadline = clock() + seconds
        self._is_spent = False

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Ask the inner resolver. Raises ProbeUnavailable when the budget is spent or the deadline has passed."""
        remaining = self._spend()
        known = self._inner.remembered(name, kind)
        if known is not None:
            return self._charged(known)
        try:
            async with asyncio.timeout(remaining), self._room:
                return self._charged(await self._inner.query(name, kind))
        except TimeoutError as error:
            raise ProbeUnavailable("DNS took longer than this message may wait") from error

    def _charged(self, values: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Take an answer from the budget: large ones cost time to fetch, to read and to compute with."""
        self._octets_left -= sum(len(value) + RECORD_OCTETS for value in values)
        return values

    async def exists(self, name: str) -> bool:
        """Ask the inner resolver, on the same budget."""
        try:
            async with asyncio.timeout(self._spend()), self._room:
                return await self._inner.exists(name)
        except TimeoutError as error:
            raise ProbeUnavailable("DNS took longer than this message may wait") from error

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """What the inner resolver remembers; that costs nothing of the budget."""
        return self._inner.remembered(name, kind)

    def spent(self) -> None:
        """Say once that this message may ask no more."""
        if not self._is_spent:
            self._is_spent = True
            self._inner.spent()

    def _spend(self) -> float:
        """Take one question from the budget; returns the seconds that are left."""
        remaining = self._deadline - self._clock()
        if self._left <= 0 or self._octets_left <= 0 or remaining <= 0:
            self.spent()
            raise ProbeUnavailable("the DNS budget of this message is spent")
        self._left -= 1
        return remaining


def _question(name: str, kind: str) -> Question:
    return name.lower().removesuffix("."), kind


def _configured(servers: tuple[str, ...]) -> dns.asyncresolver.Resolver:
    """A resolver on the given servers, or on the system's; without either it answers nothing."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    if servers:
        resolver.nameservers = [_nameserver(server) for server in servers]
        return resolver
    with suppress(dns.resolver.NoResolverConfiguration, OSError):
        return dns.asyncresolver.Resolver()
    return resolver


def _nameserver(server: str) -> dns.nameserver.Do53Nameserver:
    """Read "127.0.0.1:5353", "[::1]:53" or a bare address. Raises ValueError for a port that is no number."""
    host, colon, port = server.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return dns.nameserver.Do53Nameserver(server.strip("[]"), 53)
    return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))


def _absolute(name: str) -> dns.name.Name | None:
    """The name label by label: names come out of hostile mail, so no escape and no IDNA mapping is read into them."""
    try:
        labels = [label.encode() for label in name.split(".")]
        return dns.name.Name([*labels, b""])
    except (dns.exception.DNSException, UnicodeError):
        return None


def _absence_s(absent: dns.resolver.NXDOMAIN) -> float:
    """How long a name may be taken as absent (RFC 2308 section 5): dnspython reads the SOA, or says a short time."""
    responses: Iterable[dns.message.QueryMessage] = absent.kwargs.get("responses", {}).values()
    return min((response.resolve_chaining().minimum_ttl for response in responses), default=TTL_LEAST_S)


def _octets(record: dns.rdata.Rdata) -> bytes:
    """A record's data: TXT strings joined without a gap (RFC 7208 section 3.3), others as text without a final dot."""
    if record.rdtype == dns.rdatatype.TXT:
        strings: tuple[bytes, ...] = record.strings  # type: ignore[attr-defined]  # every TXT record has them
        return b"".join(strings)
    return record.to_text().removesuffix(".").encode()
