"""The ways a message took that somebody could vouch for: unaligned signatures, and envelope domains that SPF passes.

Never a bare network or address, never HELO, never a service that many people send by.
"""

import operator
from collections.abc import Callable, Iterable

from listward.filters.identity.claims import Claims
from listward.filters.identity.dmarc_standards import Standard, StandardName, related_by_list
from listward.filters.identity.domains import domain_of, is_within
from listward.filters.identity.origin import Authentication, AuthResult
from listward.filters.identity.shared import is_shared
from listward.filters.identity.spf import check_sender
from listward.filters.identity.standing import Method, Path
from listward.filters.probes import ProbeUnavailable, Resolver
from listward.filters.transaction import Transaction

MOST_PATHS = 6
"""As many signatures as are looked at, and the envelope."""
NOWHERE = {4: ("192.0.2.1", "100.64.0.1"), 6: ("2001:db8::1",)}
"""Addresses no mail comes from (RFC 5737, RFC 6598, RFC 3849): who lets these pass lets everybody pass."""


def confirmed(authentication: Authentication, sender: str) -> tuple[Path, ...]:
    """Every path that DNS and cryptography confirm, the author's own domain's too; signatures first.

    `sender` is the envelope sender: a null one, or HELO, is nobody's way of sending.
    """
    envelope = domain_of(sender)
    found = [_path(result, envelope) for result in authentication.results if result.result == "pass"]
    return _some(sorted(filter(None, found), key=lambda path: path.method is Method.SPF))


def unaligned(
    author: str,
    paths: Iterable[Path],
    ours: tuple[str, ...] = (),
    related: Callable[[str, str], bool] = related_by_list,
) -> tuple[Path, ...]:
    """Leave out what speaks for the author's own organisation (by `related`), and what many people send by.

    `ours` are our domains: our list server signs everybody's posts, and a post that comes back took no way of hers.
    """
    own = domain_of(author)
    return tuple(
        path
        for path in paths
        if not related(own, path.domain) and not is_shared(path.domain) and not is_within(path.domain, ours)
    )


def candidates(
    claims: Claims, transaction: Transaction, ours: tuple[str, ...] = (), standard: StandardName = "rfc7489"
) -> tuple[Path, ...]:
    """The unaligned paths that may turn out confirmed, before DNS is asked: nothing else needs to be looked up."""
    written = [
        Path(Method.DKIM, one.domain, one.selector) for one in claims.signatures if one.refused is None and one.domain
    ]
    reported = [_path(result, domain_of(transaction.sender)) for result in claims.reported]
    envelope = domain_of(transaction.sender)
    sent = [Path(Method.SPF, envelope)] if envelope else []
    # By RFC 9989 only DNS can tell who belongs together: all that is certain now is the very same domain.
    related = related_by_list if standard == "rfc7489" else operator.eq
    return _some(unaligned(claims.author, filter(None, (*written, *reported, *sent)), ours, related))


async def of_others(author: str, paths: Iterable[Path], standard: Standard) -> tuple[Path, ...]:
    """Leave out what is of the author's organisation by the standard in force. Raises ProbeUnavailable for DNS trouble.

    Also what strict alignment keeps from speaking for her: a whole organisation sends by it.
    """
    own = domain_of(author)
    return tuple([path for path in paths if not await standard.related(own, path.domain)])


async def without_open(paths: tuple[Path, ...], transaction: Transaction, resolver: Resolver) -> tuple[Path, ...]:
    """Leave out the envelope domain whose SPF record lets everybody pass. Raises ProbeUnavailable for DNS trouble."""
    if not any(path.method is Method.SPF for path in paths) or not await _lets_all_pass(transaction, resolver):
        return paths
    return tuple(path for path in paths if path.method is not Method.SPF)


async def _lets_all_pass(transaction: Transaction, resolver: Resolver) -> bool:
    """Ask for addresses that nobody sends from. Where a peer names no client there is no telling which kind he has."""
    client = transaction.client.address
    families = (4, 6) if client is None else (6,) if ":" in client and "." not in client else (4,)
    for address in (each for family in families for each in NOWHERE[family]):
        found = await check_sender(address, transaction.client.helo, transaction.sender, resolver)
        if found.result == "temperror":
            raise ProbeUnavailable("DNS does not say whose servers may use the envelope domain")
        if found.result == "pass":
            return True
    return False


def _path(result: AuthResult, envelope: str) -> Path | None:
    """The path of one result, None where it is none: a signature names its selector, SPF the envelope's domain."""
    if result.method == "dkim" and result.identity and result.selector:
        return Path(Method.DKIM, result.identity, result.selector)
    if result.method == "spf" and result.property == "smtp.mailfrom" and envelope and result.identity == envelope:
        return Path(Method.SPF, envelope)
    return None


def _some(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(paths))[:MOST_PATHS]
