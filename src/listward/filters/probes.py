"""The world as filters see it: everything that is not in the message comes through one of these."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from listward.filters.identity.names import NameKey
from listward.filters.identity.origin import Role
from listward.filters.identity.standing import Path, Standing


class ProbeUnavailable(Exception):
    """A fact could not be had (DNS, roster, store, scanner): the rule that asked is undecided."""


class Resolver(Protocol):
    """DNS, asynchronous, cached, bounded."""

    async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
        """Return the records' data ("TXT" joined strings, "A"/"AAAA"/"MX"/"PTR" as text), () where there are none.

        Raises ProbeUnavailable on SERVFAIL, time-out or a spent budget.
        """
        ...

    async def exists(self, name: str) -> bool:
        """Whether DNS knows the name at all: False for NXDOMAIN only (RFC 8020). Raises ProbeUnavailable likewise."""
        ...

    def remembered(self, name: str, kind: str) -> tuple[bytes, ...] | None:
        """Return the same from memory, None where `query` has to ask."""
        ...

    def spent(self) -> None:
        """Count a message that may ask no more."""
        ...


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """What a roster knows of one address on one list. `until` is the last day of a ban or leave, as the roster says.

    `others` are the same person's other addresses. Where first posts are moderated, `first_posts` says how many, 0 all
    until the roster says otherwise. `lists` are those it holds for, by address or short name; none for all.
    """

    address: str
    name: str
    role: Role
    first_posts_moderated: bool = False
    language: str = ""
    until: date | None = None
    reason: str = ""
    others: tuple[str, ...] = ()
    first_posts: int = 0
    lists: tuple[str, ...] = ()


class Rosters(Protocol):
    """Who is on which list. Served from memory."""

    def find(self, list_address: str, address: str) -> RosterEntry | None:
        """Return the entry, None for a stranger. Raises ProbeUnavailable where no copy was ever read."""
        ...

    def names(self, list_address: str) -> Container[NameKey]:
        """The readings of the names of the list's people (`names.readings`), for posing checks."""
        ...

    def officers(self) -> Container[NameKey]:
        """The same of officers and moderators of any list: their names are known everywhere."""
        ...


class Counters(Protocol):
    """Counts of the recent past, shared by all workers through the store."""

    async def seen_elsewhere(self, digest: str, list_address: str) -> int:
        """How many other lists got this body within the day. Raises ProbeUnavailable without the store."""
        ...


class Standings(Protocol):
    """What is remembered of an author, shared by all workers through the store. One question for one message."""

    async def of(self, author: str, paths: tuple[Path, ...]) -> Standing:
        """Return what stands for this author on these paths. Raises ProbeUnavailable without the store."""
        ...


@dataclass(frozen=True, slots=True)
class Probes:
    """All probes of one process. What needs the store is None where there is none (`check` without `--store`)."""

    resolver: Resolver
    rosters: Rosters
    counters: Counters | None = None
    standings: Standings | None = None
