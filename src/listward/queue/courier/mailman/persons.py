"""Who of a Mailman's users has several addresses: one pass over all addresses, now and then, shared by its lists."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

from listward.filters.identity.author import plain_address
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.reading import SHARE, TRIES, ListReading
from listward.queue.courier.mailman.rows import AddressRow, Changed, as_kind, last_part, pages
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble

ADDRESSES = 3000  # a question: for each, Mailman sorts all addresses it knows
Several = Mapping[str, tuple[str, ...]]


class Persons:
    """The confirmed addresses of users who have several, by the user's id. In any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._found: dict[str, tuple[str, ...]] | None = None
        self._next = float("-inf")
        self._asking = threading.Lock()

    def several(self, connection: BoundedConnection) -> Several | None:
        """Ask where it is time. In trouble what was found last stays; None where nothing ever was."""
        with self._asking:
            started = self._monotonic()
            if started >= self._next:
                self._ask(connection)
                self._next = self._monotonic() + SHARE * (self._monotonic() - started)
            return self._found

    def _ask(self, connection: BoundedConnection) -> None:
        for _ in range(TRIES):
            try:
                self._found = _several(connection, self._found or {})
            except Changed:
                continue
            except MailmanTrouble:
                pass  # no reason to give up the list: its members are known, and their other addresses of last time
            return


def as_before(reading: ListReading, before: Iterable[RosterEntry]) -> Several:
    """What the latest copy of a list knew of its members' other addresses, by the user's id."""
    known = {entry.address: (entry.address, *entry.others) for entry in before if entry.others}
    return {
        last_part(row.user): known[address]
        for row in reading.members
        if row.user and (address := plain_address(row.email)) in known
    }


def _several(connection: BoundedConnection, before: Several) -> dict[str, tuple[str, ...]]:
    """A question for each user would take Mailman far longer than a pass over all addresses."""
    found: dict[str, tuple[str, ...]] = {}
    for _, rows in pages(connection, "addresses", AddressRow, ADDRESSES):
        for row in rows:
            if row.user and row.verified_on:
                user = last_part(row.user)
                found[user] = (*found.get(user, ()), row.email)
    for user, addresses in before.items():
        for address in addresses:
            if address not in found.get(user, ()) and _belongs(connection, user, address):
                raise Changed  # it slid past us between two pages
    return {user: addresses for user, addresses in found.items() if len(addresses) > 1}


def _belongs(connection: BoundedConnection, user: str, address: str) -> bool:
    try:
        row = as_kind(AddressRow, connection.get(f"addresses/{quote(address, safe='')}"))
    except MailmanTrouble as trouble:
        if trouble.kind is Kind.NO_LIST:
            return False
        raise
    return bool(row.verified_on) and last_part(row.user) == user
