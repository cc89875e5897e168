"""Whose word counts: does a trusted sealer say that the author was proven when the message reached it (RFC 8617)?

A chain that passes says only who handled a message, not that they are honest: everybody after the one whose word is
taken could have written anything. So each of them has to be on the organisation's list, or be the organisation itself.
"""

from collections.abc import Iterable
from dataclasses import replace

from listward.config.site import Site
from listward.filters.identity.arc import Chain
from listward.filters.identity.authres_syntax import Field, Reported
from listward.filters.identity.domains import ascii_domain, domain_of
from listward.filters.identity.origin import Authentication, AuthResult

SEALED_S = 7 * 86_400
"""How old a seal may be whose word is taken: so long servers try to deliver (RFC 5321 section 4.5.4.1 asks for five
days). Who got a sealed post years ago could else send it again, in its author's name, to another list.
"""
_ENVELOPE = ("smtp.mailfrom", "smtp.mail")


def trusted_sealers(site: Site) -> frozenset[str]:
    """The domains whose seals count: those the organisation named, and its own."""
    own = (site.signing.domain,) if site.signing.domain else ()
    return frozenset((*site.authentication.trusted_sealers, *own))


def with_chain(
    authentication: Authentication, chain: Chain, state: AuthResult, trusted: frozenset[str], at: float
) -> Authentication:
    """Add what a chain of that state tells: that a trusted sealer vouches, or would if DNS gave an answer.

    `at` is when the message came, in Unix seconds.
    """
    authentication = replace(authentication, results=(*authentication.results, state))
    if not authentication.author or authentication.aligned or state.result not in {"pass", "temperror"}:
        return authentication
    sealer = voucher(chain, domain_of(authentication.author), trusted, at)
    if not sealer:
        return authentication
    if state.result == "temperror":
        return replace(authentication, undecided=True)
    return replace(authentication, aligned=True, undecided=False, sealer=sealer)


def voucher(chain: Chain, domain: str, trusted: frozenset[str], at: float) -> str:
    """Return the domain of the sealer that vouches for an author's domain, "" where none does; the chain must pass.

    From must be among what the newest set signs, so that it is still the one that the sealer saw. From the newest set
    down every sealer must be trusted, and none may have seen another From. A seal that says when it was made must not
    have been old when the message came.
    """
    newest = chain.sets[-1].message if chain.sets else None
    if newest is None or "from" not in newest.fields or newest.domain not in trusted:
        return ""
    for each in reversed(chain.sets):
        if each.seal.domain not in trusted or each.results is None or not _same_author(each.results, domain):
            return ""
        if _proves(each.results, domain):
            made = each.seal.signed_at
            return each.seal.domain if made is None or at - made <= SEALED_S else ""
    return ""


def _same_author(said: Field, domain: str) -> bool:
    """Whether every From that the results speak of is in that domain."""
    return _authors(said) <= {domain}


def _authors(said: Field) -> set[str]:
    named = (value for result in said.results for name, value in result.properties if name == "header.from")
    return {_domain(value) for value in named}


def _proves(said: Field, domain: str) -> bool:
    """Whether DMARC passed for this very From; where there was no policy, whether SPF or DKIM passed for its domain."""
    verdicts = {result.result for result in said.results if result.method == "dmarc"}
    if verdicts == {"pass"}:
        return _authors(said) == {domain}
    return verdicts <= {"none"} and any(domain in _identities(result) for result in _passed(said))


def _passed(said: Field) -> Iterable[Reported]:
    return (result for result in said.results if result.result == "pass")


def _identities(result: Reported) -> set[str]:
    """The domains that a pass is for; those of DKIM and SPF only."""
    if result.method == "dkim":
        return {_domain(result.property("header.d", "header.i"))} - {""}
    return {_domain(result.property(*_ENVELOPE))} - {""} if result.method == "spf" else set()


def _domain(value: str) -> str:
    """A domain, given bare or behind an @."""
    return ascii_domain(value.rpartition("@")[2])
