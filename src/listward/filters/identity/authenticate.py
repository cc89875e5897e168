"""SPF, DKIM, DMARC and ARC of one message, side by side under one deadline: is the author's address proven?"""

import asyncio
from collections.abc import Iterator

from listward.config.site import Site
from listward.filters.identity import dmarc
from listward.filters.identity.arc import check_chain
from listward.filters.identity.arc_trust import trusted_sealers, with_chain
from listward.filters.identity.claims import Claims
from listward.filters.identity.dkim import check_signatures
from listward.filters.identity.dmarc_records import record_name
from listward.filters.identity.dmarc_standards import Found, Standard, standard_for
from listward.filters.identity.domains import domain_of
from listward.filters.identity.origin import Authentication, AuthResult
from listward.filters.identity.origins import inside_proof
from listward.filters.identity.resolver import BudgetedResolver
from listward.filters.identity.spf import check_sender, sender_domain
from listward.filters.probes import ProbeUnavailable, Resolver
from listward.filters.transaction import Listener, Transaction

DEADLINE_SHARE = 0.6
"""The part of the judging deadline that identity may use."""


async def authenticate(claims: Claims, transaction: Transaction, site: Site, resolver: Resolver) -> Authentication:
    """Authenticate a message. Never raises for DNS trouble: it makes the answer undecided, never a pass.

    Only mail from outside is checked by DNS: what comes by submission, from the list server or from our own networks in
    our own name proves itself otherwise.
    """
    author = claims.author
    if transaction.listener is not Listener.INGRESS or inside_proof(author, transaction, site):
        return Authentication(author, (), aligned=False)
    share = BudgetedResolver(resolver, site.dns.questions_per_message, site.gateway.judge_deadline_s * DEADLINE_SHARE)
    if not claims.chain.present:
        return await _proven(claims, transaction, site, share)
    authentication, state = await asyncio.gather(
        _proven(claims, transaction, site, share), check_chain(claims.chain, share)
    )
    return with_chain(authentication, claims.chain, state, trusted_sealers(site), transaction.received_at)


async def _proven(claims: Claims, transaction: Transaction, site: Site, share: Resolver) -> Authentication:
    """What SPF, DKIM and DMARC say."""
    author = claims.author
    standard = standard_for(site.authentication.dmarc, share)
    spf, dkim, record = await _facts(claims, transaction, share, standard)
    if transaction.client.address is None:
        # What a peer found that stands before us and names no client; of other peers' mail we judge by ourselves.
        # HELO is what SPF says of a null sender alone (RFC 7489 section 4.1, RFC 7208 section 2.4).
        dkim += tuple(one for one in claims.reported if one.property != "smtp.helo" or not transaction.sender)
    if not author:
        return Authentication("", (spf, *dkim), aligned=False)
    evaluation = await dmarc.evaluate(domain_of(author), (spf, *dkim), record, standard)
    return Authentication(author, evaluation.results, evaluation.aligned, evaluation.policy, evaluation.undecided)


_Facts = tuple[AuthResult, tuple[AuthResult, ...], Found | ProbeUnavailable | None]


async def _facts(claims: Claims, transaction: Transaction, resolver: Resolver, standard: Standard) -> _Facts:
    """SPF, the signatures and the DMARC record: side by side, or one by one where there is nothing to wait for."""
    if all(resolver.remembered(name, "TXT") is not None for name in _first_names(claims, transaction)):
        spf = await _spf(transaction, resolver)
        return spf, await check_signatures(claims.signatures, resolver), await _record(claims.author, standard)
    return await asyncio.gather(
        _spf(transaction, resolver),
        check_signatures(claims.signatures, resolver),
        _record(claims.author, standard),
    )


def _first_names(claims: Claims, transaction: Transaction) -> Iterator[str]:
    """The names that are asked for whatever the answers are."""
    client = transaction.client
    yield from (signature.key_name for signature in claims.signatures if signature.refused is None)
    if client.address is not None and (domain := sender_domain(client.helo, transaction.sender)[1]):
        yield domain
    if claims.author:
        yield record_name(domain_of(claims.author))


async def _spf(transaction: Transaction, resolver: Resolver) -> AuthResult:
    client = transaction.client
    return await check_sender(client.address, client.helo, transaction.sender, resolver)


async def _record(author: str, standard: Standard) -> Found | ProbeUnavailable | None:
    """The DMARC record for the author's domain, or the trouble in its place."""
    if not author:
        return None
    try:
        return await standard.discover(domain_of(author))
    except ProbeUnavailable as trouble:
        return trouble


def reporters(site: Site) -> tuple[str, ...]:
    """The authserv-ids of peers that name no client: what they found out counts."""
    return tuple(name for peer in site.peers if peer.gives == "nothing" for name in peer.authserv_ids)
