"""What each fact in Mailman means here: the table of docs/identity.md, row by row."""

from typing import Any

import pytest

from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman.people import read_bans, roster_of
from listward.queue.courier.mailman.reading import Glance, ListReading
from listward.queue.courier.mailman.rows import MemberRow

NOTHING = read_bans(())


def row(email: str, user: str = "", **more: Any) -> MemberRow:
    link = f"http://127.0.0.1/3.1/users/{user}" if user else ""
    return MemberRow(email, f"http://127.0.0.1/3.1/members/{email}", user=link, **more)


def roster(default: Any = "defer", bans: tuple[str, ...] = (), **given: Any) -> dict[str, RosterEntry]:
    """The roster of a reading, by first address."""
    several, languages = given.pop("several", None), given.pop("languages", None)
    reading = ListReading(Glance((), default), bans=bans, **given)
    return {entry.address: entry for entry in roster_of(reading, read_bans(bans), several, languages)}


def test_a_subscriber_is_a_member() -> None:
    """With the name that Mailman shows, and an address compared without case."""
    found = roster(members=(row("Ann@Members.Example", display_name="Ann Ito"),))
    assert found == {"ann@members.example": RosterEntry("ann@members.example", "Ann Ito", Role.MEMBER)}


@pytest.mark.parametrize("office", ["owners", "moderators"])
def test_the_word_none_is_no_name(office: str) -> None:
    """As mailmanclient writes it; another row of the person may know the name."""
    found = roster(**{office: (row("moe@m.example", display_name="None"),)})
    assert found["moe@m.example"].name == ""
    rows = (row("moe@m.example", "u1", display_name="Moe Diaz"),)
    found = roster(members=rows, **{office: (row("moe@m.example", "u1", display_name="None"),)})
    assert found["moe@m.example"].name == "Moe Diaz"


@pytest.mark.parametrize("office", ["owners", "moderators"])
def test_owners_and_moderators_moderate(office: str) -> None:
    """Subscribed or not, with whatever address of theirs."""
    found = roster(members=(row("ann@home.example", "u1"),), **{office: (row("ann@work.example", "u1"),)})
    assert {(entry.role, entry.address, entry.others) for entry in found.values()} == {
        (Role.MODERATOR, "ann@home.example", ("ann@work.example",))
    }


@pytest.mark.parametrize(
    ("default", "own", "role", "first"),
    [
        ("defer", None, Role.MEMBER, False),
        ("accept", None, Role.MEMBER, False),
        ("defer", "hold", Role.MEMBER, True),
        ("hold", None, Role.MEMBER, True),
        ("hold", "accept", Role.MEMBER, False),
        ("hold", "defer", Role.MEMBER, False),
        ("discard", None, Role.MEMBER, True),
        ("reject", None, Role.MEMBER, True),
        ("defer", "reject", Role.BANNED, False),
        ("defer", "discard", Role.BANNED, False),
    ],
)
def test_moderation(default: Any, own: Any, role: Role, first: bool) -> None:
    """Held members have their posts read first; a person is banned by a choice for this person, never by a default."""
    (entry,) = roster(default, members=(row("ann@members.example", moderation_action=own),)).values()
    assert (entry.role, entry.first_posts_moderated) == (role, first)


def test_a_default_does_not_moderate_moderators() -> None:
    """An announcement list holds everybody's posts but theirs."""
    (entry,) = roster("hold", members=(row("ann@m.example"),), owners=(row("ann@m.example"),)).values()
    assert (entry.role, entry.first_posts_moderated) == (Role.MODERATOR, False)


def test_bans_of_list_and_site() -> None:
    """A banned address is banned, subscribed or not, in office or not."""
    found = roster(
        bans=("Ann@m.example", "stranger@x.example", "not an address"),
        members=(row("ann@m.example"),),
        owners=(row("ann@m.example"),),
    )
    assert {address: entry.role for address, entry in found.items()} == {
        "ann@m.example": Role.BANNED,
        "stranger@x.example": Role.BANNED,
    }


