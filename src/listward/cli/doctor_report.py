"""Everything that the gateway would know about mail from an address, gathered and put into words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from listward.cli import doctor_words as words
from listward.cli.doctor_ways import Outcome, Way, outcomes, own_pairs
from listward.cli.doctor_words import Line
from listward.cli.output import WrongUse, printable
from listward.config.mailman_url import is_mailman
from listward.config.site import Site
from listward.filters.identity.alike import resembles
from listward.filters.identity.dmarc_standards import standard_for
from listward.filters.identity.domains import ascii_domain, domain_of, is_within
from listward.filters.identity.origin import Role
from listward.filters.identity.ours import ours_of
from listward.filters.identity.resolver import BudgetedResolver, DnsResolver
from listward.filters.identity.roster import SiteRosters
from listward.filters.identity.survey import Survey, survey
from listward.filters.probes import ProbeUnavailable, Rosters

if TYPE_CHECKING:
    from listward.cli.doctor_store import Remembered

QUERIES, MOST_S = 200, 20.0
"""DNS questions one look may cause, and how long it may take."""
Roles = dict[Role, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found, and how it reads."""

    address: str
    found: Survey
    pairs: tuple[tuple[str, str], ...]
    roles: Roles
    ways: tuple[Outcome, ...]
    known: "Remembered | None"
    parts: dict[str, tuple[Line, ...]]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every statement."""
        return tuple(line for lines in self.parts.values() for line in lines)

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, each once."""
        return tuple(dict.fromkeys(line.advice for line in self.lines if line.advice))


async def examine(
    address: str, client: str | None, selectors: tuple[str, ...], site: Site, known: "Remembered | None"
) -> Report:
    """Look at an address. `known` is what the store said, where it was asked. Raises WrongUse for a bad selector."""
    domain = domain_of(address)
    pairs = tuple(dict.fromkeys((*own_pairs(address, site), *_signing(domain, site), *_given(domain, selectors))))
    resolver = BudgetedResolver(DnsResolver(site.dns.servers, site.dns.timeout_s), QUERIES, MOST_S)
    found = await survey(domain, pairs, client, standard_for(site.authentication.dmarc, resolver), resolver)
    rosters = known.rosters if known is not None else SiteRosters(site)
    roles, others, unread = _roles(address, site, rosters)
    ways = outcomes(address, site, rosters, found.dmarc.policy if found.dmarc else "")
    if found.exists is False:
        ways = tuple(way for way in ways if way.way not in {Way.SIGNED, Way.SERVER})
    parts = {
        "The domain": (*_relation(address, site), *words.domain_lines(domain, found.exists, found.mx)),
        "SPF": tuple(words.spf_lines(domain, found.spf, client)),
        "DKIM": tuple(words.key_lines(domain, found.keys, pairs)),
        "DMARC": tuple(words.dmarc_lines(domain, found.dmarc, site.authentication.dmarc)),
        "Rosters": tuple(words.roster_lines(address, roles, others, *_unread(unread, site, known is not None))),
        "What mail from there would be": (
            *(words.outcome_line(way, found.spf) for way in ways),
            *words.vouching_lines(address, ways, site, rosters),
        ),
    }
    if found.exists is False or not found.answered:
        parts = {name: lines for name, lines in parts.items() if name not in {"SPF", "DKIM", "DMARC"}}
    if address in ours_of(site).roles:
        del parts["Rosters"]
    return Report(address, found, pairs, roles, ways, known, parts)


def _store_part(address: str, known: "Remembered | None") -> dict[str, tuple[Line, ...]]:
    if known is None:
        return {}
    from listward.cli.doctor_store import store_lines

    return {"Remembered": tuple(store_lines(address, known))}


def _unread(lists: tuple[str, ...], site: Site, asked: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lists whose roster could not be read, and those whose roster is in the store, which was not asked."""
    kept = {entry.address for entry in site.lists if is_mailman(entry.roster) and not asked}
    return tuple(one for one in lists if one not in kept), tuple(one for one in lists if one in kept)


def _signing(domain: str, site: Site) -> Iterator[tuple[str, str]]:
    if site.signing.domain == domain and site.signing.selector:
        yield domain, site.signing.selector


def _given(domain: str, selectors: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for selector in selectors:
        plain = ascii_domain(selector)
        if not plain:
            raise WrongUse(f"listward: --selector {printable(selector)[:100]!r} is not a DKIM selector")
        yield domain, plain


def _relation(address: str, site: Site) -> Iterator[Line]:
    """Whether the domain is ours, or looks as if it were."""
    domain, ours = domain_of(address), ours_of(site)
    if address in ours.roles:
        yield words.missing(
            f"{address} is a list, or sends our notices: nobody writes as this.",
            "Ask about the address of a person.",
        )
    elif domain in ours.domains:
        yield from words.own_lines(domain, site, own_pairs(address, site))
    elif is_within(domain, ours.every_domain):
        yield words.missing(
            f"{domain} lies in our name and is not named in the configuration, so mail from there is never internal.",
            f"If people write from {domain}, put it into domains or internal_domains.",
        )
    elif own := resembles(domain, ours.every_domain):
        yield words.missing(
            f"{domain} looks like our {own} and is not.",
            "Make sure who it is before you trust mail from there.",
        )
    else:
        yield words.note(f"{domain} is not ours.")


def _roles(address: str, site: Site, rosters: Rosters) -> tuple[Roles, tuple[str, ...], tuple[str, ...]]:
    """The lists by the role there, the person's other addresses, and the lists whose roster could not be read."""
    roles: Roles = {}
    others: dict[str, None] = {}
    unread: list[str] = []
    for entry in site.lists:
        try:
            person = rosters.find(entry.address, address)
        except ProbeUnavailable:
            unread.append(entry.address)
            continue
        if person is not None:
            roles[person.role] = (*roles.get(person.role, ()), entry.address)
            others |= dict.fromkeys(person.others)
    return roles, tuple(others), tuple(unread)
