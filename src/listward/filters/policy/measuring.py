"""What conditions measure: made once for a message, whatever rules will ask."""

from listward.config.site import Site
from listward.filters.identity.standing import Standing
from listward.filters.judgement import MessageFacts
from listward.filters.policy.situation import Measures
from listward.filters.transaction import Transaction


def measured(facts: MessageFacts, transaction: Transaction, standing: Standing | None, zone: str) -> Measures:
    """Return the measures of a message. `standing` is None where the store could not say."""
    return Measures(
        size=facts.size,
        recipients=len(transaction.recipients),
        attachments=facts.attachments,
        links=facts.links,
        posts_today=standing.habits.posts_today if standing is not None else None,
        at=transaction.received_at,
        zone=zone,
    )


def groups_of(site: Site) -> dict[str, frozenset[str]]:
    """The groups that each address is in; addresses in lower case."""
    found: dict[str, set[str]] = {}
    for group in site.groups:
        for member in group.members:
            found.setdefault(member, set()).add(group.name)
    return {member: frozenset(names) for member, names in found.items()}
