"""The questions of one round to Mailman, in the thread that asks them: log in, read, make a roster of it."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from listward.config.mailman_url import MailmanUrl, parse_mailman_url
from listward.config.site import MailingList, Site
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.languages import Languages
from listward.queue.courier.mailman.people import read_bans, roster_of
from listward.queue.courier.mailman.persons import Persons, Several, as_before
from listward.queue.courier.mailman.reading import Glance, ListReader, ListReading
from listward.queue.courier.mailman.rows import Told
from listward.queue.courier.mailman.trouble import Kind, MailmanTrouble

GLANCE_S = 60.0
WHOLE_S = 900.0
PERSONS_S = 300.0


@dataclass(frozen=True, slots=True)
class Whole:
    """Everybody on one list. `took_s` and `questions` are what it cost; `unread_bans` could not be understood."""

    glance: Glance
    people: tuple[RosterEntry, ...]
    took_s: float
    questions: int
    unread_bans: int


class Asker:
    """Asks the Mailman of each list. Blocking; for several threads, one at a time for each list.

    `told` hears how many members were read, of how many.
    """

    def __init__(
        self, site: Site, monotonic: Callable[[], float] = time.monotonic, told: Told = lambda done, total: None
    ) -> None:
        self._site = site
        self._told = told
        self._monotonic = monotonic
        self._persons: dict[MailmanUrl, Persons] = {}
        self._languages: dict[str, Languages] = {}
        self._busy = set[str]()

    def glance(self, mailing_list: MailingList) -> Glance:
        """Ask for counts. Raises MailmanTrouble."""
        with self._alone(mailing_list), self._connection(mailing_list, GLANCE_S) as connection:
            return ListReader(connection, mailing_list.address).glance()

    def everybody(self, mailing_list: MailingList, before: Iterable[RosterEntry]) -> Whole:
        """Read the whole list. `before` is the latest copy. Raises MailmanTrouble."""
        started, known = self._monotonic(), tuple(before)
        with self._alone(mailing_list), self._connection(mailing_list, WHOLE_S) as connection:
            reader = ListReader(connection, mailing_list.address, self._told)
            reading = reader.everybody(known)
            languages = self._languages_of(mailing_list, known).learn(connection, reader, reading.members)
            took_s, bans = self._monotonic() - started, read_bans(reading.bans)
            people = roster_of(reading, bans, self._several(mailing_list, reading, known), languages)
            return Whole(reading.glance, people, took_s, connection.asked, bans.unread)

    def _languages_of(self, mailing_list: MailingList, known: Iterable[RosterEntry]) -> Languages:
        """Languages are asked for only where it makes a difference: each one is a question of its own."""
        if mailing_list.address not in self._languages:
            spoken = mailing_list.languages or self._site.organisation.languages
            self._languages[mailing_list.address] = Languages(known if len(spoken) > 1 else None)
        return self._languages[mailing_list.address]

    def _several(self, mailing_list: MailingList, reading: ListReading, known: Iterable[RosterEntry]) -> Several:
        persons = self._persons.setdefault(parse_mailman_url(mailing_list.roster), Persons(self._monotonic))
        with self._connection(mailing_list, PERSONS_S) as connection:
            several = persons.several(connection)
        return as_before(reading, known) if several is None else several

    @contextmanager
    def _alone(self, mailing_list: MailingList) -> Iterator[None]:
        """One thread a list: one that was given up may still hang there, and is enough."""
        if mailing_list.address in self._busy:
            raise MailmanTrouble(Kind.SLOW)
        self._busy.add(mailing_list.address)
        try:
            yield
        finally:
            self._busy.discard(mailing_list.address)

    @contextmanager
    def _connection(self, mailing_list: MailingList, patience_s: float) -> Iterator[BoundedConnection]:
        table, ends_at = self._site.mailman, self._monotonic() + patience_s
        ca_file = str(self._site.directory / table.ca_file) if table.ca_file else ""
        url = parse_mailman_url(mailing_list.roster)
        connection = BoundedConnection(url, table.user, self._password(), ca_file, ends_at, self._monotonic)
        try:
            yield connection
        finally:
            connection.close()

    def _password(self) -> str:
        """Read anew each time: a changed password needs no restart."""
        path = self._site.mailman.password_file
        try:
            password = (self._site.directory / path).read_text(encoding="utf-8").strip() if path else ""
        except (OSError, UnicodeDecodeError):
            password = ""
        if not password:
            raise MailmanTrouble(Kind.NO_PASSWORD)
        return password
