"""What mail of an address would count as, by each way it may come: asked of the very code that judges mail."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from listward.config.site import Site
from listward.filters.identity.claims import Claims
from listward.filters.identity.domains import domain_of
from listward.filters.identity.origin import Authentication, AuthResult, OriginKind
from listward.filters.identity.origins import origin_for
from listward.filters.identity.ours import ours_of
from listward.filters.probes import Rosters
from listward.filters.transaction import Client, Listener, Transaction

_SIGNED = ("from", "reply-to", "subject", "content-type", "to", "cc", "message-id", "date")


class Way(StrEnum):
    """How mail comes."""

    INSIDE = "from inside"
    OWN_KEY = "signed by our own key"
    SIGNED = "signed by its domain"
    SERVER = "by a server that SPF names"
    NOTHING = "with no proof"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What mail by one way counts as: the lists of each kind of origin, in the order of the configuration."""

    way: Way
    lists: dict[OriginKind, tuple[str, ...]]


def outcomes(address: str, site: Site, rosters: Rosters, policy: str) -> tuple[Outcome, ...]:
    """Every way, and what the mail would be by it. `policy` is the DMARC policy that applies, "" for none."""
    return tuple(Outcome(way, _kinds(way, address, site, rosters, policy)) for way in _ways(address, site))


def _ways(address: str, site: Site) -> Iterator[Way]:
    ours = ours_of(site)
    if domain_of(address) in ours.domains and site.organisation.internal_networks:
        yield Way.INSIDE
    if domain_of(address) in ours.domains and own_pairs(address, site):
        yield Way.OWN_KEY
    yield from (Way.SIGNED, Way.SERVER, Way.NOTHING)


def own_pairs(address: str, site: Site) -> tuple[tuple[str, str], ...]:
    """The (domain, selector) pairs of `dkim_internal` that are the address's own domain's."""
    domain = domain_of(address)
    pairs = (pair.split(":", 1) for pair in site.organisation.dkim_internal)
    return tuple((one, selector) for one, selector in pairs if one == domain)


def _kinds(way: Way, address: str, site: Site, rosters: Rosters, policy: str) -> dict[OriginKind, tuple[str, ...]]:
    found: dict[OriginKind, tuple[str, ...]] = {}
    authentication = _authentication(way, address, site, policy)
    for entry in site.lists:
        claims = Claims(author=address, from_fields=1, to=(entry.address,), counts=dict.fromkeys(_SIGNED, 1))
        arrived = _transaction(way, entry.address, site)
        origin = origin_for(authentication, claims, arrived, entry.address, site, rosters)
        found[origin.kind] = (*found.get(origin.kind, ()), entry.address)
    return found


def _authentication(way: Way, address: str, site: Site, policy: str) -> Authentication:
    domain = domain_of(address)
    proof = AuthResult("spf", "pass", domain, property="smtp.mailfrom", aligned=True)
    if way in {Way.OWN_KEY, Way.SIGNED}:
        proof = replace(
            proof, method="dkim", property="header.d", fields=frozenset(_SIGNED), signed_at=int(time.time())
        )
    if way is Way.OWN_KEY:
        proof = replace(proof, selector=own_pairs(address, site)[0][1])
    if way in {Way.INSIDE, Way.NOTHING}:
        return Authentication(address, (), aligned=False, policy=policy)
    return Authentication(address, (proof,), aligned=True, policy=policy)


def _transaction(way: Way, list_address: str, site: Site) -> Transaction:
    networks = site.organisation.internal_networks
    client = _an_address(networks[0]) if way is Way.INSIDE else None
    return Transaction("doctor", Listener.INGRESS, Client(client), "", (list_address,), b"", time.time())


def _an_address(network: IPv4Network | IPv6Network) -> str:
    return str(network.network_address)
