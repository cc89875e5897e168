"""What a roster says of one person, checked value by value; every kind of roster file uses the same words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from sys import intern

from listward.config.faults import Fault
from listward.filters.identity.author import plain_address
from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry

MOST_FIRST_POSTS = 1000
TEXT_LETTERS = 500
_YES = frozenset({"yes", "true", "y"})
_NO = frozenset({"no", "false", "0", "n", ""})
_ROLES = {role.value: role for role in Role}
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class RosterError(Exception):
    """A roster that cannot be used: the first 50 faults."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class BadValue(Exception):
    """What is wrong in one column or key, and what is allowed; `below` is how many lines below the row's first."""

    def __init__(self, column: str, message: str, below: int = 0) -> None:
        super().__init__(message)
        self.column, self.below = column, below


@dataclass(frozen=True, slots=True)
class Written:
    """One person as a file says it. The first of the addresses is the one that the person goes by."""

    addresses: Iterable[str]
    name: str
    role: str
    language: str = ""
    first_posts_moderated: str = ""
    until: str = ""
    reason: str = ""
    lists: Iterable[str] = ()


def person(written: Written) -> RosterEntry:
    """Return the entry of a person. Raises BadValue."""
    address, *others = dict.fromkeys(map(_address, written.addresses)) or [_address("")]
    moderated, first_posts = _first_posts(written.first_posts_moderated.lower())
    _check_text("name", written.name)
    _check_text("reason", written.reason)
    return RosterEntry(
        address=address,
        name=written.name,
        role=_role(written.role),
        first_posts_moderated=moderated,
        first_posts=first_posts,
        language=_language(written.language.lower()),
        until=_day(written.until),
        reason=written.reason,
        others=tuple(others),
        lists=tuple(sorted({intern(name.lower()) for name in written.lists})),
    )


def _address(text: str) -> str:
    address = plain_address(text)
    if not address:
        raise BadValue("address", f"{text!r} is not an address; write name@domain")
    return address


def _check_text(column: str, text: str) -> None:
    if len(text) > TEXT_LETTERS:
        raise BadValue(column, f"is longer than {TEXT_LETTERS} letters")
    if _CONTROLS.search(text):
        raise BadValue(column, "holds a control character; only text is allowed")


def _role(text: str) -> Role:
    role = _ROLES.get(text.lower())
    if role is None:
        raise BadValue("role", f"{text!r} is not a role; allowed: {', '.join(_ROLES)}")
    return role


def _first_posts(text: str) -> tuple[bool, int]:
    """Whether first posts are moderated, and how many; 0 where the roster sets no number."""
    if text in _NO:
        return False, 0
    if text in _YES:
        return True, 0
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_FIRST_POSTS))):
        count = MOST_FIRST_POSTS + 1
    else:
        count = int(text)
    if count > MOST_FIRST_POSTS:
        message = f"{text[:20]!r} is neither yes nor no, nor a number of posts up to {MOST_FIRST_POSTS}"
        raise BadValue("first_posts_moderated", message)
    return count > 0, count


def _language(text: str) -> str:
    if text and not _LANGUAGE.fullmatch(text):
        raise BadValue("language", f"{text!r} is not a language; write two letters, such as en or es")
    return intern(text)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue("until", f"{text!r} is not a day; write YYYY-MM-DD") from None
