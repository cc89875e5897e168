"""Delivery to next hops over kept connections. Whatever the network does, every recipient gets an outcome."""

import asyncio
import math
import ssl
from functools import partial

from listward.wire.attempt import Attempt, Load, nobody
from listward.wire.capabilities import UNREACHABLE, Capabilities
from listward.wire.client import open_session, verifying
from listward.wire.connection import Broken, Connection
from listward.wire.envelope import Envelope, Recipient
from listward.wire.health import Health
from listward.wire.hop import Hop
from listward.wire.limits import Limits
from listward.wire.outcome import Delivery
from listward.wire.outgoing import Outgoing
from listward.wire.payload import Payload
from listward.wire.refusals import BAD_CONTENT, SHUT_DOWN
from listward.wire.reply import Reply
from listward.wire.sessions import Sessions
from listward.wire.watch import Watch


class Pool:
    """Connections to next hops, kept apart by server, for one event loop.

    `hostname` is our name in EHLO. `tls` verifies servers that need TLS (by default with the system's authorities).
    `watch` hears what is learnt of them.
    """

    def __init__(
        self,
        hostname: str,
        limits: Limits | None = None,
        *,
        tls: ssl.SSLContext | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._hostname = hostname
        self._limits = limits or Limits()
        self._tls = tls
        self._watch = watch or Watch()
        self._health = Health(self._limits, self._answers, self._watch)
        self._sessions: dict[Hop, Sessions] = {}
        self._seen: dict[Hop, tuple[float, Capabilities]] = {}
        self._probing: dict[Hop, asyncio.Lock] = {}
        self._closed = False

    async def deliver(self, hop: Hop, envelope: Envelope, data: Payload, timeout_s: float) -> dict[str, Delivery]:
        """Deliver a message within `timeout_s`.

        Returns an outcome for every recipient's address and never raises for trouble with the network or the hop.
        Only what is well-formed leaves: content with bare CR, bare LF or NUL is refused here.
        """
        content = Outgoing(data)
        if self._closed or content.fault:
            return nobody(envelope, SHUT_DOWN if self._closed else BAD_CONTENT)
        deadline = asyncio.get_running_loop().time() + timeout_s
        deliveries: dict[str, Delivery] = {}
        for part in _transactions(hop, envelope):
            deliveries |= await self._pass_on(hop, Load(part, content), deadline)
        return deliveries

    async def probe(self, hop: Hop) -> Capabilities:
        """Return what one server offers, `spares` aside, at most `probe_ttl_s` old.

        `reachable` is False where it does not answer.
        """
        async with self._probing.setdefault(hop, asyncio.Lock()):
            self._health.order(hop)
            until, known = self._seen.get(hop, (0.0, UNREACHABLE))
            if asyncio.get_running_loop().time() < until:
                return known
            trouble = await self._trouble(hop)
            if trouble is None:
                self._health.answered(hop)
            else:
                self._remember(hop, UNREACHABLE)
                self._health.failed(hop, trouble)
            return self._seen[hop][1]

    async def close(self) -> None:
        """Say QUIT on every idle connection and take no more work. Transactions that run go on to their end."""
        self._closed = True
        for sessions in self._sessions.values():
            sessions.close()
        await self._health.close()

    async def _pass_on(self, hop: Hop, load: Load, deadline: float) -> dict[str, Delivery]:
        """Ask one server after another, as long as nothing of the content has been sent."""
        servers = self._health.order(hop)
        clock = asyncio.get_running_loop().time
        for server in servers:
            spared = server is not servers[-1]
            patience = min(deadline, clock() + self._limits.connect_timeout_s) if spared else deadline
            attempt = Attempt(self._sessions_with(server), load, server.name)
            outcome = await attempt.run(deadline, patience)
            if attempt.trouble is None:
                self._health.worked(server)
                break
            if attempt.at_fault:
                self._health.failed(server, attempt.trouble)
            if not attempt.untouched or clock() >= deadline:
                break
        return outcome

    def _sessions_with(self, hop: Hop) -> Sessions:
        sessions = self._sessions.get(hop)
        if sessions is None:
            sessions = Sessions(self._limits, partial(self._open, hop), partial(self._watch.waited, hop))
            self._sessions[hop] = sessions
        return sessions

    async def _open(self, hop: Hop, deadline: float = math.inf) -> Connection:
        """Open a connection before the deadline. Raises Broken."""
        if hop.tls != "never" and self._tls is None:
            self._tls = verifying()
        left = min(self._limits.connect_timeout_s, deadline - asyncio.get_running_loop().time())
        connection = await open_session(hop, self._hostname, left, self._tls)
        self._remember(hop, connection.capabilities)
        self._watch.learnt(hop, connection.capabilities)
        return connection

    async def _answers(self, hop: Hop) -> bool:
        """Whether a connection could be opened; it is kept for the next message."""
        return await self._trouble(hop) is None

    async def _trouble(self, hop: Hop) -> Reply | None:
        try:
            connection = await self._open(hop)
        except Broken as broken:
            return broken.reply
        self._sessions_with(hop).give_back(connection)
        return None

    def _remember(self, hop: Hop, capabilities: Capabilities) -> None:
        self._seen[hop] = (asyncio.get_running_loop().time() + self._limits.probe_ttl_s, capabilities)


def _transactions(hop: Hop, envelope: Envelope) -> list[Envelope]:
    """Return the envelope once, or for LMTP once for each recipient; each address once.

    LMTP owes a reply for each recipient (RFC 2033 section 4.2). Servers exist that give one for all of them, and
    nobody can tell then whether others follow. With one recipient there is no doubt.
    """
    if len(envelope.recipients) == 1:
        return [envelope]
    unique: dict[str, Recipient] = {}
    for recipient in envelope.recipients:
        unique.setdefault(recipient.address, recipient)
    recipients = tuple(unique.values())
    groups = [(recipient,) for recipient in recipients] if hop.protocol == "lmtp" else [recipients]
    return [Envelope(envelope.sender, group, envelope.parameters) for group in groups if group]
