"""What DNS says of a domain that mail may come from, looked at as a whole: for people who want to know what is missing.

The same parts answer as for mail: SPF by `spf`, keys by `keys`, the record by the DMARC standard in use.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from listward.filters.identity.dmarc import evaluate
from listward.filters.identity.dmarc_records import read_records, record_name
from listward.filters.identity.dmarc_standards import Found, Standard
from listward.filters.identity.keys import RsaKey, UnusableKey, read_key
from listward.filters.identity.spf import check_sender
from listward.filters.probes import ProbeUnavailable, Resolver

MOST_LOOKUPS = 10
"""RFC 7208 section 4.6.4."""
NOBODY = "240.0.0.1"
"""An address of no server at all (RFC 1112 section 4): what it gets is what every server gets that is not named."""
_T = TypeVar("_T")
_COUNTED = frozenset({"include", "a", "mx", "ptr", "exists"})


@dataclass(frozen=True, slots=True)
class SpfSurvey:
    """The SPF records of a domain. `others` is the result for a server that none of them names, `client` for one given.

    `lookups` counts the terms that ask DNS, those of included records too, to one more than there may be.
    """

    records: tuple[str, ...]
    others: str
    client: str
    lookups: int


@dataclass(frozen=True, slots=True)
class KeySurvey:
    """One DKIM key. `flaw` says why it cannot count, "" where it can; `bits` is 0 for Ed25519."""

    domain: str
    selector: str
    kind: str = ""
    bits: int = 0
    flaw: str = ""
    testing: bool = False

    @property
    def counts(self) -> bool:
        """Whether a signature by it can pass."""
        return not self.flaw and not self.testing


@dataclass(frozen=True, slots=True)
class DmarcSurvey:
    """The record that applies and its policy, None and "" where none does.

    `broken` where the domain has records of its own that cannot be used.
    """

    found: Found | None
    policy: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything; None stands for what DNS gave no answer to. `mx` are exchanges or, without any, the domain itself."""

    exists: bool | None
    mx: tuple[str, ...] | None
    spf: SpfSurvey | None
    dmarc: DmarcSurvey | None
    keys: tuple[KeySurvey | None, ...]

    @property
    def answered(self) -> bool:
        """Whether DNS gave any answer at all."""
        return any(item is not None for item in (self.exists, self.mx, self.spf, self.dmarc, *self.keys))


async def survey(
    domain: str, pairs: Sequence[tuple[str, str]], client: str | None, standard: Standard, resolver: Resolver
) -> Survey:
    """Look at a domain. `pairs` are the (domain, selector) of the keys to look at. Never raises for DNS trouble."""
    keys = asyncio.gather(*(_known(_key(*pair, resolver)) for pair in pairs))
    exists, mx, spf, dmarc = await asyncio.gather(
        _known(resolver.exists(domain)),
        _known(_exchanges(domain, resolver)),
        _known(_spf(domain, client, resolver)),
        _known(_dmarc(domain, standard, resolver)),
    )
    return Survey(exists, mx, spf, dmarc, tuple(await keys))


async def _known(answer: Awaitable[_T]) -> _T | None:
    try:
        return await answer
    except ProbeUnavailable:
        return None


async def _exchanges(domain: str, resolver: Resolver) -> tuple[str, ...]:
    """The exchanges; the domain itself where it has only an address (RFC 5321 section 5.1)."""
    records = await resolver.query(domain, "MX")
    hosts = tuple(record.decode("ascii", "replace").partition(" ")[2].removesuffix(".") for record in records)
    if hosts:
        # RFC 7505: a single dot says that there is no mail here.
        return tuple(host for host in hosts if host)
    addresses = await asyncio.gather(*(resolver.query(domain, kind) for kind in ("A", "AAAA")))
    return (domain,) if any(addresses) else ()


async def _spf(domain: str, client: str | None, resolver: Resolver) -> SpfSurvey:
    records = await _spf_records(domain, resolver)
    sender = f"postmaster@{domain}"
    others = await check_sender(NOBODY, domain, sender, resolver)
    if others.result == "temperror":
        raise ProbeUnavailable("SPF cannot be evaluated now")
    given = await check_sender(client, domain, sender, resolver)
    lookups = await _lookups(records[0], resolver) if len(records) == 1 else 0
    return SpfSurvey(records, others.result, given.result if client else "", lookups)


async def _spf_records(domain: str, resolver: Resolver) -> tuple[str, ...]:
    """RFC 7208 section 4.5: the version ends at a space or at the end."""
    texts = (record.decode("ascii", "replace") for record in await resolver.query(domain, "TXT"))
    return tuple(text for text in texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 "))


async def _lookups(record: str, resolver: Resolver) -> int:
    """Count the terms that ask DNS, through included records; ends at one more than there may be."""
    count, waiting = 0, [record]
    while waiting and count <= MOST_LOOKUPS:
        terms = waiting.pop().lower().split()[1:]
        ends = any(term.lstrip("+-~?") == "all" for term in terms)
        for term in terms:
            name, _, value = term.lstrip("+-~?").partition("=" if term.startswith("redirect=") else ":")
            count += name.partition("/")[0] in _COUNTED
            # RFC 7208 section 6.1: redirect= does not count beside "all".
            count += name == "redirect" and not ends
            if name == "include" or (name == "redirect" and not ends):
                waiting += (await _known(_spf_records(value, resolver)) or ())[:1] if "%" not in value else ()
    return min(count, MOST_LOOKUPS + 1)


async def _dmarc(domain: str, standard: Standard, resolver: Resolver) -> DmarcSurvey:
    found = await standard.discover(domain)
    own = read_records(await resolver.query(record_name(domain), "TXT"))
    unproven = await evaluate(domain, (), found, standard)
    if unproven.undecided:
        raise ProbeUnavailable("whether the domain exists is not known now")
    return DmarcSurvey(found, unproven.policy, bool(own) and found is None)


async def _key(domain: str, selector: str, resolver: Resolver) -> KeySurvey:
    try:
        record = read_key(await resolver.query(f"{selector}._domainkey.{domain}", "TXT"))
    except UnusableKey as reason:
        return KeySurvey(domain, selector, flaw=str(reason))
    bits = record.key.public.key_size if isinstance(record.key, RsaKey) else 0
    return KeySurvey(domain, selector, record.key.name, bits, testing=record.testing)
