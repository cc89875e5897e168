"""One list as Mailman tells of it: counts for a glance, or everybody, checked to be whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from listward.filters.identity.author import plain_address
from listward.filters.identity.origin import Role
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.rows import (
    PAGE,
    Action,
    BanRow,
    Changed,
    DefaultAction,
    MemberRow,
    Preferences,
    Told,
    every,
    last_part,
    list_path,
    members_path,
    one,
    total,
)
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble

TRIES = 3
SHARE = 60.0  # reading everybody again and again may take a sixtieth of the time
_ROSTERS = (("member", ""), ("owner", ""), ("moderator", ""), ("nonmember", "reject"), ("nonmember", "discard"))
SITE_BANS = "bans"


@dataclass(frozen=True, slots=True)
class Glance:
    """How many there are of each kind, and the list's default. A change may hide behind equal glances for a while."""

    counts: tuple[int, ...]
    default_action: Action


@dataclass(frozen=True, slots=True)
class ListReading:
    """Everything of one list that matters here. `barred` are nonmembers whose mail the list rejects or discards.

    `bans` are addresses, and regular expressions that begin with "^"; those of the whole site are among them.
    """

    glance: Glance
    members: tuple[MemberRow, ...] = ()
    owners: tuple[MemberRow, ...] = ()
    moderators: tuple[MemberRow, ...] = ()
    barred: tuple[MemberRow, ...] = ()
    bans: tuple[str, ...] = ()


class ListReader:
    """Asks about one list. Everything raises MailmanTrouble."""

    def __init__(self, connection: BoundedConnection, list_address: str, told: Told = lambda done, total: None) -> None:
        self._connection = connection
        self._told = told
        self._id = list_id(list_address)

    def glance(self) -> Glance:
        """Ask for counts: some small questions, whatever the size of the list."""
        default = one(self._connection, list_path(self._id, "config/default_member_action"), DefaultAction)
        bans = (SITE_BANS, list_path(self._id, "bans"))
        counts = tuple(total(self._connection, path) for path in (*self._rosters(), *bans))
        return Glance(counts, default.default_member_action)

    def everybody(self, before: Iterable[RosterEntry] = ()) -> ListReading:
        """Read the list, whole. `before` is the latest copy: no member of it is given up unseen."""
        for _ in range(TRIES):
            try:
                return self._everybody(before)
            except Changed:
                continue
        raise MailmanTrouble(Kind.CHANGING)

    def language(self, member: MemberRow) -> str:
        """The language that a member chose, at any of the places where Mailman lets her."""
        path = f"members/{last_part(member.self_link)}/all/preferences"
        return one(self._connection, path, Preferences).preferred_language

    def _everybody(self, before: Iterable[RosterEntry]) -> ListReading:
        glance = self.glance()
        members, owners, moderators, *barred = self._every_roster()
        bans = (every(self._connection, path, BanRow) for path in (SITE_BANS, list_path(self._id, "bans")))
        banned = tuple(row.email for rows in bans for row in rows)
        if self.glance() != glance:
            raise Changed
        if len(members) > PAGE:
            self._check_gone({plain_address(row.email) for row in members}, before)
        together = tuple(row for rows in barred for row in rows)
        return ListReading(glance, members, owners, moderators, together, banned)

    def _every_roster(self) -> Iterator[tuple[MemberRow, ...]]:
        for number, path in enumerate(self._rosters()):
            told = () if number else (self._told,)  # the members are what takes time
            yield every(self._connection, path, MemberRow, *told)

    def _check_gone(self, found: set[str], before: Iterable[RosterEntry]) -> None:
        """Ask for each who is missing: while pages are read, one may leave, another join, and a third slide past us."""
        for entry in before:
            if entry.role is Role.MEMBER and entry.address not in found and self._subscribed(entry.address):
                raise Changed

    def _subscribed(self, address: str) -> bool:
        try:
            self._connection.get(list_path(self._id, f"member/{quote(address, safe='')}"))
        except MailmanTrouble as trouble:
            if trouble.kind is Kind.NO_LIST:
                return False
            raise
        return True

    def _rosters(self) -> tuple[str, ...]:
        return tuple(members_path(self._id, role, action) for role, action in _ROSTERS)


def usual_language(connection: BoundedConnection) -> str:
    """The language of those who chose none. Raises MailmanTrouble."""
    return one(connection, "system/preferences", Preferences).preferred_language


def list_id(list_address: str) -> str:
    """Mailman's id of a list: its address with a dot for the at sign."""
    return list_address.lower().replace("@", ".")
