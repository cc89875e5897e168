"""What is the organisation's own, put together once for a configuration: each message asks for it several times."""

from dataclasses import dataclass
from functools import lru_cache

from listward.config.site import Site
from listward.filters.identity.domains import domain_of
from listward.filters.identity.names import FILLERS, words_of

CONFIGURATIONS = 4  # that messages under way may be judged by, at most


@dataclass(frozen=True, slots=True)
class Ours:
    """`domains` are those that people of ours write from, `every_domain` also those of the lists.

    `roles` are addresses that nobody writes as: the lists, and those that our own notices come from. `list_names` are
    the words of "NAME list" for each list, `list_words` those of all their names. `friends` are domains that offices
    keep contact with. `signers` are the (domain, selector) pairs that prove mail from inside.
    """

    domains: frozenset[str]
    every_domain: tuple[str, ...]
    roles: frozenset[str]
    list_names: frozenset[frozenset[str]]
    list_words: frozenset[str]
    friends: tuple[str, ...]
    signers: frozenset[tuple[str, ...]]


def ours_of(site: Site) -> Ours:
    """Return what is the organisation's; a site never changes, so that each is read once."""
    return _ours_of(_This(site))


class _This:
    """One site, the same only as itself: to compare configurations by what they hold takes longer than to read them."""

    __slots__ = ("site",)

    def __init__(self, site: Site) -> None:
        self.site = site

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.site is self.site

    def __hash__(self) -> int:
        return id(self.site)


@lru_cache(maxsize=CONFIGURATIONS)
def _ours_of(this: _This) -> Ours:
    site, own, organisation = this.site, this.site.addresses, this.site.organisation
    domains = (*organisation.domains, *organisation.internal_domains)
    notices = (site.notices.sender, own.notices, own.report, own.appeal, own.rulings)
    return Ours(
        domains=frozenset(domains),
        every_domain=tuple(dict.fromkeys((*domains, *(domain_of(entry.address) for entry in site.lists)))),
        roles=frozenset((*(entry.address for entry in site.lists), *filter(None, notices))),
        list_names=frozenset(words_of(f"{entry.short_name} list") - FILLERS for entry in site.lists),
        list_words=frozenset(word for entry in site.lists for word in words_of(entry.short_name)),
        friends=tuple(dict.fromkeys(domain for route in site.routes for domain in route.domains)),
        signers=frozenset(tuple(pair.split(":", 1)) for pair in organisation.dkim_internal),
    )
