"""The origin of a message for one list: the rows of the origin table, tried in their order.

forged, internal, member, known, unproven. The roster is asked only after the author is authenticated, or
somebody vouched for the way the message took, so that nothing before that depends on who is a member.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from listward.config.site import Site
from listward.filters.identity.claims import Claims
from listward.filters.identity.domains import domain_of, is_within
from listward.filters.identity.first_posts import first_posts_due
from listward.filters.identity.origin import Authentication, AuthResult, Basis, Origin, OriginKind
from listward.filters.identity.ours import ours_of
from listward.filters.identity.standing import NO_WAYS, Ways
from listward.filters.identity.submitted import internal_proof, is_submitted
from listward.filters.identity.vouched import by_vouch
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters
from listward.filters.transaction import Listener, Transaction

AHEAD_S = 3600
"""How far a signer's clock may be ahead of ours."""
FRESH_S = 7 * 86_400 - AHEAD_S
"""How old a signature of ours may be: so long the store knows what was posted, and later a copy would pass again."""
_ENFORCED = {"quarantine": Basis.DMARC_QUARANTINE, "reject": Basis.DMARC_REJECT}
_SHOWN = ("from", "reply-to", "subject", "content-type")


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rows look at."""

    authentication: Authentication
    claims: Claims
    transaction: Transaction
    list_address: str
    site: Site
    ways: Ways

    @property
    def author(self) -> str:
        """The author's address, never "" where this is used."""
        return self.authentication.author

    @property
    def domain(self) -> str:
        """The author's domain."""
        return domain_of(self.author)


def origin_for(
    authentication: Authentication,
    claims: Claims,
    transaction: Transaction,
    list_address: str,
    site: Site,
    rosters: Rosters,
    ways: Ways = NO_WAYS,
) -> Origin:
    """Return the origin of a message for the list. Never raises; what could not be found out is `undecided`."""
    if not authentication.author:
        proof = "The message does not name exactly one author."
        return Origin(OriginKind.UNPROVEN, "", proof=proof, basis=Basis.NO_AUTHOR)
    facts = _Facts(authentication, claims, transaction, list_address.lower(), site, ways)
    # What our own servers and networks hand in never passed the world outside, so DMARC has nothing to say of it.
    if proof := inside_proof(facts.author, transaction, site):
        return _internal(facts, rosters, proof, Basis.LOGIN if is_submitted(transaction) else Basis.INSIDE_NETWORK)
    if authentication.undecided:
        proof = "The address could not be checked: the name service gave no answer."
        return Origin(OriginKind.UNPROVEN, authentication.author, proof=proof, undecided=True, basis=Basis.NO_DNS)
    if not authentication.aligned:
        return _unauthenticated(facts, rosters)
    if not authentication.sealer and (proof := _signed_inside(facts)):
        return _internal(facts, rosters, proof, Basis.OWN_SIGNATURE)
    return _by_roster(facts, rosters)


def _unauthenticated(facts: _Facts, rosters: Rosters) -> Origin:
    """Forged where the domain is ours or asks for it, a member where somebody vouched for the way, else unproven."""
    if _is_ours(facts):
        proof = f"The address is in our own domain {facts.domain}, and nothing proves it."
        return Origin(OriginKind.FORGED, facts.author, proof=proof, basis=Basis.OUR_DOMAIN)
    if basis := _ENFORCED.get(facts.authentication.policy):
        proof = f"{facts.domain} asks to refuse mail in its name that is not proven, and nothing proves this mail."
        return Origin(OriginKind.FORGED, facts.author, proof=proof, basis=basis)
    proof = f"Nothing proves that this mail comes from {facts.domain}."
    unproven = Origin(OriginKind.UNPROVEN, facts.author, proof=proof)
    return by_vouch(unproven, facts.list_address, facts.ways, facts.site, rosters)


def _is_ours(facts: _Facts) -> bool:
    """Whether From is in a domain of the organisation or of its lists, or below one."""
    return is_within(facts.domain, ours_of(facts.site).every_domain)


def inside_proof(author: str, transaction: Transaction, site: Site) -> str:
    """The proof that an author's message came in from inside, "" where it did not. It needs neither DNS nor a key."""
    if not author or is_role_address(author, site):
        return ""
    if is_submitted(transaction):
        return internal_proof(transaction.client)
    if domain_of(author) in ours_of(site).domains and is_from_inside(transaction, site):
        return "The mail came from a network of our own."
    return ""


def is_from_inside(transaction: Transaction, site: Site) -> bool:
    """Whether a message came from a network of ours to the ingress door; whose it is must still be asked."""
    return transaction.listener is Listener.INGRESS and _in_networks(transaction.client.address, site)


def is_role_address(address: str, site: Site) -> bool:
    """Whether an address is one of our lists, or one that our own notices come from: nobody writes as these."""
    return address in ours_of(site).roles


