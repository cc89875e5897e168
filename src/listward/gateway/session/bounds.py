"""What all workers together may take at once: connections, those of one client and network, octets of messages."""

import time
from ipaddress import ip_address

from listward.gateway.session.terms import Terms
from listward.runtime.board import Board, Column
from listward.runtime.metrics import Metrics
from listward.runtime.sites import site_of

CONNECTIONS, _OCTETS = range(2)  # counters of the board
_ADDRESSES, _NETWORKS = range(2)  # its tables
_ARRIVALS, _WRONG_LOGINS, _STRANGERS = range(3)  # its rates
_MINUTE_S, _HOUR_S = 60.0, 3600.0


class Bounds:
    """Counts over all workers. Limits are handed in with each question, so that a reload changes them at once.

    `connections` and `octets` are this worker's own.
    """

    def __init__(self, metrics: Metrics, column: Column | None = None) -> None:
        self._metrics = metrics
        self._shared = column or Board().column(0)
        self.connections = 0
        self.octets = 0

    def connect(self, most: int) -> bool:
        """Count one connection in; False when there are `most` already."""
        if self._shared.add(CONNECTIONS, 1) > most:
            self._shared.add(CONNECTIONS, -1)
            self.hit("clients")
            return False
        self.connections += 1
        self._metrics.connections.inc()
        return True

    def crowded(self, most: int) -> bool:
        """Whether more than four fifths of the `most` connections are open."""
        return self._shared.total(CONNECTIONS) * 5 > most * 4

    def disconnect(self) -> None:
        """Count one connection out."""
        self._shared.add(CONNECTIONS, -1)
        self.connections -= 1
        self._metrics.connections.dec()

    def enter(self, address: str, terms: Terms) -> str:
        """Count one connection of this client in; returns the limit that refuses it, "" where it is in."""
        key, network = address.encode(), _network(address, terms)
        limit = ""
        if 0 < terms.max_connections_per_minute < self._arrived(key):
            limit = "connection_rate"
        elif self._shared.add_key(_ADDRESSES, key, 1) > terms.max_clients_per_address:
            self._shared.add_key(_ADDRESSES, key, -1)
            limit = "clients_per_address"
        elif self._shared.add_key(_NETWORKS, network, 1) > terms.max_clients_per_network:
            self.leave(address, terms)
            limit = "clients_per_network"
        if limit:
            self.hit(limit)
        return limit

    def leave(self, address: str, terms: Terms) -> None:
        """Count one connection of this client out; `terms` are those it came in with."""
        self._shared.add_key(_ADDRESSES, address.encode(), -1)
        self._shared.add_key(_NETWORKS, _network(address, terms), -1)

    def has_room(self, octets: int, most: int) -> bool:
        """Whether that many octets more may be taken; counted when not."""
        if self._shared.total(_OCTETS) + octets > most:
            self.hit("inflight_bytes")
            return False
        return True

    def take(self, octets: int) -> None:
        """Count octets in."""
        self._shared.add(_OCTETS, octets)
        self.octets += octets
        self._metrics.inflight.set(self.octets)

    def give_back(self, octets: int) -> None:
        """Count octets out."""
        self._shared.add(_OCTETS, -octets)
        self.octets -= octets
        self._metrics.inflight.set(self.octets)

    def may_log_in(self, address: str, most: int) -> bool:
        """Whether a client (IPv6: its network) may try to log in: not after `most` wrong tries in a minute."""
        if self._shared.rate(_WRONG_LOGINS, site_of(address).encode(), time.time(), _MINUTE_S) < most:
            return True
        self.hit("logins")
        return False

    def wrong_login(self, address: str) -> None:
        """Count one wrong try of a client."""
        self._shared.add_to_rate(_WRONG_LOGINS, site_of(address).encode(), time.time(), _MINUTE_S)

    def may_hold(self, address: str | None, terms: Terms) -> bool:
        """Whether one more message of a stranger at this address may wait for people; counted when it may.

        A moderator reads some hundred a day. Behind a peer that names no client there is nothing to count by.
        """
        if address is None or not terms.strangers_held_per_hour:
            return True
        network = _network(address, terms)
        if self._shared.rate(_STRANGERS, network, time.time(), _HOUR_S) >= terms.strangers_held_per_hour:
            self.hit("strangers_held")
            return False
        self._shared.add_to_rate(_STRANGERS, network, time.time(), _HOUR_S)
        return True

    def logged_in(self, taken: bool) -> None:
        """Count one login, taken or refused."""
        self._metrics.logins.labels("taken" if taken else "refused").inc()

    def hit(self, limit: str) -> None:
        """Count one refusal by a bound."""
        self._metrics.limits_hit.labels(limit).inc()

    def shook_hands(self, outcome: str) -> None:
        """Count one TLS handshake: "done", "failed", "stalled" or "lost"."""
        self._metrics.tls_handshakes.labels(outcome).inc()

    def _arrived(self, key: bytes) -> float:
        return self._shared.add_to_rate(_ARRIVALS, key, time.time(), _MINUTE_S)


def _network(address: str, terms: Terms) -> bytes:
    """Return what stands for the client's network: nobody has one IPv6 address alone, and few one IPv4 address."""
    ip = ip_address(address)
    prefix = terms.ipv4_prefix if ip.version == 4 else terms.ipv6_prefix
    return b"%d/%d" % (int(ip) >> (ip.max_prefixlen - prefix), ip.version)
