"""A list is read whole: whatever changes between two pages, nobody is lost and nobody is made up."""

from collections.abc import Callable, Iterator

import pytest
from fake_mailman import LIST_ID, PASSWORD, Answer, FakeMailman, serving

from listward.config.mailman_url import MailmanUrl
from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman import rows
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.languages import Languages
from listward.queue.courier.mailman.reading import ListReader
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble

BOARD = "board@party.example"
PAGE = 10


@pytest.fixture
def mailman(monkeypatch: pytest.MonkeyPatch) -> FakeMailman:
    """Thirty-five members, on pages of ten."""
    monkeypatch.setattr(rows, "PAGE", PAGE)
    monkeypatch.setattr("listward.queue.courier.mailman.reading.PAGE", PAGE)
    fake = FakeMailman()
    for number in range(35):
        fake.add(f"p{number:02}@m.example")
    return fake


@pytest.fixture
def connection(mailman: FakeMailman) -> Iterator[BoundedConnection]:
    """A connection to it."""
    with serving(mailman) as port:
        made = BoundedConnection(MailmanUrl("127.0.0.1", port, False), "rest", PASSWORD)
        yield made
        made.close()


@pytest.fixture
def reader(connection: BoundedConnection) -> ListReader:
    """A reader of the list."""
    return ListReader(connection, BOARD)


def once(page: int, act: Callable[[], None]) -> Callable[[str], Answer | None]:
    """Act just before a page of the members is answered, once."""
    acts = [act]

    def mischief(path: str) -> Answer | None:
        if "role=member" in path and f"count={PAGE}&page={page}" in path and acts:
            acts.pop()()
        return None

    return mischief


def addresses(reader: ListReader, *before: str) -> list[str]:
    entries = (RosterEntry(address, "", Role.MEMBER) for address in before)
    return [row.email for row in reader.everybody(entries).members]


def everyone(mailman: FakeMailman) -> list[str]:
    return [row["email"] for row in mailman.rosters["member"]]


def test_everybody_is_read(mailman: FakeMailman, reader: ListReader) -> None:
    """All pages, all kinds, in questions that grow with the list alone."""
    mailman.add("owner@m.example", "owner")
    mailman.add("pest@m.example", "nonmember", moderation_action="discard")
    mailman.add("guest@m.example", "nonmember", moderation_action="accept")
    mailman.bans = {"site": ["a@x.example"], "list": ["^b"]}
    reading = reader.everybody()
    assert [row.email for row in reading.members] == everyone(mailman)
    assert [row.email for row in (*reading.owners, *reading.barred)] == ["owner@m.example", "pest@m.example"]
    assert reading.bans == ("a@x.example", "^b")
    assert len(mailman.asked) == 8 + 4 + 4 + 2 + 8


def test_a_glance_is_the_same_few_questions_for_any_list(mailman: FakeMailman, reader: ListReader) -> None:
    """No row is sent; a new member, ban or default makes a difference."""
    first = reader.glance()
    assert len(mailman.asked) == 8
    assert all("count=0" in path or "default_member_action" in path for path in mailman.asked)
    mailman.add("new@m.example")
    second = reader.glance()
    mailman.default_action = "hold"
    assert len({first, second, reader.glance()}) == 3


def test_somebody_joins_between_two_pages(mailman: FakeMailman, reader: ListReader) -> None:
    """The rest slides back, one would be read twice: it is read again, whole."""
    mailman.mischief = once(3, lambda: mailman.add("a@m.example"))
    assert addresses(reader) == everyone(mailman)


def test_somebody_leaves_between_two_pages(mailman: FakeMailman, reader: ListReader) -> None:
    """The rest slides forward, one would be lost: it is read again, whole."""
    mailman.mischief = once(3, lambda: mailman.remove("p00@m.example"))
    assert addresses(reader) == everyone(mailman)


def test_one_leaves_and_one_joins_between_two_pages(mailman: FakeMailman, reader: ListReader) -> None:
    """All counts agree, and yet one slid past: whoever was a member is asked for before being given up."""

    def swap() -> None:
        mailman.remove("p00@m.example")
        mailman.add("zz@m.example")

    before = everyone(mailman)
    mailman.mischief = once(2, swap)
    assert addresses(reader, *before) == everyone(mailman)


def test_one_joins_in_front_and_one_leaves_behind(mailman: FakeMailman, reader: ListReader) -> None:
    """All counts agree, and one would be read twice while the new one is missed: it is read again."""

    def swap() -> None:
        mailman.add("a@m.example")
        mailman.remove("p34@m.example")

    mailman.mischief = once(2, swap)
    assert addresses(reader) == everyone(mailman)


