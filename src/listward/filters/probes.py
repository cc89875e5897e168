"""The world as filters see it: everything that is not in the message comes through one of these."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from listward.filters.identity.origin import Role


class ProbeUnavailable(Exception):
    """A fact could not be had (DNS, roster, store, scanner): the rule that asked is undecided."""


class Resolver(Protocol):
    """DNS, asynchronous, cached, bounded."""

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Return the records' data ("TXT" joined strings, "A"/"AAAA"/"MX"/"PTR" as text), () where there are none.

        Raises ProbeUnavailable on SERVFAIL, time-out or a spent budget.
        """
        ...

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """Return the same from memory, None where `query` has to ask."""
        ...


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """What a roster knows of one address on one list. `until` is the last day of a ban or leave, as the roster says."""

    address: str
    name: str
    role: Role
    first_posts_moderated: bool = False
    language: str = ""
    until: date | None = None
    reason: str = ""


class Rosters(Protocol):
    """Who is on which list. Served from memory."""

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Return the entry, None for a stranger. Raises ProbeUnavailable where no copy was ever read."""
        ...

    def names(self, list_address: str) -> frozenset[str]:
        """The list's people by lower-case display name, for posing checks."""
        ...


class Counters(Protocol):
    """Counts of the recent past, shared by all workers through the store."""

    async def seen_elsewhere(self, digest: str, list_address: str) -> int:
        """How many other lists got this body within the day. Raises ProbeUnavailable without the store."""
        ...


@dataclass(frozen=True, slots=True)
class Probes:
    """All probes of one process. `counters` is None where there is no store (`check` without `--store`)."""

    resolver: Resolver
    rosters: Rosters
    counters: Counters | None = None
