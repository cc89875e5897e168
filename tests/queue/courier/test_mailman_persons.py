"""Several addresses of one person: only confirmed ones, none lost while pages are read, and no list fails for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_mailman import PASSWORD, Answer, FakeMailman, serving
from store_world import HandClock

from listward.config.mailman_url import MailmanUrl
from listward.config.proof import Mailman
from listward.config.site import Gateway, MailingList, Organisation, Site
from listward.queue.courier.mailman import persons
from listward.queue.courier.mailman.asking import Asker
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.persons import Persons

BOARD = "board@party.example"


@pytest.fixture
def mailman(monkeypatch: pytest.MonkeyPatch) -> FakeMailman:
    """Ann has two addresses, on pages of two."""
    monkeypatch.setattr(persons, "ADDRESSES", 2)
    fake = FakeMailman()
    fake.add("ann@home.example", user="u1")
    fake.know("u0", "a@m.example", "b@n.example")
    fake.know("u1", "ann@home.example", "ann@work.example")
    fake.know("u2", "ben@m.example")
    return fake


@pytest.fixture
def connection(mailman: FakeMailman) -> Iterator[BoundedConnection]:
    """A connection to it."""
    with serving(mailman) as port:
        made = BoundedConnection(MailmanUrl("127.0.0.1", port, False), "rest", PASSWORD)
        yield made
        made.close()


@pytest.fixture
def asker(mailman: FakeMailman, tmp_path: Path) -> Iterator[tuple[Asker, MailingList]]:
    """Who asks for the list, and the list."""
    (tmp_path / "rest").write_text(PASSWORD, encoding="utf-8")
    with serving(mailman) as port:
        board = MailingList(address=BOARD, zone="members", next_hop="smtp://h:1", roster=f"mailman://127.0.0.1:{port}")
        tables = {"organisation": Organisation(name="Party", domains=("party.example",)), "gateway": Gateway()}
        site = Site(**tables, mailman=Mailman(user="rest", password_file=tmp_path / "rest"), list=(board,))
        yield Asker(site), board


def test_only_confirmed_addresses_make_a_person(mailman: FakeMailman, connection: BoundedConnection) -> None:
    """Anybody may name an address as theirs; it counts once its owner has answered there."""
    mailman.know("u2", "victim@m.example", verified=False)
    assert Persons().several(connection) == {
        "u0": ("a@m.example", "b@n.example"),
        "u1": ("ann@home.example", "ann@work.example"),
    }


def test_they_are_asked_for_now_and_then(mailman: FakeMailman, connection: BoundedConnection) -> None:
    """Within a sixtieth of the time that it takes."""
    clock = HandClock()
    found = Persons(clock.monotonic)
    mailman.mischief = lambda path: clock.turn(1)  # each of three pages takes a second
    found.several(connection)
    asked = len(mailman.asked)
    clock.turn(179)
    found.several(connection)
    assert len(mailman.asked) == asked == 3
    clock.turn(2)
    found.several(connection)
    assert len(mailman.asked) > asked


def test_none_slides_past_while_pages_are_read(mailman: FakeMailman, connection: BoundedConnection) -> None:
    """One is dropped and one is new, so the count is the same: whoever is missing is asked for."""
    clock = HandClock()
    found = Persons(clock.monotonic)
    before = found.several(connection)
    swaps = [True]

    def swap(path: str) -> None:
        if "count=2&page=2" in path and swaps:
            swaps.pop()
            del mailman.addresses[0]
            mailman.know("u9", "zoe@m.example")

    mailman.mischief = swap
    clock.turn(10_000)
    after = found.several(connection)
    assert before is not None
    assert after == {"u1": before["u1"]}


def test_an_address_that_was_given_up_is_gone(mailman: FakeMailman, connection: BoundedConnection) -> None:
    """Or that belongs to somebody else by now."""
    clock = HandClock()
    found = Persons(clock.monotonic)
    found.several(connection)
    mailman.addresses = [row for row in mailman.addresses if row["email"] not in {"b@n.example", "ann@work.example"}]
    mailman.know("u2", "ann@work.example")
    clock.turn(10_000)
    assert found.several(connection) == {"u2": ("ben@m.example", "ann@work.example")}


def test_a_list_does_not_fail_for_them(asker: tuple[Asker, MailingList], mailman: FakeMailman) -> None:
    """Where Mailman will not tell of addresses, the latest copy's stay with the members."""
    first = asker[0].everybody(asker[1], ()).people
    assert [entry.others for entry in first] == [("ann@work.example",)]
    mailman.mischief = lambda path: Answer(500) if "addresses" in path else None
    anew = Asker(asker[0]._site)
    assert anew.everybody(asker[1], first).people == first
    assert [entry.others for entry in anew.everybody(asker[1], ()).people] == [()]