def test_bans_by_expression() -> None:
    """They match from the start and without case, as in Mailman; nobody else is touched."""
    found = roster(
        bans=(r"^.*@bad\.example",),
        members=(row("ann@bad.example"), row("BEN@BAD.EXAMPLE"), row("ann@good.example"), row("x@bad.example.org")),
    )
    assert [address for address, entry in found.items() if entry.role is Role.BANNED] == [
        "ann@bad.example",
        "ben@bad.example",
        "x@bad.example.org",
    ]


def test_expressions_that_cannot_be_read_are_counted() -> None:
    """RE2 has no look-ahead; such a ban is left to Mailman, and said."""
    bans = read_bans((r"^(?!ann).*@m\.example", r"^((", r"^ben@"))
    assert (bans.unread, bans.mean("ben@m.example"), bans.mean("eva@m.example")) == (2, True, False)


def test_many_expressions_stay_quick() -> None:
    """A thousand of them take one pass over an address."""
    bans = read_bans(f"^user{number}@.*" for number in range(1500))
    assert bans.unread == 500
    assert bans.mean("user999@m.example")


def test_barred_nonmembers_are_banned() -> None:
    """Those whose mail the list rejects or discards; other nonmembers are strangers."""
    (entry,) = roster(barred=(row("pest@x.example", moderation_action="discard"),)).values()
    assert (entry.address, entry.role) == ("pest@x.example", Role.BANNED)


def test_one_person_with_several_addresses() -> None:
    """Confirmed addresses of one user belong together; the subscribed one comes first."""
    found = roster(
        members=(row("ann@home.example", "u1"), row("ben@m.example", "u2")),
        several={"u1": ("ann@work.example", "ann@home.example"), "u3": ("eva@m.example", "eva@n.example")},
    )
    assert {address: entry.others for address, entry in found.items()} == {
        "ann@home.example": ("ann@work.example",),
        "ben@m.example": (),
    }


def test_a_ban_of_one_address_is_of_this_address() -> None:
    """Somebody whose old mailbox was stolen has it banned, and goes on with the new one."""
    found = roster(
        bans=("ann@old.example",),
        members=(row("ann@new.example", "u1"),),
        several={"u1": ("ann@new.example", "ann@old.example")},
    )
    assert found["ann@new.example"].others == ()
    assert (found["ann@new.example"].role, found["ann@old.example"].role) == (Role.MEMBER, Role.BANNED)


def test_subscribed_twice_with_different_terms() -> None:
    """Each subscription keeps its own; no address stands twice."""
    found = roster(
        members=(row("ann@home.example", "u1"), row("ann@work.example", "u1", moderation_action="hold")),
        several={"u1": ("ann@home.example", "ann@work.example", "ann@third.example")},
    )
    assert {(address, entry.first_posts_moderated, entry.others) for address, entry in found.items()} == {
        ("ann@home.example", False, ("ann@third.example",)),
        ("ann@work.example", True, ()),
    }


def test_an_address_subscribed_twice_is_one() -> None:
    """By itself and as somebody's preferred address, as Mailman allows."""
    twice = (MemberRow("ann@m.example", "1"), MemberRow("ann@m.example", "2"))
    assert len(roster(members=twice)) == 1


def test_languages_and_long_names() -> None:
    """What was learnt of a member is kept; a name is cut where no name goes on."""
    found = roster(members=(row("ann@m.example", display_name="A" * 1000),), languages={"ann@m.example": "es"})
    assert (found["ann@m.example"].language, len(found["ann@m.example"].name)) == ("es", 200)


def test_addresses_that_are_none_are_left_out() -> None:
    """Nobody could write from them."""
    assert roster(members=(row("no address"), row("two@at@m.example extra"))) == {}


def test_the_order_is_always_the_same() -> None:
    """So an unchanged list has an unchanged digest, whatever order the server chose."""
    rows = tuple(row(f"p{number}@m.example") for number in range(50))
    first = roster_of(ListReading(Glance((), "defer"), rows), NOTHING)
    assert first == roster_of(ListReading(Glance((), "defer"), rows[::-1]), NOTHING)