def _in_networks(address: str | None, site: Site) -> bool:
    """Whether the client's own address is in a network of ours; an unknown client never is."""
    client = _parsed(address) if address is not None else None
    return client is not None and any(client in network for network in site.organisation.internal_networks)


@lru_cache(maxsize=1024)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, that of version 4 where one of version 6 only wraps it; None where it is none."""
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(client, "ipv4_mapped", None) or client


def _signed_inside(facts: _Facts) -> str:
    """The proof by one of our own signatures made for this list, "" where there is none."""
    if is_role_address(facts.author, facts.site):
        return ""
    pairs = ours_of(facts.site).signers
    signatures = [item for item in facts.authentication.results if item.method == "dkim" and item.result == "pass"]
    for signature in signatures:
        trusted = (signature.identity, signature.selector) in pairs
        if trusted and signature.aligned and _names_list(signature, facts) and _is_whole(signature, facts):
            return f"The address is proven by our own signature {signature.selector} of {signature.identity}."
    return ""


def _names_list(signature: AuthResult, facts: _Facts) -> bool:
    """Whether a signed To or Cc names the list, so that old mail cannot be sent on to it; two fields are a trick."""
    fields = (("to", facts.claims.to), ("cc", facts.claims.cc))
    return any(
        _is_signed(signature, facts, name) and _holds(addresses, facts.list_address) for name, addresses in fields
    )


def _is_signed(signature: AuthResult, facts: _Facts, name: str) -> bool:
    """Whether there is one such field and the signature covers it: it covers only the last one of several."""
    return name in signature.fields and facts.claims.counts.get(name) == 1


def _is_whole(signature: AuthResult, facts: _Facts) -> bool:
    """Whether a signature leaves nothing to whoever sends the mail on again: what it says, what names it, and when."""
    changeable = [name for name in _SHOWN if facts.claims.counts.get(name) and not _is_signed(signature, facts, name)]
    return _is_signed(signature, facts, "message-id") and not changeable and _is_fresh(signature, facts)


def _is_fresh(signature: AuthResult, facts: _Facts) -> bool:
    """Whether t= or a signed Date is there, and neither is older than a copy is known for."""
    dated = facts.claims.date if _is_signed(signature, facts, "date") else None
    times = [moment for moment in (signature.signed_at, dated) if moment is not None]
    ages = [facts.transaction.received_at - moment for moment in times]
    return bool(ages) and all(-AHEAD_S <= age <= FRESH_S for age in ages)


def _holds(addresses: Iterable[str], address: str) -> bool:
    return any(each.lower() == address for each in addresses)


def _internal(facts: _Facts, rosters: Rosters, proof: str, basis: Basis) -> Origin:
    """Internal; the roster adds a role where it can be read."""
    try:
        entry = rosters.find(facts.list_address, facts.author)
    except ProbeUnavailable:
        entry = None
    return _with_entry(OriginKind.INTERNAL, facts, entry, proof, basis)


def _by_roster(facts: _Facts, rosters: Rosters) -> Origin:
    """Member or known: the address is proven, the roster says which."""
    try:
        entry = rosters.find(facts.list_address, facts.author)
    except ProbeUnavailable:
        proof = "The address is proven, but the list of members could not be read."
        return Origin(OriginKind.UNPROVEN, facts.author, proof=proof, undecided=True, basis=Basis.NO_ROSTER)
    kind = OriginKind.MEMBER if entry else OriginKind.KNOWN
    return _with_entry(kind, facts, entry, *_outside_proof(facts))


def _with_entry(kind: OriginKind, facts: _Facts, entry: RosterEntry | None, proof: str, basis: Basis) -> Origin:
    if entry is None:
        return Origin(kind, facts.author, proof=proof, basis=basis)
    first_posts = first_posts_due(entry, facts.list_address, facts.ways.standing)
    return Origin(kind, facts.author, entry.role, first_posts, proof, basis=basis)


def _outside_proof(facts: _Facts) -> tuple[str, Basis]:
    """Which of SPF and DKIM proves the address: in words for moderators, and in one word."""
    if sealer := facts.authentication.sealer:
        return f"The address is proven: {sealer} has checked it and sealed the mail, and its word counts.", Basis.ARC
    passed = [item for item in facts.authentication.results if item.result == "pass" and item.method in {"spf", "dkim"}]
    aligned = [item for item in passed if item.aligned]
    signed = next((item for item in aligned if item.method == "dkim"), None)
    if signed:
        return f"The address is proven by the signature of {signed.identity}.", Basis.DKIM_ALIGNED
    if not aligned:
        submitted = is_submitted(facts.transaction)
        return "The address is taken as proven.", Basis.LOGIN if submitted else Basis.GIVEN
    return f"The address is proven: the mail came from a server that {facts.domain} names.", Basis.SPF_ALIGNED
