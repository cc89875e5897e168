"""Delivery to next hops over kept connections. Whatever the network does, every recipient gets an outcome."""

import asyncio
import ssl

from listward.wire.capabilities import Capabilities
from listward.wire.commands import Needs, needs_of
from listward.wire.connection import Broken, Connection
from listward.wire.dots import malformed, stuff, terminated
from listward.wire.envelope import Envelope, Recipient
from listward.wire.hop import Hop
from listward.wire.idle import Idle
from listward.wire.outcome import Delivery, Step
from listward.wire.refusals import BAD_CONTENT, FAILED, SHUT_DOWN, TOO_SLOW
from listward.wire.reply import Reply
from listward.wire.sessions import Sessions
from listward.wire.transaction import Transaction


class Pool:
    """Connections to next hops, kept apart by hop, for one event loop.

    `hostname` is our name in EHLO. `connect_timeout_s` bounds everything before MAIL. A connection is kept for
    `idle_s` without work, `max_age_s` and `max_uses` in all; `max_idle` and `max_connections` are per hop.
    `tls` verifies hops that need TLS (the system's authorities by default).
    """

    def __init__(
        self,
        hostname: str,
        connect_timeout_s: float = 10.0,
        max_idle: int = 8,
        *,
        max_connections: int = 50,
        idle_s: float = 30.0,
        max_age_s: float = 300.0,
        max_uses: int = 1000,
        probe_ttl_s: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        idle = Idle(max_idle, idle_s, max_age_s, max_uses)
        self._sessions = Sessions(hostname, connect_timeout_s, idle, probe_ttl_s, tls)
        self._max_connections = max_connections
        self._slots: dict[Hop, asyncio.Semaphore] = {}

    async def deliver(self, hop: Hop, envelope: Envelope, data: bytes, timeout_s: float) -> dict[str, Delivery]:
        """Deliver CRLF text, without dot-stuffing and final dot, within `timeout_s`.

        Returns an outcome for every recipient's address and never raises for trouble with the network or the hop.
        Only what is well-formed leaves: content with bare CR, bare LF or NUL is refused here.
        """
        if self._sessions.closed or malformed(data) is not None:
            return _same(envelope, SHUT_DOWN if self._sessions.closed else BAD_CONTENT)
        data = terminated(data)
        needs, stuffed = needs_of(data), stuff(data)
        deadline = asyncio.get_running_loop().time() + timeout_s
        deliveries: dict[str, Delivery] = {}
        for part in _transactions(hop, envelope):
            deliveries |= await self._within(deadline, hop, part, needs, stuffed)
        return deliveries

    async def probe(self, hop: Hop) -> Capabilities:
        """Return what the hop offers, at most `probe_ttl_s` old; `reachable` is False where it does not answer."""
        return await self._sessions.capabilities(hop)

    async def close(self) -> None:
        """Say QUIT on every idle connection and take no more work. Transactions that run go on to their end."""
        self._sessions.close()

    async def _within(
        self, deadline: float, hop: Hop, part: Envelope, needs: Needs, stuffed: bytes
    ) -> dict[str, Delivery]:
        """One transaction under the deadline, waiting for a free connection included."""
        attempt = _Attempt(self._sessions, hop, part)
        try:
            async with asyncio.timeout_at(deadline), self._slot(hop):
                await attempt.run(needs, stuffed)
        except TimeoutError:
            return attempt.outcome(TOO_SLOW)
        except Broken as broken:
            return attempt.outcome(broken.reply)
        except (OSError, ValueError, RuntimeError):  # a fault of ours or the loop's must not cost anybody the outcome
            return attempt.outcome(FAILED)
        return attempt.outcome(FAILED)

    def _slot(self, hop: Hop) -> asyncio.Semaphore:
        slot = self._slots.get(hop)
        if slot is None:
            slot = self._slots[hop] = asyncio.Semaphore(self._max_connections)
        return slot


class _Attempt:
    """One envelope's way to the hop, over a kept connection, a fresh one, or first the one and then the other."""

    def __init__(self, sessions: Sessions, hop: Hop, envelope: Envelope) -> None:
        self._sessions = sessions
        self._hop = hop
        self._envelope = envelope
        self._transaction: Transaction | None = None

    async def run(self, needs: Needs, stuffed: bytes) -> None:
        """Try a kept connection; where that proves stale before any content went out, a fresh one, once."""
        kept = await self._sessions.kept(self._hop)
        if kept is not None:
            try:
                return await self._transact(kept, needs, stuffed)
            except Broken:
                if self._transaction is not None and self._transaction.content_begun:
                    raise
                self._transaction = None
        return await self._transact(await self._sessions.fresh(self._hop), needs, stuffed)

    def outcome(self, reply: Reply) -> dict[str, Delivery]:
        """Return everybody's outcome; `reply` where there is no other."""
        if self._transaction is None:
            return _same(self._envelope, reply)
        self._transaction.finish(reply)
        return self._transaction.deliveries

    async def _transact(self, connection: Connection, needs: Needs, stuffed: bytes) -> None:
        self._transaction = Transaction(connection, self._envelope, needs)
        done = False
        try:
            await self._transaction.run(stuffed)
            done = True
        finally:  # also when the task is cancelled: a connection amid a transaction is never kept
            if done:
                self._sessions.give_back(self._hop, connection)
            else:
                connection.abort()


def _same(envelope: Envelope, reply: Reply) -> dict[str, Delivery]:
    return {address: Delivery(reply, Step.CONNECT) for address in envelope.addresses}


def _transactions(hop: Hop, envelope: Envelope) -> list[Envelope]:
    """Return the envelope once, or for LMTP once for each recipient; each address once.

    LMTP owes a reply for each recipient (RFC 2033 section 4.2). Servers exist that give one for all of them, and
    nobody can tell then whether others follow. With one recipient there is no doubt.
    """
    unique: dict[str, Recipient] = {}
    for recipient in envelope.recipients:
        unique.setdefault(recipient.address, recipient)
    recipients = tuple(unique.values())
    groups = [(recipient,) for recipient in recipients] if hop.protocol == "lmtp" else [recipients]
    return [Envelope(envelope.sender, group, envelope.parameters) for group in groups if group]
