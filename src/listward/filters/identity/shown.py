"""What the posing checks look at, and how they say what they found."""

from collections.abc import Iterator
from dataclasses import dataclass

from listward.config.site import Site
from listward.filters.findings import Evidence, Finding
from listward.filters.identity.claims import Claims
from listward.filters.identity.domains import domain_of, is_within
from listward.filters.identity.origins import is_role_address
from listward.filters.identity.ours import ours_of
from listward.filters.probes import ProbeUnavailable, RosterEntry, Rosters

CATEGORY = "posing"
EVIDENCE_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """One message for one list. `proven` says that the author's address is; before that no roster is asked for one."""

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

    def is_own(self, address: str) -> bool:
        """Whether the address is in a domain of ours or below one."""
        return is_within(domain_of(address), self.domains)

    def is_role(self, address: str) -> bool:
        """Whether it is a list's address or one that our notices come from."""
        return is_role_address(address.lower(), self.site)

    def entries(self, *addresses: str) -> Iterator[RosterEntry]:
        """What the roster knows of these addresses; nothing while the author is not proven."""
        for address in dict.fromkeys(addresses) if self.proven else ():
            try:
                entry = self.rosters.find(self.list_address, address)
            except ProbeUnavailable:
                continue
            if entry is not None:
                yield entry

    def entries_anywhere(self) -> Iterator[RosterEntry]:
        """What the rosters of all lists know of the author; nothing while the author is not proven."""
        for entry in self.site.lists if self.proven else ():
            try:
                found = self.rosters.find(entry.address, self.author)
            except ProbeUnavailable:
                continue
            if found is not None:
                yield found

    def own_addresses(self) -> frozenset[str]:
        """The author's, as far as they are known: the one in From, and the roster's others once it is proven."""
        others = (other for entry in self.entries(self.author) for other in (entry.address, *entry.others))
        return frozenset({self.author, *others})

    def finding(
        self, rule: str, weight: float, reason: str, field: str, text: str, category: str = CATEGORY
    ) -> Finding:
        """Say it, with the words as evidence at their place in the field."""
        quoted = text[:EVIDENCE_LETTERS]
        start = max(self.claims.values.get(field, "").find(quoted), 0)
        return Finding(rule, category, weight, reason, (Evidence(field.lower(), start, start + len(quoted), quoted),))
