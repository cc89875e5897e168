"""A connection before its greeting: who it is, whether there is a place for it, TLS where that comes first."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from listward.config.site import Peer
from listward.gateway.session import replies
from listward.gateway.session.bounds import Bounds
from listward.gateway.session.door import Door
from listward.gateway.session.identities import Identity
from listward.gateway.session.inlet import Disconnected, Inlet
from listward.gateway.session.peers import Named, peer_for, plain_address
from listward.gateway.session.proxy import BadHeader, header_length, source_of
from listward.gateway.session.stream import Stream
from listward.wire.reply import Reply

Elsewhere = Callable[[socket.socket], bool]
"""Gives a fresh connection to another worker, where that is better."""


class Arriving(Stream):
    """The part of a conversation that decides whether there will be one."""

    inlet: Inlet

    def __init__(self, door: Door, bounds: Bounds, elsewhere: Elsewhere | None = None) -> None:
        super().__init__()
        self._elsewhere = elsewhere
        self.door, self.bounds, self.terms = door, bounds, door.terms()
        self.address: str | None = None
        self.peer: Peer | None = None
        self.named = Named()
        self.encrypted = False
        self.identity: Identity | None = None
        self.certified: Identity | None = None
        self._counted = False
        self._entered: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection at once, so that the next one sees it; unless another worker goes on with it."""
        if self._elsewhere is not None and self._elsewhere(transport.get_extra_info("socket")):
            self.transport = None
            transport.abort()  # type: ignore[attr-defined]  # a TCP transport; our copy of the descriptor only
            return
        self._counted = self.bounds.connect(self.terms.max_clients)
        super().connection_made(transport)

    async def arrive(self) -> bool:
        """Whether the client may be greeted; it has been told, where not."""
        refusal = self._admit()
        if refusal is None and self.peer is not None and self.peer.gives == "proxy":
            self.arm(self.terms.proxy_timeout_s)
            if not await self._read_proxy_header():
                self.bounds.hit("proxy_header")
                return False
            refusal = self.enter(self.named.address)
        if refusal is None and self.terms.implicit_tls and not await self.begin_tls():
            return False
        if refusal is None and await self._talks_early():
            self.bounds.hit("early_talkers")
            refusal = replies.EARLY_TALKER
        if refusal is not None:
            self.send_last(replies.octets(refusal))
        return refusal is None

    def enter(self, address: str | None) -> Reply | None:
        """Count a client in by its own address; behind a peer that names none there is nothing to count.

        One that was counted before, under another name, is counted out.
        """
        if self._entered is not None:
            self.bounds.leave(self._entered, self.terms)
            self._entered = None
        if address is None:
            return None
        if limit := self.bounds.enter(address, self.terms):
            return replies.TOO_MANY[limit]
        self._entered = address
        return None

    def leave(self) -> None:
        """Give back every place."""
        self.enter(None)
        if self._counted:
            self._counted = False
            self.bounds.disconnect()

    async def begin_tls(self) -> bool:
        """Shake hands; False when no connection is left."""
        if self.terms.tls is None:
            return False
        self.arm(self.terms.tls_timeout_s + 1)  # the handshake's own time-out comes first
        outcome = await self.start_tls(self.terms.tls.context, self.terms.tls_timeout_s)
        self.bounds.shook_hands(outcome or "done")
        if outcome == "stalled":
            self.bounds.hit("tls_time")
        self.encrypted = not outcome
        shown = self.client_certificate() if self.encrypted and self.terms.identities is not None else None
        if shown is not None and self.terms.identities is not None:
            self.certified = self.identity = self.terms.identities.by_certificate(shown)
        return self.encrypted

    def _admit(self) -> Reply | None:
        peername: object = self.transport.get_extra_info("peername") if self.transport is not None else None
        self.address = plain_address(peername[0]) if isinstance(peername, tuple) else None
        if not self._counted:
            return replies.TOO_MANY["clients"]
        if not self.door.admits(self.address):
            self.bounds.hit("not_admitted")
            return replies.NOT_FOR_YOU
        self.peer = peer_for(self.address, self.terms.peers) if self.terms.peers else None
        return self.enter(self.address) if self.peer is None else None

    async def _read_proxy_header(self) -> bool:
        """Read exactly the header: what comes behind it is the client's, who has to wait for the greeting."""
        head = b""
        try:
            while (length := header_length(head)) is None:
                head += await self.inlet.block()
            while len(head) < length:
                head += await self.inlet.block()
            self.inlet.unread(head[length:])
            self.named = Named(source_of(head[:length]))
        except (BadHeader, Disconnected):
            return False
        return True

    async def _talks_early(self) -> bool:
        """Whether the client speaks before the greeting (RFC 5321 section 3.1), as senders of junk and browsers do.

        What comes together with a PROXY header may have waited at the balancer: nobody can say when it was sent.
        """
        if self.terms.early_talkers or (self.peer is not None and self.peer.gives == "proxy"):
            return False
        if self.terms.greeting_wait_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.terms.greeting_wait_s):
                    await self.wait_for_octets()
        return self.inlet.pending or self.has_early_octets()
