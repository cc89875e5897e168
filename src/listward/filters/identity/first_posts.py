"""The first posts of a person on a list: moderators look at each of them first."""

from listward.filters.identity.standing import Standing
from listward.filters.probes import RosterEntry


def first_posts_due(entry: RosterEntry, list_address: str, standing: Standing | None) -> bool:
    """Whether moderators look at this person's posts first.

    "yes" on the roster holds until the roster says otherwise; a number until so many posts went out to this list.
    Where nobody knows how many did, they look: a post more than was asked for does no harm.
    """
    if not entry.first_posts_moderated or entry.first_posts == 0:
        return entry.first_posts_moderated
    return standing is None or standing.posts_on(list_address) < entry.first_posts
