"""Who wrote a message: DNS and the store are asked once, then each list has an origin of its own."""

import asyncio
import operator
from dataclasses import dataclass

from listward.config.site import Site
from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.claims import Claims
from listward.filters.identity.dmarc_standards import standard_for
from listward.filters.identity.given import given_origin
from listward.filters.identity.origin import Authentication, Origin, OriginKind
from listward.filters.identity.origins import origin_for
from listward.filters.identity.ours import ours_of
from listward.filters.identity.paths import candidates, confirmed, of_others, unaligned, without_open
from listward.filters.identity.resolver import BudgetedResolver
from listward.filters.identity.standing import NO_STANDING, Standing, Ways
from listward.filters.probes import Probes, ProbeUnavailable, Standings
from listward.filters.transaction import Transaction

WAYS_QUERIES, WAYS_SHARE = 40, 0.2
"""DNS questions, and the part of the judging deadline, to find which unaligned ways may be vouched for."""
_AUTHENTICATED = frozenset(kind for kind in OriginKind if kind.authenticated)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as identity sees it. `given` is an origin taken as proven; `at_word`: From counts as authenticated."""

    transaction: Transaction
    claims: Claims
    given: OriginKind | None
    at_word: bool


class Identity:
    """Identifies by one site. Never raises for DNS, roster or store trouble: what is not known is undecided."""

    def __init__(self, site: Site, probes: Probes) -> None:
        self._site, self._probes = site, probes

    async def ask(self, arrival: Arrival) -> tuple[Authentication, Ways]:
        """Ask DNS and the store side by side: what the store is asked depends on the message alone."""
        proof = self._authentication(arrival)
        standing: Standing | None = NO_STANDING
        if self._probes.standings is None or not arrival.claims.author:
            authentication = await proof
        else:
            asked = asyncio.create_task(self._standing(self._probes.standings, arrival))
            try:
                authentication, standing = await proof, await asked
            finally:
                asked.cancel()
        return authentication, await self._ways(authentication, arrival.transaction, standing)

    def origin(self, arrival: Arrival, authentication: Authentication, ways: Ways, list_address: str) -> Origin:
        """Return the origin for one list, by what `ask` found."""
        rosters = self._probes.rosters
        if arrival.given is not None:
            return given_origin(arrival.given, authentication.author, list_address, rosters)
        return origin_for(authentication, arrival.claims, arrival.transaction, list_address, self._site, rosters, ways)

    async def _authentication(self, arrival: Arrival) -> Authentication:
        if arrival.given is None and not arrival.at_word:
            return await authenticate(arrival.claims, arrival.transaction, self._site, self._probes.resolver)
        author = arrival.claims.author
        return Authentication(author, (), aligned=bool(author) and (arrival.at_word or arrival.given in _AUTHENTICATED))

    async def _standing(self, standings: Standings, arrival: Arrival) -> Standing | None:
        """What stands for the author, None where it cannot be found out. Asked of everybody alike, on every list."""
        ours, standard = ours_of(self._site).every_domain, self._site.authentication.dmarc
        try:
            paths = candidates(arrival.claims, arrival.transaction, ours, standard)
            return await standings.of(arrival.claims.author, paths)
        except ProbeUnavailable:
            return None

    async def _ways(self, authentication: Authentication, transaction: Transaction, standing: Standing | None) -> Ways:
        """What an unproven message has for a vouch. Where DNS leaves that open, the message is undecided."""
        if authentication.aligned or not authentication.author or not self._site.accounts.vouch_days:
            return Ways((), standing)
        seconds = self._site.gateway.judge_deadline_s * WAYS_SHARE
        share = BudgetedResolver(self._probes.resolver, WAYS_QUERIES, seconds)
        standard, ours = standard_for(self._site.authentication.dmarc, share), ours_of(self._site).every_domain
        paths = unaligned(authentication.author, confirmed(authentication, transaction.sender), ours, operator.eq)
        try:
            paths = await of_others(authentication.author, paths, standard)
            return Ways(await without_open(paths, transaction, share), standing)
        except ProbeUnavailable:
            return Ways(paths, standing, undecided=True)
