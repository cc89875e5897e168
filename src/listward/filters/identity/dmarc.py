"""DMARC (RFC 7489, np= of RFC 9091): does what SPF and DKIM prove speak for the From domain, and what if not.

The organisational domain comes from the public suffix list, not from the tree walk of RFC 9989. pct=0 and t=y (of
RFC 9989) weaken the policy by one step; any other pct counts as 100, so that a retry meets the same policy.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from listward.filters.identity.domains import ascii_domain, organisational_domain
from listward.filters.identity.origin import AuthResult
from listward.filters.probes import ProbeUnavailable, Resolver

Disposition = Literal["none", "quarantine", "reject"]

_DISPOSITIONS = ("none", "quarantine", "reject")
_WEAKER: dict[Disposition, Disposition] = {"reject": "quarantine", "quarantine": "none", "none": "none"}
_RECORD_OCTETS = 65_536
_SHORT_OCTETS = 1024


@dataclass(frozen=True, slots=True)
class Record:
    """A DMARC record, read. `weakened` is pct=0 or t=y."""

    policy: Disposition
    subdomains: Disposition
    nonexistent: Disposition
    strict_dkim: bool = False
    strict_spf: bool = False
    weakened: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The record that applies to a domain; `inherited` where it stands at the organisational domain."""

    record: Record
    inherited: bool


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`result` is for the trace field; `aligned`, `policy` and `undecided` are those of Authentication."""

    result: AuthResult
    aligned: bool
    policy: str
    undecided: bool


def read_record(records: Sequence[bytes]) -> Record | None:
    """Read the TXT records of a _dmarc name (RFC 7489 section 6.6.3); None unless exactly one is a usable policy."""
    candidates = [tags for tags in map(_tags, records) if tags]
    return _usable(candidates[0]) if len(candidates) == 1 else None


def _tags(record: bytes) -> dict[str, str]:
    """The tags of a DMARC record, the first of each name; {} for any other TXT record."""
    pairs = [part.partition("=") for part in record[:_RECORD_OCTETS].decode("ascii", "replace").split(";")]
    stripped = [(name.strip(), value.strip()) for name, equals, value in pairs if equals]
    # RFC 7489 section 6.3: v= comes first and its value is compared with case.
    if not stripped or stripped[0] != ("v", "DMARC1") or pairs[0][1] != "=":
        return {}
    tags: dict[str, str] = {}
    for name, value in stripped:
        tags.setdefault(name.lower(), value)
    return tags


def _usable(tags: dict[str, str]) -> Record | None:
    policy = _disposition(tags.get("p", ""))
    subdomains = _disposition(tags["sp"]) if "sp" in tags else policy
    if policy is None or subdomains is None:
        # RFC 7489 section 6.6.3 step 6: a record that only asks for reports is p=none.
        if ":" not in tags.get("rua", ""):
            return None
        policy = subdomains = "none"
    return Record(
        policy=policy,
        subdomains=subdomains,
        nonexistent=_disposition(tags.get("np", "")) or subdomains,
        strict_dkim=tags.get("adkim", "").lower() == "s",
        strict_spf=tags.get("aspf", "").lower() == "s",
        weakened=tags.get("pct") == "0" or tags.get("t", "").lower() == "y",
    )


def _disposition(value: str) -> Disposition | None:
    lowered = value.lower()
    return cast(Disposition, lowered) if lowered in _DISPOSITIONS else None


def aligned(author: str, authenticated: str, *, strict: bool) -> bool:
    """Whether an authenticated domain speaks for the author's (RFC 7489 section 3.1)."""
    one, other = ascii_domain(author), ascii_domain(authenticated)
    if not one or not other:
        return False
    return one == other or (not strict and organisational_domain(one) == organisational_domain(other))


def record_name(domain: str) -> str:
    """Where a domain publishes its record (RFC 7489 section 6.1)."""
    return f"_dmarc.{domain}"


def _record(records: tuple[bytes, ...]) -> Record | None:
    """The same; short ones are read once."""
    return _known_record(records) if sum(map(len, records)) <= _SHORT_OCTETS else read_record(records)


@lru_cache(maxsize=1024)
def _known_record(records: tuple[bytes, ...]) -> Record | None:
    return read_record(records)


async def discover(domain: str, resolver: Resolver) -> Found | None:
    """Find the record that applies to a domain (RFC 7489 section 6.6.3). Raises ProbeUnavailable."""
    own = _record(await resolver.query(record_name(domain), "TXT"))
    if own is not None:
        return Found(own, inherited=False)
    parent = organisational_domain(domain)
    if parent == domain:
        return None
    record = _record(await resolver.query(record_name(parent), "TXT"))
    return Found(record, inherited=True) if record is not None else None


async def evaluate(domain: str, results: Sequence[AuthResult], found: Found | None, resolver: Resolver) -> Evaluation:
    """Evaluate a From domain whose record (or its absence) is known, on SPF and DKIM results. Never raises."""
    policy = await _policy(domain, found, resolver) if found else ""
    record = found.record if found else None
    strict = {"spf": record.strict_spf, "dkim": record.strict_dkim} if record else {}
    relevant = [item for item in results if aligned(domain, item.identity, strict=strict.get(item.method, False))]
    proven = any(result.result == "pass" for result in relevant)
    # DNS trouble matters only where the missing answer could have been an aligned pass.
    open_question = not proven and any(result.result == "temperror" for result in relevant)
    word = "pass" if proven else "temperror" if open_question else "fail"
    result = AuthResult("dmarc", word if record else "none", domain, _detail(policy), "header.from")
    return Evaluation(result, proven, policy, open_question)


def unknown_record(domain: str, results: Sequence[AuthResult]) -> Evaluation:
    """Evaluate where DNS did not give the record: only what is aligned under any record counts."""
    proven = any(item.result == "pass" and aligned(domain, item.identity, strict=True) for item in results)
    result = AuthResult("dmarc", "temperror", domain, "the record cannot be fetched now", "header.from")
    return Evaluation(result, proven, "", not proven)


def _detail(policy: str) -> str:
    return f"p={policy}" if policy else ""


async def _policy(domain: str, found: Found, resolver: Resolver) -> Disposition:
    """The disposition that applies, weakened where the record says so."""
    record = found.record
    if not found.inherited:
        policy = record.policy
    elif record.nonexistent != record.subdomains and not await _exists(domain, resolver):
        policy = record.nonexistent
    else:
        policy = record.subdomains
    return _WEAKER[policy] if record.weakened else policy


async def _exists(domain: str, resolver: Resolver) -> bool:
    """Whether a domain has A, AAAA or MX records (RFC 9091 section 2.7); DNS trouble counts as existing."""
    try:
        answers = await asyncio.gather(*(resolver.query(domain, kind) for kind in ("A", "AAAA", "MX")))
    except ProbeUnavailable:
        return True
    return any(answers)
