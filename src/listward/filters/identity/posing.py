"""Mail that wants to pass for another person's, an officer's or a list's. Findings only; the policy decides.

Chosen names, married names and initials are no finding: only a name or an address that belongs to somebody else here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from listward.config.site import Site
from listward.filters.findings import Evidence, Finding
from listward.filters.identity.claims import Claims
from listward.filters.identity.domains import domain_of, is_within
from listward.filters.identity.lookalikes import letters, resembles
from listward.filters.identity.names import FILLERS, claims_to_speak, keys_of_all, readings, words_of
from listward.filters.identity.origin import Authentication, Role
from listward.filters.identity.origins import is_role_address
from listward.filters.identity.ours import ours_of
from listward.filters.message.values import Mailbox
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters

CATEGORY = "posing"
AMBIGUITY = "ambiguity"
NAME_LETTERS = 200
_SPEAKING = frozenset({Role.OFFICER, Role.MODERATOR})
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


@dataclass(frozen=True, slots=True)
class _Facts:
    claims: Claims
    author: str
    proven: bool
    list_address: str
    site: Site
    rosters: Rosters

    @property
    def domains(self) -> tuple[str, ...]:
        """Every domain of ours, also those of the lists."""
        return ours_of(self.site).every_domain


def check(
    claims: Claims,
    authentication: Authentication,
    list_address: str,
    site: Site,
    rosters: Rosters,
    proven: bool | None = None,
) -> Iterable[Finding]:
    """Say where the message shows a name or address that is not its author's. Never raises.

    `proven` says whether the author's address is proven, also by other means than DMARC; None asks `authentication`.
    """
    known = authentication.aligned if proven is None else proven
    facts = _Facts(claims, authentication.author, known, list_address.lower(), site, rosters)
    yield from _several_authors(facts)
    yield from _from_is_list(facts)
    yield from _display_names(facts)
    yield from _domains(facts)


def _finding(
    rule: str, weight: float, reason: str, field: str, text: str, claims: Claims, category: str = CATEGORY
) -> Finding:
    value = claims.values.get(field, "")
    start = max(value.find(text), 0)
    return Finding(rule, category, weight, reason, (Evidence(field.lower(), start, start + len(text), text),))


def _several_authors(facts: _Facts) -> Iterator[Finding]:
    """More than one From, or none that is one address: readers would show different authors."""
    count = facts.claims.from_fields
    if count == 1 and facts.author:
        return
    reason = "The message does not name exactly one author." if count else "The message names no author."
    text = facts.claims.values.get("From", "")[:NAME_LETTERS]
    yield _finding("several-authors", 0.9, reason, "From", text, facts.claims, AMBIGUITY)


def _from_is_list(facts: _Facts) -> Iterator[Finding]:
    if facts.author and is_role_address(facts.author, facts.site):
        reason = "The message is written in the name of a list or office, not of a person."
        yield _finding("from-is-list", 0.9, reason, "From", facts.author, facts.claims)


def _display_names(facts: _Facts) -> Iterator[Finding]:
    """Every name shown beside an address: the author's, and where answers would go."""
    for field, mailbox in facts.claims.shown:
        reason = _posing(mailbox, facts) if facts.proven or field == "From" else ""
        if reason:
            name = mailbox.name[:NAME_LETTERS]
            yield _finding("display-name-poses", 0.8, reason, field, name, facts.claims)


def _posing(mailbox: Mailbox, facts: _Facts) -> str:
    """Why this name belongs to somebody else, "" where it does not."""
    name = mailbox.name[:NAME_LETTERS]
    if not name or is_role_address(mailbox.address.lower(), facts.site):
        return ""
    if _shows_other_address(name, mailbox.address, facts):
        return "The name shows an address of ours that the message does not come from."
    if _is_list_name(name, facts) and not _is_own(mailbox.address, facts):
        return "The name is that of a list, and the address is not."
    if claims_to_speak(name, facts.site.organisation.name) and not _may_speak(mailbox.address, facts):
        return "The name is that of the organisation or of an office, and the author does not hold it."
    if not _is_roster_name(name, facts):
        return ""
    if not facts.proven:
        # Whether the address is on the list must not show before it is proven, so nothing here may depend on it.
        return "The name is that of a person on the list, and nothing proves the address."
    return "" if _has_own_name(name, mailbox.address, facts) else "The name is that of another person on the list."


def _is_own(address: str, facts: _Facts) -> bool:
    return is_within(domain_of(address), facts.domains)


def _shows_other_address(name: str, address: str, facts: _Facts) -> bool:
    """Whether the name holds an address under one of our domains that is not the real one."""
    shown = [found.lower() for found in _ADDRESS.findall(letters(name))]
    return any(_is_own(found, facts) and found != address.lower() for found in shown)


def _is_list_name(name: str, facts: _Facts) -> bool:
    """Whether the name is a list's short name with "list"."""
    return words_of(name) - FILLERS in ours_of(facts.site).list_names


def _may_speak(address: str, facts: _Facts) -> bool:
    """Whether the author may write in the organisation's name: an officer, or an address of ours that is nobody's."""
    if not facts.proven:
        return _is_own(address, facts)
    known = tuple(_entries({facts.author, address.lower()}, facts))
    return any(entry.role in _SPEAKING for entry in known) if known else _is_own(address, facts)


def _is_roster_name(name: str, facts: _Facts) -> bool:
    """Whether somebody on the list is called so; one word alone, like a first name, is everybody's."""
    return not readings(name).isdisjoint(keys_of_all(facts.rosters.names(facts.list_address)))


def _has_own_name(name: str, address: str, facts: _Facts) -> bool:
    """Whether the roster gives this name to the author, or to the address it stands beside."""
    return any(readings(entry.name) & readings(name) for entry in _entries({facts.author, address.lower()}, facts))


def _entries(addresses: set[str], facts: _Facts) -> Iterator[RosterEntry]:
    for address in addresses:
        try:
            entry = facts.rosters.find(facts.list_address, address)
        except ProbeUnavailable:
            continue
        if entry is not None:
            yield entry


def _domains(facts: _Facts) -> Iterator[Finding]:
    """Addresses in a domain that can be taken for one of ours."""
    seen = set()
    for field, mailbox in facts.claims.shown:
        domain = domain_of(mailbox.address)
        own = "" if domain in seen else resembles(domain, facts.domains)
        seen.add(domain)
        if own:
            reason = f"The address is in {domain}, which looks like our {own} and is not."
            yield _finding("look-alike-domain", 0.9, reason, field, mailbox.address, facts.claims)
