"""Which languages members chose. Each is one question to Mailman, so a few are asked in each round, and remembered."""

from collections.abc import Iterable, Sequence

from listward.filters.identity.author import plain_address
from listward.filters.probes import RosterEntry
from listward.queue.courier.mailman.connection import BoundedConnection
from listward.queue.courier.mailman.reading import ListReader, usual_language
from listward.queue.courier.mailman.rows import MemberRow
from listward.queue.courier.mailman.trouble import MailmanTrouble

IN_A_ROUND = 200  # two seconds of Mailman's time
_LETTERS = 3


class Languages:
    """What is known of one list's members: new ones are asked for first, then those not asked for longest.

    `known` is the latest copy; None asks for nobody.
    """

    def __init__(self, known: Iterable[RosterEntry] | None, in_a_round: int = IN_A_ROUND) -> None:
        self._in_a_round = 0 if known is None else in_a_round
        self._learnt = {entry.address: entry.language for entry in known or () if entry.language}

    def learn(self, connection: BoundedConnection, reader: ListReader, members: Sequence[MemberRow]) -> dict[str, str]:
        """Ask for some, and return what is known by address. Where Mailman will not say, what was known stays."""
        if not self._in_a_round:
            return {}
        rows = {address: row for row in members if (address := plain_address(row.email))}
        self._learnt = {address: found for address, found in self._learnt.items() if address in rows}
        new = [address for address in rows if address not in self._learnt]
        try:
            usual = usual_language(connection)
            for address in (*new, *self._learnt)[: self._in_a_round]:
                found = reader.language(rows[address])
                self._learnt.pop(address, None)  # so that it goes to the end of the row
                self._learnt[address] = "" if found == usual else _code(found)
        except MailmanTrouble:
            pass  # a member who left meanwhile, or a Mailman that is busy: the roster itself is whole
        return self._learnt


def _code(language: str) -> str:
    """Mailman writes "pt_BR"; templates have "pt". "" for what is no such code."""
    code = language.replace("-", "_").partition("_")[0].lower()
    return code if code.isascii() and code.isalpha() and 1 < len(code) <= _LETTERS else ""
