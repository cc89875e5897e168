"""What conditions measure: made once for a message, whatever rules will ask."""

from datetime import UTC, datetime

from listward.config.policy import Policy
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


def ended_lists(policy: Policy, at: float) -> frozenset[str]:
    """The organisation's phrase lists that no longer count `at` (Unix seconds), by the day in UTC."""
    dated = {name: phrases for name, phrases in policy.phrases.items() if phrases.expires is not None}
    if not dated:
        return frozenset()
    day = datetime.fromtimestamp(at, UTC).date()
    return frozenset(name for name, phrases in dated.items() if not phrases.counts_on(day))


def groups_of(site: Site) -> dict[str, frozenset[str]]:
    """The groups that each address is in; addresses in lower case."""
    found: dict[str, set[str]] = {}
    for group in site.groups:
        for member in group.members:
            found.setdefault(member, set()).add(group.name)
    return {member: frozenset(names) for member, names in found.items()}
