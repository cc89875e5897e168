"""What Mailman's answers must look like, by schema, and how a whole collection is read from its pages."""

from collections.abc import Callable, Iterator
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from mailmanclient import Member
from mailmanclient.restbase.page import Page
from msgspec import Meta, Struct

from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble

PAGE = 500  # rows a question; Mailman takes a third of a second for as many people
MOST_ROWS = 500_000  # of one collection
_NOT_AS_PROMISED = (msgspec.ValidationError, KeyError, TypeError, AttributeError, ValueError)
_MEMBER_FIELDS = ("email", "display_name", "moderation_action", "user", "self_link")

Action = Literal["accept", "defer", "hold", "reject", "discard"]
Text = Annotated[str, Meta(max_length=2000)]


class MemberRow(Struct, frozen=True):
    """A subscriber, owner, moderator or nonmember of a list. `user` is a link, "" without one."""

    email: Text
    self_link: Text
    display_name: Text = ""
    moderation_action: Action | None = None
    user: Text = ""


class AddressRow(Struct, frozen=True):
    """An address that Mailman knows; `verified_on` is "" until its owner has confirmed it."""

    email: Text
    self_link: Text
    user: Text = ""
    verified_on: Text = ""


class BanRow(Struct, frozen=True):
    """A banned address, or a regular expression that begins with "^"."""

    email: Text
    self_link: Text


class DefaultAction(Struct, frozen=True):
    """What becomes of the posts of members for whom nothing else is said."""

    default_member_action: Action


class Preferences(Struct, frozen=True):
    """The one preference that matters here."""

    preferred_language: Text = ""


Told = Callable[[int, int], None]
R = TypeVar("R", MemberRow, AddressRow, BanRow)
S = TypeVar("S", bound=Struct)


class Changed(Exception):
    """The collection changed between two of its pages: nothing of this reading may be used."""


def members_path(list_id: str, role: str, action: str = "") -> str:
    """The collection of one role of a list, or of those with one moderation action."""
    chosen = {"moderation_action": action} if action else {}
    return "members/find?" + urlencode({"list_id": list_id, "role": role, **chosen, "fields": _MEMBER_FIELDS}, True)


def list_path(list_id: str, below: str) -> str:
    """A resource of one list."""
    return f"lists/{quote(list_id, safe='')}/{below}"


def total(connection: BoundedConnection, path: str) -> int:
    """How many rows a collection has. Raises MailmanTrouble."""
    answer = connection.get(f"{path}{'&' if '?' in path else '?'}count=0&page=1")
    return _size(answer.get("total_size"))


def every(
    connection: BoundedConnection, path: str, kind: type[R], told: Told = lambda done, total: None
) -> tuple[R, ...]:
    """Read a whole collection. Raises MailmanTrouble, and Changed where its pages do not fit together.

    `told` hears after each page how many rows there are of how many.
    """
    rows: list[R] = []
    for size, page in pages(connection, path, kind, PAGE):
        rows += page
        told(len(rows), size)
    if len({row.self_link for row in rows}) != len(rows):
        raise Changed  # one row slid into the next page, so another may have slid past us
    return tuple(rows)


def pages(connection: BoundedConnection, path: str, kind: type[R], count: int) -> Iterator[tuple[int, list[R]]]:
    """Yield each page of a collection and the size of the whole. Raises MailmanTrouble, Changed."""
    size, done, number = 0, 0, 0
    while number == 0 or done < size:
        number += 1
        page = _page(connection, path, number, count)
        if number > 1 and _size(page.total_size) != size:
            raise Changed
        size = _size(page.total_size)
        rows = [as_kind(kind, member.rest_data) for member in page]
        done += len(rows)
        if done != min(size, number * count):
            raise Changed
        yield size, rows


def one(connection: BoundedConnection, path: str, kind: type[S]) -> S:
    """Read one resource. Raises MailmanTrouble."""
    return as_kind(kind, connection.get(path))


def as_kind(kind: type[S], found: object) -> S:
    """Check an object against its schema. Raises MailmanTrouble."""
    try:
        return msgspec.convert(found, kind)
    except _NOT_AS_PROMISED:
        raise MailmanTrouble(Kind.GARBAGE) from None


def last_part(link: str) -> str:
    """The id at the end of a link, fit for a path: what else a link says does not count."""
    return quote(link.rstrip("/").rpartition("/")[2], safe="")


def _page(connection: BoundedConnection, path: str, number: int, count: int) -> Page:
    try:
        return Page(connection, path, Member, count, number)
    except _NOT_AS_PROMISED:
        raise MailmanTrouble(Kind.GARBAGE) from None


def _size(found: object) -> int:
    if not isinstance(found, int) or found < 0:
        raise MailmanTrouble(Kind.GARBAGE)
    if found > MOST_ROWS:
        raise MailmanTrouble(Kind.TOO_LARGE)
    return found
