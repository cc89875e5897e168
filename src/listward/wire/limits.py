"""The bounds of a pool, for each next hop."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for each next hop; every time in seconds.

    `connect_timeout_s` bounds everything before MAIL, and the wait for a server that has spares. A connection is kept
    for `idle_s` without work, `max_age_s` and `max_uses` messages in all, and at most `max_idle` are, more only for a
    second. Whoever would need more than `max_connections` waits. `probe_ttl_s` is how long an answer to EHLO is
    believed. A server that does not answer is asked again after `first_pause_s`, then after twice as long, up to
    `longest_pause_s`.
    """

    connect_timeout_s: float = 10.0
    max_connections: int = 50
    max_idle: int = 8
    idle_s: float = 30.0
    max_age_s: float = 300.0
    max_uses: int = 1000
    probe_ttl_s: float = 30.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 60.0
