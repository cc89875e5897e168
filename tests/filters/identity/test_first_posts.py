"""When moderators look at a person's posts first."""

import pytest
from identity_world import INSIDE, FixedRosters, claims, proven, site, transaction

from listward.filters.identity.first_posts import first_posts_due
from listward.filters.identity.origin import Role
from listward.filters.identity.origins import origin_for
from listward.filters.identity.standing import NO_STANDING, Standing, Ways
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


NEW = RosterEntry("ben@mail.example", "Ben", Role.MEMBER, first_posts_moderated=True, first_posts=2)
COLLEAGUE = RosterEntry("ana@party.example", "Ana", Role.OFFICER, first_posts_moderated=True, first_posts=2)


@pytest.mark.parametrize(
    ("standing", "due"),
    [
        (None, True),
        (NO_STANDING, True),
        (Standing(delivered=((BOARD, 1),)), True),
        (Standing(delivered=((BOARD, 2),)), False),
        (Standing(delivered=(("news@lists.party.example", 9),)), True),
    ],
)
@pytest.mark.parametrize("entry", [NEW, COLLEAGUE], ids=["member", "internal"])
def test_the_origin_says_whether_moderators_look_first(
    entry: RosterEntry, standing: Standing | None, due: bool
) -> None:
    """Of members and of people inside alike, by what went out to this list; without the store they look."""
    raw = f"From: {entry.address}\r\nTo: {BOARD}\r\n\r\nHello\r\n".encode()
    sent = transaction(raw, sender=entry.address, address=INSIDE if entry is COLLEAGUE else "198.51.100.7")
    found = origin_for(
        proven(entry.address), claims(raw), sent, BOARD.upper(), site(), FixedRosters(entry), Ways((), standing)
    )
    assert (found.kind.authenticated, found.role) == (True, entry.role)
    assert found.first_posts_moderated is due
