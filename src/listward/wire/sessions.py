"""Sessions with next hops: a kept one where one is fit, else a fresh one; and what each hop was seen to offer."""

import asyncio
import ssl

from listward.wire.capabilities import UNREACHABLE, Capabilities
from listward.wire.client import open_session
from listward.wire.connection import Broken, Connection
from listward.wire.hop import Hop
from listward.wire.idle import Idle

_RESET_S = 5.0  # RSET needs no work


class Sessions:
    """Hands out connections that are ready for MAIL and takes them back. Limits as in Pool."""

    def __init__(
        self, hostname: str, connect_timeout_s: float, idle: Idle, probe_ttl_s: float, tls: ssl.SSLContext | None
    ) -> None:
        self._hostname = hostname
        self._connect_timeout_s = connect_timeout_s
        self._idle = idle
        self._probe_ttl_s = probe_ttl_s
        self._tls = tls
        self._seen: dict[Hop, tuple[float, Capabilities]] = {}
        self._probing: dict[Hop, asyncio.Lock] = {}
        self.closed = False

    async def kept(self, hop: Hop) -> Connection | None:
        """Return a kept connection, reset where the last transaction did not end well."""
        while (connection := self._idle.take(hop)) is not None:
            if not connection.needs_reset or await _reset(connection):
                return connection
        return None

    async def fresh(self, hop: Hop) -> Connection:
        """Open a connection. Raises Broken."""
        connection = await open_session(hop, self._hostname, self._connect_timeout_s, self._context(hop))
        self._remember(hop, connection.capabilities)
        return connection

    def give_back(self, hop: Hop, connection: Connection) -> None:
        """Keep the connection for the next transaction if it is still fit."""
        if self.closed:
            connection.quit()
        else:
            self._idle.put(hop, connection)

    async def capabilities(self, hop: Hop) -> Capabilities:
        """Return what the hop offers; one question at a time for each hop."""
        async with self._probing.setdefault(hop, asyncio.Lock()):
            until, known = self._seen.get(hop, (0.0, UNREACHABLE))
            if asyncio.get_running_loop().time() < until:
                return known
            try:
                self.give_back(hop, await self.fresh(hop))
            except Broken:
                self._remember(hop, UNREACHABLE)
            return self._seen[hop][1]

    def close(self) -> None:
        """Close what is idle; what is handed out closes when it comes back."""
        self.closed = True
        self._idle.close()

    def _remember(self, hop: Hop, capabilities: Capabilities) -> None:
        self._seen[hop] = (asyncio.get_running_loop().time() + self._probe_ttl_s, capabilities)

    def _context(self, hop: Hop) -> ssl.SSLContext | None:
        if hop.tls == "must" and self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls if hop.tls == "must" else None


async def _reset(connection: Connection) -> bool:
    clean = False
    try:
        async with asyncio.timeout(_RESET_S):
            clean = (await connection.ask(b"RSET\r\n")).code == 250
    except (TimeoutError, Broken):
        clean = False
    finally:
        if not clean:
            connection.abort()
    connection.needs_reset = False
    return clean
