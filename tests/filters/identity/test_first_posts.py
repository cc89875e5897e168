"""When moderators look at a person's posts first."""

import pytest

from listward.filters.identity.first_posts import first_posts_due
from listward.filters.identity.origin import Role
from listward.filters.identity.standing import Standing
from listward.filters.probes import RosterEntry

BOARD = "board@lists.party.example"


@pytest.mark.parametrize(
    ("moderated", "first", "went_out", "due"),
    [
        (False, 0, 0, False),
        (True, 0, 1000, True),
        (True, 3, 0, True),
        (True, 3, 2, True),
        (True, 3, 3, False),
        (True, 3, 9, False),
        (True, 3, None, True),
        (True, 0, None, True),
        (False, 0, None, False),
    ],
)
def test_a_number_is_counted_and_yes_is_not(moderated: bool, first: int, went_out: int | None, due: bool) -> None:
    """Yes holds until the roster changes, a number until so many posts went out; unknown is looked at."""
    entry = RosterEntry("a@b.example", "A", Role.MEMBER, first_posts_moderated=moderated, first_posts=first)
    standing = None if went_out is None else Standing(delivered=((BOARD, went_out), ("other@p.example", 99)))
    assert first_posts_due(entry, BOARD, standing) is due
