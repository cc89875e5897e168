"""One envelope's way to one server: over a kept connection, a fresh one, or first the one and then the other."""

from dataclasses import dataclass

from listward.wire.connection import Broken, Connection
from listward.wire.envelope import Envelope
from listward.wire.outcome import Delivery, Step
from listward.wire.outgoing import Outgoing
from listward.wire.refusals import CLOSING, FAILED, TOO_SLOW
from listward.wire.reply import Reply
from listward.wire.sessions import Sessions
from listward.wire.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be delivered, the same for every server and try: the envelope and the content."""

    envelope: Envelope
    content: Outgoing


class Attempt:
    """Runs once. `trouble` is what kept the server from answering; None where it answered.

    `at_fault` says whether that tells against the server; `untouched` says that nothing of the content was sent and not
    everybody has an outcome, so that another server may be asked.
    """

    def __init__(self, sessions: Sessions, load: Load, name: str) -> None:
        self._sessions = sessions
        self._load = load
        self._name = name
        self._transaction: Transaction | None = None
        self._crowded = False
        self.trouble: Reply | None = None
        self.untouched = True

    @property
    def at_fault(self) -> bool:
        """The server could not be used, or said that it is closing."""
        closing = self._transaction is not None and self._transaction.closing
        return self.trouble is not None and not self._crowded and (self.untouched or closing)

    async def run(self, deadline: float, patience: float) -> dict[str, Delivery]:
        """Return everybody's outcome; until the content begins, the server has only until `patience` to answer."""
        try:
            if await self._sessions.enter(patience):
                try:
                    await self._kept_or_fresh(deadline, patience)
                finally:
                    self._sessions.leave()
            else:
                self._crowded, self.trouble = True, TOO_SLOW
        except Broken as broken:
            self.trouble = broken.reply
        except (OSError, ValueError, RuntimeError):  # a fault of ours or the loop's must not cost anybody the outcome
            self.trouble = FAILED
        self.untouched = self._is_untouched()
        return self._outcome(self.trouble or FAILED)

    async def _kept_or_fresh(self, deadline: float, patience: float) -> None:
        """Try a kept connection; where that proves stale before any content went out, a fresh one, once."""
        kept = self._sessions.kept()
        if kept is not None:
            try:
                return await self._transact(kept, deadline, patience)
            except Broken:
                if not self._is_untouched():
                    raise
                self._transaction = None
        fresh = await self._sessions.fresh(patience)
        return await self._transact(fresh, deadline, patience)

    async def _transact(self, connection: Connection, deadline: float, patience: float) -> None:
        load = self._load
        transaction = self._transaction = Transaction(connection, load.envelope, load.content.needs, self._name)
        done = False
        connection.until(patience)
        try:
            await transaction.run(load.content, deadline if deadline > patience else None)
            done = True
        finally:  # also when the task is cancelled: a connection amid a transaction is never kept
            connection.until(None)
            if done:
                self._sessions.give_back(connection)
            else:
                connection.abort()
        if transaction.closing:
            self.trouble = CLOSING

    def _is_untouched(self) -> bool:
        transaction = self._transaction
        return transaction is None or not (transaction.content_begun or transaction.settled)

    def _outcome(self, reply: Reply) -> dict[str, Delivery]:
        """Return everybody's outcome; `reply` where there is no other."""
        if self._transaction is None:
            return nobody(self._load.envelope, reply, self._name)
        self._transaction.finish(reply)
        return self._transaction.deliveries


def nobody(envelope: Envelope, reply: Reply, name: str = "") -> dict[str, Delivery]:
    """Return the outcome of an envelope for which nobody could be asked."""
    return {address: Delivery(reply, Step.CONNECT, False, name) for address in envelope.addresses}