def test_who_is_gone_is_given_up(mailman: FakeMailman, reader: ListReader) -> None:
    """One question for each who is missing."""
    before = everyone(mailman)
    mailman.remove("p07@m.example")
    assert "p07@m.example" not in addresses(reader, *before)
    assert [path for path in mailman.asked if "/member/" in path] == [f"/3.1/lists/{LIST_ID}/member/p07%40m.example"]


def test_a_list_that_never_stands_still_is_left_for_later(mailman: FakeMailman, reader: ListReader) -> None:
    """After three tries; the copy in use stays."""
    count = iter(range(1000))

    def mischief(path: str) -> None:
        if "page=2" in path:
            mailman.add(f"n{next(count)}@m.example")

    mailman.mischief = mischief
    with pytest.raises(MailmanTrouble) as raised:
        addresses(reader)
    assert raised.value.kind is Kind.CHANGING


@pytest.mark.parametrize(
    "body",
    [
        b'{"start": 0}',
        b'{"total_size": "35"}',
        b'{"total_size": -1}',
        b'{"total_size": 35, "entries": 5}',
        b'{"total_size": 35, "entries": [1]}',
        b'{"total_size": 1, "entries": [{"email": 1, "self_link": "x"}]}',
        b'{"total_size": 1, "entries": [{"email": "a@b.example"}]}',
        b'{"total_size": 1, "entries": [{"email": "a@b.example", "self_link": "x", "moderation_action": "burn"}]}',
    ],
)
def test_rows_of_another_shape_are_refused(mailman: FakeMailman, reader: ListReader, body: bytes) -> None:
    """Half understood is not understood."""
    mailman.mischief = lambda path: Answer(body=body) if f"count={PAGE}" in path else None
    with pytest.raises(MailmanTrouble) as raised:
        addresses(reader)
    assert raised.value.kind is Kind.GARBAGE


def test_a_list_of_millions_is_refused(mailman: FakeMailman, reader: ListReader) -> None:
    """Before it is read."""
    mailman.mischief = lambda path: Answer(body=b'{"total_size": 9000000}') if "count=" in path else None
    with pytest.raises(MailmanTrouble) as raised:
        addresses(reader)
    assert raised.value.kind is Kind.TOO_LARGE


def test_pages_with_more_than_asked_for_end(mailman: FakeMailman, reader: ListReader) -> None:
    """A server that always gives a full page of the same is not asked for ever."""
    row = b'{"email": "a@b.example", "self_link": "x"}'
    body = b'{"total_size": 400000, "entries": [' + b",".join([row] * (PAGE + 1)) + b"]}"
    mailman.mischief = lambda path: Answer(body=body) if f"count={PAGE}" in path else None
    with pytest.raises(MailmanTrouble):
        addresses(reader)
    assert len(mailman.asked) < 40


def test_languages_are_learnt_a_few_at_a_time(
    mailman: FakeMailman, connection: BoundedConnection, reader: ListReader
) -> None:
    """New members first; Mailman's own default is no choice; nobody is asked for where it makes no difference."""
    members = reader.everybody().members
    mailman.languages = {"p00@m.example": "es", "p01@m.example": "pt_BR", "p20@m.example": "fr", "p21@m.example": "x-y"}
    languages = Languages((RosterEntry("p34@m.example", "", Role.MEMBER, language="de"),), 20)
    first = dict(languages.learn(connection, reader, members))
    assert {address: found for address, found in first.items() if found} == {
        "p00@m.example": "es",
        "p01@m.example": "pt",
        "p34@m.example": "de",
    }
    second = dict(languages.learn(connection, reader, members))
    assert (second["p20@m.example"], second["p21@m.example"], second["p34@m.example"]) == ("fr", "", "")
    asked = len(mailman.asked)
    assert Languages(None).learn(connection, reader, members) == {}
    assert len(mailman.asked) == asked


def test_languages_do_not_stop_a_roster(
    mailman: FakeMailman, connection: BoundedConnection, reader: ListReader
) -> None:
    """Where Mailman fails to tell, what was known stays."""
    members = reader.everybody().members
    mailman.mischief = lambda path: Answer(500) if "preferences" in path else None
    known = (RosterEntry("p00@m.example", "", Role.MEMBER, language="es"),)
    assert Languages(known).learn(connection, reader, members) == {"p00@m.example": "es"}
