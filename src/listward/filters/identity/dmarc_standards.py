"""The two DMARC standards: which record applies to a domain, and which domains belong together.

RFC 7489 asks the public suffix list, RFC 9989 walks up the name in DNS. Everything else is the same, in `dmarc`.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal, Protocol

from listward.filters.identity.dmarc_records import Record, read_records, record_name
from listward.filters.identity.domains import organisational_domain, public_suffix
from listward.filters.probes import Resolver

StandardName = Literal["rfc7489", "rfc9989"]

WALK_QUERIES = 8
"""RFC 9989 section 4.10: no walk asks more often."""


@dataclass(frozen=True, slots=True)
class Found:
    """The record that applies to a domain, and the domain whose it is.

    `inherited` where that is not the domain itself; `weakened` where the record asks for the next weaker policy.
    """

    record: Record
    domain: str
    inherited: bool
    weakened: bool


class Standard(Protocol):
    """One standard, for one message. Domains are A-labels. Each question raises ProbeUnavailable for DNS trouble."""

    async def discover(self, domain: str) -> Found | None:
        """Find the record that applies to a domain."""
        ...

    async def related(self, author: str, other: str) -> bool:
        """Whether two domains have the same organisational domain: "relaxed" alignment."""
        ...

    async def exists(self, domain: str) -> bool:
        """Whether a domain exists, for np=."""
        ...


def standard_for(name: StandardName, resolver: Resolver) -> Standard:
    """Return the standard of this name, on a message's share of DNS."""
    return TreeWalk(resolver) if name == "rfc9989" else SuffixList(resolver)


class SuffixList:
    """RFC 7489 with np= of RFC 9091: the organisational domain comes from the public suffix list.

    pct=0 and t=y weaken the policy; any other pct counts as 100, so that a retry meets the same policy.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def discover(self, domain: str) -> Found | None:
        """Ask for the domain's own record, then for that of its organisational domain (RFC 7489 section 6.6.3)."""
        name, records = domain, await self._records(domain)
        if not records and (parent := organisational_domain(domain)) != domain:
            name, records = parent, await self._records(parent)
        if len(records) != 1 or not records[0].usable:
            # Steps 5 and 6: none, several, or one without a policy: then DMARC does not apply.
            return None
        record = records[0]
        return Found(record, name, name != domain, weakened=record.testing or record.sampled_out)

    async def related(self, author: str, other: str) -> bool:
        """By the public suffix list; needs no DNS."""
        return related_by_list(author, other)

    async def exists(self, domain: str) -> bool:
        """Whether it has A, AAAA or MX records (RFC 9091 section 2.7)."""
        return any(await asyncio.gather(*(self._resolver.query(domain, kind) for kind in ("A", "AAAA", "MX"))))

    async def _records(self, domain: str) -> tuple[Record, ...]:
        return read_records(await self._resolver.query(record_name(domain), "TXT"))


def related_by_list(one: str, other: str) -> bool:
    """Whether two domains have the same organisational domain by the public suffix list (RFC 7489 section 3.2)."""
    return organisational_domain(one) == organisational_domain(other)


class TreeWalk:
    """RFC 9989: records on the way up the name say where an organisation begins. pct= is gone, t=y weakens.

    One thing is stricter than the standard: what the public suffix list calls a suffix counts as psd=y unless it says
    psd=n, so that a registry's record without the tag never makes its customers one organisation.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._organisations: dict[str, str] = {}

    async def discover(self, domain: str) -> Found | None:
        """Take the domain's own record, else that of its organisational domain, else of its suffix (section 4.10.1)."""
        own = await self._record(domain)
        if own is not None:
            return _applicable(own, domain, domain)
        walk = await self._walk(domain)
        records = dict(walk)
        parent = _organisation(domain, walk)
        name = parent if parent in records else next((name for name, one in walk if _is_suffix(name, one)), "")
        return _applicable(records[name], name, domain) if name else None

    async def related(self, author: str, other: str) -> bool:
        """Compare the organisational domains that the walks from both lead to (section 4.10.2)."""
        if _last_label(author) != _last_label(other):
            return False
        parent = await self._organisation(author)
        if not f".{other}".endswith(f".{parent}"):
            return False
        # A walk from the organisational domain itself meets no other record than the author's did.
        return other == parent or await self._organisation(other) == parent

    async def exists(self, domain: str) -> bool:
        """Whether DNS knows the name at all (section 3.2.13, RFC 8020)."""
        return await self._resolver.exists(domain)

    async def _organisation(self, domain: str) -> str:
        if domain not in self._organisations:
            self._organisations[domain] = _organisation(domain, await self._walk(domain))
        return self._organisations[domain]

    async def _walk(self, domain: str) -> "_Walk":
        """The records on the way up, to the first that says where to stop. DNS trouble beyond that does not count."""
        names = walk_names(domain)
        if all(self._resolver.remembered(record_name(name), "TXT") is not None for name in names):
            answers: list[Record | BaseException | None] = [await self._record(name) for name in names]
        else:
            answers = await asyncio.gather(*map(self._record, names), return_exceptions=True)
        walk: list[tuple[str, Record]] = []
        for name, answer in zip(names, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            if answer is not None:
                walk.append((name, answer))
                if answer.suffix == "n" or _is_suffix(name, answer):
                    break
        return tuple(walk)

    async def _record(self, domain: str) -> Record | None:
        """The one record of a name; several are all discarded (section 4.10 steps 2 and 6)."""
        records = read_records(await self._resolver.query(record_name(domain), "TXT"))
        return records[0] if len(records) == 1 else None


_Walk = tuple[tuple[str, Record], ...]  # names with a record, the longest first


def walk_names(domain: str) -> tuple[str, ...]:
    """The names that a walk asks for: the domain, then at most seven labels of it, one less each time."""
    labels = domain.split(".")
    above = labels[1:] if len(labels) < WALK_QUERIES else labels[1 - WALK_QUERIES :]
    return (domain, *(".".join(above[at:]) for at in range(len(above))))


def _organisation(domain: str, walk: _Walk) -> str:
    """The organisational domain that a walk leads to (section 4.10.2): it ended at psd=n, a suffix or the top."""
    if not walk:
        return domain
    name, record = walk[-1]
    if not _is_suffix(name, record) or name == domain:
        return name
    below = domain.removesuffix(f".{name}").rpartition(".")[2]
    return f"{below}.{name}"


def _is_suffix(name: str, record: Record) -> bool:
    return record.suffix == "y" or (record.suffix == "u" and public_suffix(name) == name)


def _applicable(record: Record, name: str, domain: str) -> Found | None:
    """Section 4.10.1: a record that names no policy and asks for no reports means that DMARC does not apply."""
    return Found(record, name, name != domain, record.testing) if record.usable else None


def _last_label(domain: str) -> str:
    return domain.rpartition(".")[2]
