"""Who serves which queue."""

import pytest
from desk_world import site

from listward.config.site import Group, MailingList, Queue
from listward.queue.desk.access.person import AccessRole, Person, operator, person_for, queue_names

MODERATOR = frozenset({AccessRole.MODERATOR})
NOBODY: frozenset[AccessRole] = frozenset()


def test_a_group_names_the_people_of_its_queue() -> None:
    """A member of the group serves the queue, whatever the roles; nobody else does."""
    assert person_for(site(), "intl@party.example", NOBODY).queues == {"international"}
    assert "international" not in person_for(site(), "mod@party.example", MODERATOR).queues


def test_addresses_compare_without_case() -> None:
    """An address in capitals is the same person."""
    assert person_for(site(), "INTL@Party.Example", NOBODY).queues == {"international"}


def test_without_a_moderators_group_the_role_serves() -> None:
    """Users with the role moderator are the people of "moderators" where its group has nobody."""
    assert "moderators" in person_for(site(), "mod@party.example", MODERATOR).queues
    assert "moderators" not in person_for(site(), "nobody@party.example", NOBODY).queues


def test_a_moderators_group_replaces_the_role() -> None:
    """Once the group has members, the role alone no longer serves."""
    grouped = site(group=(Group(name="moderators", members=("only@party.example",)),))
    assert "moderators" not in person_for(grouped, "mod@party.example", MODERATOR).queues
    assert "moderators" in person_for(grouped, "only@party.example", NOBODY).queues


def test_an_office_without_people_is_nobodys() -> None:
    """A configured queue other than moderators with an empty group is served by nobody: deny by default."""
    empty = site(group=(), queue=(Queue(name="international", group="international"),))
    assert "international" not in person_for(empty, "mod@party.example", MODERATOR).queues


def test_a_deputy_group_serves_too() -> None:
    """The deputies of a queue are its people."""
    deputised = site(
        group=(Group(name="g", members=("a@party.example",)), Group(name="d", members=("b@party.example",))),
        queue=(Queue(name="international", group="g", deputy="d"),),
    )
    assert person_for(deputised, "b@party.example", NOBODY).queues == {"international"}


def test_a_queue_named_by_a_list_alone_is_the_group_of_its_name() -> None:
    """A list may name a group as its moderators without a [[queue]] table."""
    lists = (MailingList(address="a@party.example", zone="members", next_hop="smtp://h:25", moderators=("club",)),)
    clubbed = site(**{"list": lists, "group": (Group(name="club", members=("c@party.example",)),), "queue": ()})
    assert person_for(clubbed, "c@party.example", NOBODY).queues == {"club"}
    assert person_for(clubbed, "mod@party.example", MODERATOR).queues == {"moderators"}


def test_every_named_queue_is_known() -> None:
    """Queues come from tables, lists, routes and escalation."""
    assert set(queue_names(site())) == {"moderators", "international", "secretary"}


def test_the_operator_serves_every_queue() -> None:
    """The terminal's operator decides for all queues, under a name that no address can have."""
    person = operator("root")
    assert person.served(("a", "b")) == ("a", "b")
    assert person.address == "terminal:root"


@pytest.mark.parametrize(("roles", "sees"), [({AccessRole.ADMIN}, True), ({AccessRole.AUDITOR}, True), (set(), False)])
def test_admins_and_auditors_see_counts(roles: set[AccessRole], sees: bool) -> None:
    """Health and counts are for admins and auditors."""
    assert Person("a@b", frozenset(roles)).sees_health is sees
