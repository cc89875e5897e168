"""DNS for identity: dnspython with a bounded cache, one question at a time for one name, and a budget per message."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.resolver

from listward.filters.probes import ProbeUnavailable, Resolver

CACHED_NAMES = 10_000
READY_OCTETS = 4096
"""Larger answers are read anew each time."""
TTL_LEAST_S = 30.0
TTL_MOST_S = 3600.0
FAILURE_MEMORY_S = 1.0
"""RFC 9520 section 3.2: a failure is remembered for one second at least."""

_Key = tuple[dns.name.Name, str]


class BoundedCache(dns.resolver.LRUCache):
    """dnspython's cache with bounds on lifetimes: neither a TTL of 0 nor one of a week is taken as it is."""

    def put(self, key: dns.resolver.CacheKey, value: dns.resolver.Answer) -> None:
        """Keep an answer, also a negative one (RFC 2308), for a bounded time."""
        now = time.time()
        value.expiration = min(max(value.expiration, now + TTL_LEAST_S), now + TTL_MOST_S)
        super().put(key, value)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An answer as it is given, until its time is over (Unix seconds)."""

    values: tuple[bytes, ...]
    until: float


class DnsResolver:
    """Implements probes.Resolver. `servers` are "address:port" ("[::1]:53"); none means the system's."""

    def __init__(self, servers: tuple[str, ...], timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._resolver = _configured(servers)
        self._resolver.cache = BoundedCache(CACHED_NAMES)
        self._resolver.timeout = max(timeout_s / 2, 0.05)
        self._timeout_s = timeout_s
        self._clock = clock
        self._ready: dict[tuple[str, str], _Ready] = {}
        self._asking: dict[_Key, asyncio.Task[_Ready]] = {}
        self._failed: dict[_Key, float] = {}

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Return the records' data, () where there are none. Raises ProbeUnavailable when DNS gives no answer."""
        known = self.remembered(name, kind)
        if known is not None:
            return known
        owner = _absolute(name)
        if owner is None:
            return ()
        answer = await self._asked((owner, kind))
        self._keep(name, kind, answer)
        return answer.values

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """Return an answer that was read before and still stands: most mail comes from a few domains."""
        ready = self._ready.get((name, kind))
        return ready.values if ready is not None and ready.until > time.time() else None

    def _keep(self, name: str, kind: str, answer: _Ready) -> None:
        if sum(map(len, answer.values)) > READY_OCTETS:
            return
        while len(self._ready) >= CACHED_NAMES:
            del self._ready[next(iter(self._ready))]
        self._ready.pop((name, kind), None)  # the oldest stand in front
        self._ready[name, kind] = answer

    async def _asked(self, key: _Key) -> _Ready:
        """Wait for the answer to a question that is asked once at a time."""
        kind = key[1]
        if self._failed.get(key, 0.0) > self._clock():
            raise ProbeUnavailable(f"{kind} lookup failed a moment ago")
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.get_running_loop().create_task(self._ask(key))
            task.add_done_callback(lambda done: self._finished(key, done))
        # One waiter may give up; the others still get the answer.
        return await asyncio.shield(task)

    def _finished(self, key: _Key, task: "asyncio.Task[_Ready]") -> None:
        self._asking.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            self._remember_failure(key)

    def _remember_failure(self, key: _Key) -> None:
        now = self._clock()
        if len(self._failed) >= CACHED_NAMES:
            self._failed = {name: until for name, until in self._failed.items() if until > now}
        self._failed[key] = now + FAILURE_MEMORY_S

    async def _ask(self, key: _Key) -> _Ready:
        owner, kind = key
        try:
            answer = await self._resolver.resolve(
                owner, kind, lifetime=self._timeout_s, search=False, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return _Ready((), self._absent_until(owner))
        except dns.resolver.YXDOMAIN:
            return _Ready((), 0.0)
        except (dns.exception.DNSException, OSError) as error:
            raise ProbeUnavailable(f"{kind} lookup failed: {type(error).__name__}") from error
        return _Ready(tuple(_octets(record) for record in answer.rrset or ()), answer.expiration)

    def _absent_until(self, owner: dns.name.Name) -> float:
        """How long a name that does not exist is remembered; dnspython keeps that for all kinds at once."""
        cache = self._resolver.cache
        found = cache.get((owner, dns.rdatatype.ANY, dns.rdataclass.IN)) if cache is not None else None
        return found.expiration if found is not None else 0.0


class BudgetedResolver:
    """One message's share: so many questions, none after its deadline (RFC 7208 section 4.6.4 asks for both)."""

    def __init__(
        self, inner: Resolver, queries: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner = inner
        self._left = queries
        self._clock = clock
        self._deadline = clock() + seconds

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Ask the inner resolver. Raises ProbeUnavailable when the budget is spent or the deadline has passed."""
        remaining = self._deadline - self._clock()
        if self._left <= 0 or remaining <= 0:
            raise ProbeUnavailable("the DNS budget of this message is spent")
        self._left -= 1
        known = self._inner.remembered(name, kind)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(remaining):
                return await self._inner.query(name, kind)
        except TimeoutError as error:
            raise ProbeUnavailable("DNS took longer than this message may wait") from error

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """What the inner resolver remembers; that costs nothing of the budget."""
        return self._inner.remembered(name, kind)


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
        labels = [label.encode() for label in name.removesuffix(".").split(".")]
        return dns.name.Name([*labels, b""])
    except (dns.exception.DNSException, UnicodeError):
        return None


def _octets(record: dns.rdata.Rdata) -> bytes:
    """A record's data: TXT strings joined without a gap (RFC 7208 section 3.3), others as text without a final dot."""
    if record.rdtype == dns.rdatatype.TXT:
        strings: tuple[bytes, ...] = record.strings  # type: ignore[attr-defined]  # every TXT record has them
        return b"".join(strings)
    return record.to_text().removesuffix(".").encode()
