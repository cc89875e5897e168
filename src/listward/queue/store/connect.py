"""From the site's [store] to a store that can be used: the one place where its pieces are put together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import (
    BlockingConnectionPool,
    Redis,
    RedisCluster,
    Sentinel,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from listward.config.paths import state_directory
from listward.config.site import Site
from listward.queue.store.agenda import Agenda
from listward.queue.store.codec import Codec
from listward.queue.store.counters import RedisCounters
from listward.queue.store.durability import Durability, Guard
from listward.queue.store.events import Outbox
from listward.queue.store.forgetting import Forgetting
from listward.queue.store.freezes import RedisAccounts
from listward.queue.store.held_bytes import HeldBytes
from listward.queue.store.holding import Holding
from listward.queue.store.keys import load_keys
from listward.queue.store.lanes import DEADLINE_S, ClusterRoute, Lanes, OneServer, Route
from listward.queue.store.ledger import RedisLedger
from listward.queue.store.names import SITE_COUNTER
from listward.queue.store.numbering import Numbering
from listward.queue.store.observations_store import StoredObservations
from listward.queue.store.ports import StoreUnavailable
from listward.queue.store.presence import Presence
from listward.queue.store.reading import Reading
from listward.queue.store.recount import Recount
from listward.queue.store.redis_cases import RedisCases
from listward.queue.store.rosters import StoredRosters
from listward.queue.store.settings import Settings
from listward.queue.store.socket_path import socket_path
from listward.queue.store.trail import Trail
from listward.queue.store.urls import StoreUrl, parse_store_url
from listward.runtime.clock import Clock, SystemClock
from listward.runtime.metrics import Metrics

CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Store:
    """A connected store. `redis` is the client for small things of one key (sessions, tokens)."""

    cases: RedisCases
    ledger: RedisLedger
    counters: RedisCounters
    trail: Trail
    redis: Redis | RedisCluster
    lanes: Lanes
    guard: Guard
    codec: Codec
    numbering: Numbering
    agenda: Agenda
    forgetting: Forgetting
    outbox: Outbox
    settings: Settings
    recount: Recount
    rosters: StoredRosters
    accounts: RedisAccounts
    presence: Presence
    observations: StoredObservations

    def adopt(self, site: Site) -> None:
        """Go by a new configuration's limits, clocks and escalations from now on; connections stay as they are."""
        self.settings.adopt(site)

    async def durability(self) -> Durability:
        """Ask the store whether it can keep the promise of a hold. Raises StoreUnavailable when it is away."""
        return await self.guard.inspect(SITE_COUNTER)

    async def check_durable(self) -> None:
        """Raise StoreUnavailable with a plain reason unless the store can keep the promise of a hold."""
        found = await self.durability()
        if found.reason:
            raise StoreUnavailable(found.reason)

    async def close(self) -> None:
        """Close all connections."""
        await self.lanes.close()


def store_folder(site: Site) -> Path:
    """Return the folder of the embedded store."""
    return state_directory(site) / "store"


def spool_folder(site: Site) -> Path | None:
    """Return a folder of ours for large messages under way, made where it is missing; None leaves it to the system."""
    folder = state_directory(site) / "spool"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


def connect(site: Site, metrics: Metrics | None = None, clock: Clock | None = None) -> Store:
    """Return the site's store. Nothing is sent yet; connections open when they are needed.

    Raises BadUrl, BadKey and OSError for what is wrong with url, key or password file.
    """
    clock = clock or SystemClock()
    redis, route = _client(site)
    lanes = Lanes(route)
    guard = Guard(lanes, site.store.replicas, site.store.wait_s)
    codec = Codec(load_keys(state_directory(site)))
    numbering = Numbering(lanes)
    reading = Reading(lanes, codec, numbering, spool_folder(site))
    settings = Settings(site)
    held = HeldBytes(lanes, codec, settings)
    holding = Holding(lanes, guard, codec, numbering, reading, held, settings)
    outbox = Outbox(lanes)
    cases = RedisCases(guard, codec, holding, reading, outbox, clock, settings, metrics)
    ledger, counters = RedisLedger(lanes), RedisCounters(lanes, clock)
    return Store(
        cases,
        ledger,
        counters,
        Trail(guard),
        redis,
        lanes,
        guard,
        codec,
        numbering,
        Agenda(lanes, guard),
        Forgetting(guard, codec, reading, held),
        outbox,
        settings,
        Recount(lanes, numbering, reading, held),
        StoredRosters(lanes, codec),
        RedisAccounts(lanes, guard, codec, settings, clock, metrics),
        Presence(redis),
        StoredObservations(lanes, codec, settings, clock, metrics),
    )


def _client(site: Site) -> tuple[Redis | RedisCluster, Route]:
    url = parse_store_url(site.store.url)
    options = _options(site, url)
    if url.kind == "cluster":
        nodes = [ClusterNode(host, port) for host, port in url.hosts]
        cluster = RedisCluster(startup_nodes=nodes, ssl=url.tls, **options)
        return cluster, ClusterRoute(cluster, {**options, "ssl": url.tls, "max_connections": CONNECTIONS})
    if url.kind == "sentinel":
        # Sentinels have no data; they are asked without the password of the servers they watch.
        sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves this constructor without types
            url.hosts, sentinel_kwargs={"socket_timeout": DEADLINE_S}
        )
        redis = sentinel.master_for(url.name, ssl=url.tls, **options)
        return redis, OneServer(redis, sentinel.sentinels)
    pool = BlockingConnectionPool(**_address(site, url), **options, max_connections=CONNECTIONS)
    redis = Redis.from_pool(pool)  # so that closing the client closes the pool
    return redis, OneServer(redis)


def _address(site: Site, url: StoreUrl) -> dict[str, Any]:
    if url.kind == "embedded":
        return {"connection_class": UnixDomainSocketConnection, "path": str(socket_path(store_folder(site)))}
    if url.kind == "unix":
        return {"connection_class": UnixDomainSocketConnection, "path": url.path}
    host, port = url.hosts[0]
    tls = {"connection_class": SSLConnection} if url.tls else {}
    return {"host": host, "port": port, "db": url.database, **tls}


def _options(site: Site, url: StoreUrl) -> dict[str, Any]:
    """No retry of redis-py's own: Lanes tries again, knowing what is safe to repeat."""
    secret = site.store.password_file
    password = (site.directory / secret).read_text().strip() if secret else None
    patience = DEADLINE_S + (site.store.wait_s if site.store.replicas else 0.0)
    return {
        "username": url.user or None,
        "password": password,
        "socket_connect_timeout": DEADLINE_S,
        "socket_timeout": patience,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
    }
