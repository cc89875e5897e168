"""One SMTP conversation: its state, its command loop, and the one place where replies are written and counted."""

import asyncio
import time
from collections.abc import Callable

from listward.config.site import Peer
from listward.filters.transaction import Client
from listward.gateway.session import replies, verbs
from listward.gateway.session.bounds import Bounds
from listward.gateway.session.content import Content, Room
from listward.gateway.session.door import Door, Passage
from listward.gateway.session.inlet import Inlet, LineTooLong
from listward.gateway.session.mail import Mail
from listward.gateway.session.patience import Patience
from listward.gateway.session.peers import Named, peer_for, plain_address
from listward.gateway.session.seam import Seam
from listward.wire.reply import Reply

LINE_LIMIT = 2048  # RFC 5321 section 4.5.3.1.4 asks for 512; SMTPUTF8, VERP and XCLIENT need more
PROXY_TIMEOUT_S = 10.0

Works = set["asyncio.Task[Reply]"]


class Conversation(Seam):
    """A client's connection. Verbs read and change the public attributes."""

    def __init__(self, door: Door, bounds: Bounds, works: Works, crowd: "set[Conversation]") -> None:
        self.terms = door.terms()
        super().__init__(self.terms.hostname, self.terms.tls, self.terms.idle_timeout_s)
        self.door, self.bounds, self.works = door, bounds, works
        self._crowd = crowd
        self.inlet = Inlet(self.read, self.flush)
        self._out: list[bytes] = []
        self._counted: list[Callable[[], None]] = []
        self.address: str | None = None
        self.peer: Peer | None = None
        self.named = Named()
        self.helo, self.extended, self.encrypted = "", False, False
        self.mail: Mail | None = None
        self.patience: Patience | None = None
        self.closing = self._retired = False
        self.waiting = False
        self._errors = self._commands = 0

    # -- the connection

    async def converse(self) -> None:
        """Greet, then answer commands until somebody closes."""
        self._crowd.add(self)
        refusal = self._admit()
        if refusal is None and self.peer is not None and self.peer.gives == "proxy":
            self.arm(PROXY_TIMEOUT_S)
            if not await self._read_proxy_header():
                return
            refusal = self._enter(self.named.address)
        if refusal is not None:
            self.send_last(replies.octets(refusal))
            return
        self.greet()
        while not self.closing:
            await self._turn()
        if self._retired:
            self.write(replies.CLOSING)
        await self.flush()

    def greet(self) -> None:
        """Queue the greeting, at the start and after XCLIENT."""
        self.write(Reply(220, "", f"{self.terms.hostname} ESMTP"))

    def write(self, reply: Reply) -> None:
        """Queue one reply; it leaves when we next wait for the client (RFC 2920 section 3.2)."""
        self._out.append(replies.octets(reply))

    async def flush(self) -> None:
        """Send what is queued."""
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            await self.send(data)

    def retire(self) -> None:
        """Close now when idle, else after the answer that is due: 421 either way (RFC 5321 section 3.8)."""
        self.closing = self._retired = True
        if self.waiting:
            self.send_last(replies.octets(replies.CLOSING))

    def timed_out(self) -> None:
        """Close a client that is silent or too slow."""
        if self.patience is not None and (more := self.patience.more(time.monotonic())) > 0:
            self.arm(more)
            return
        self.bounds.hit("data_rate" if self.patience else "idle")
        self.send_last(replies.octets(replies.TOO_SLOW if self.patience else replies.TIME_OUT))

    def gone(self) -> None:
        """Give back every place this connection took. Work after the dot goes on without it."""
        self._crowd.discard(self)
        for give_back in self._counted:
            give_back()
        self._counted.clear()
        self.drop_mail()

    # -- who it is

    def client(self) -> Client:
        """Return who sends, as far as we know it: behind a peer only what the peer names."""
        peer, named = self.peer, self.named
        if peer is None:
            return Client(self.address, self.helo, tls=self.encrypted)
        own_helo = self.helo if peer.gives in {"proxy", "xclient"} else ""
        return Client(
            named.address,
            named.helo or own_helo,
            after_queue=peer.after_queue,
            one_reply=peer.one_reply,
            tls=self.encrypted,
            authserv_ids=peer.authserv_ids,
        )

    def _admit(self) -> Reply | None:
        peername: object = self.transport.get_extra_info("peername") if self.transport is not None else None
        self.address = plain_address(peername[0]) if isinstance(peername, tuple) else None
        if not self.bounds.connect(self.terms.max_clients):
            return replies.TOO_MANY_CLIENTS
        self._counted.append(self.bounds.disconnect)
        if not self.door.admits(self.address):
            self.bounds.hit("not_admitted")
            return replies.NOT_FOR_YOU
        self.peer = peer_for(self.address, self.terms.peers)
        return self._enter(self.address) if self.peer is None else None

    def _enter(self, address: str | None) -> Reply | None:
        """Count a client in by its own address; behind a peer that names none there is nothing to count."""
        if address is None:
            return None
        if not self.bounds.enter(address, self.terms.max_clients_per_address):
            return replies.TOO_MANY_OF_YOURS
        self._counted.append(lambda: self.bounds.leave(address))
        return None

    async def _read_proxy_header(self) -> bool:
        header = await self.proxy_header()
        if not header:
            self.bounds.hit("proxy_header")
            return False
        self.named = Named(plain_address(str(header.src_addr)) if header.src_addr is not None else None)
        return True

    # -- commands

    async def _turn(self) -> None:
        """Read one command and queue its reply."""
        if not self.inlet.pending:
            self.arm(self.terms.idle_timeout_s)
        self.waiting = True
        try:
            line = await self.inlet.line(LINE_LIMIT)
        except LineTooLong:
            self._answer(replies.LINE_TOO_LONG)
            return
        finally:
            self.waiting = False
        if self.closing:
            return
        self._commands += 1
        if self._commands > self.terms.max_commands:
            self.bounds.hit("commands")
            self._last(replies.TOO_MANY_COMMANDS)
            return
        self._answer(await self._reply_to(line))

    async def _reply_to(self, line: bytes) -> Reply | None:
        try:
            return await verbs.obey(self, line)
        except ConnectionError:
            raise
        except Exception:
            self.bounds.hit("session_errors")
            self.drop_mail()
            return replies.LATER

    def _answer(self, reply: Reply | None) -> None:
        if reply is None:
            return
        self.write(reply)
        if reply.code == 421:
            self.closing = True
        elif reply.permanent and reply.enhanced[2:4] != "7." and reply is not replies.NO_RECIPIENTS:
            self._count_error()

    def _count_error(self) -> None:
        self._errors += 1
        if self._errors > self.terms.max_errors:
            self.bounds.hit("errors")
            self._last(replies.TOO_MANY_ERRORS)

    def _last(self, reply: Reply) -> None:
        self.write(reply)
        self.closing = True

    # -- the transaction

    def begin_mail(self, mail: Mail) -> None:
        """Begin a transaction."""
        self.mail = mail

    def drop_mail(self) -> None:
        """End the transaction (RFC 5321 section 4.1.1.5); what XFORWARD said of it ends with it."""
        if self.mail is not None and self.mail.content is not None:
            self.mail.content.close()
        self.mail = None
        if self.peer is not None and self.peer.gives == "xforward":
            self.named = Named()

    def reset(self) -> None:
        """Forget the greeting and the transaction, as after STARTTLS (RFC 3207 section 4.2) and XCLIENT."""
        self.drop_mail()
        self.helo, self.extended = "", False

    def room(self) -> Room:
        """Return what a message may take here and now."""
        return Room(
            min(self.terms.max_message_bytes, self.door.size_limit()), self.terms.max_inflight_bytes, self.terms.spool
        )

    def begin_passage(self) -> Passage:
        """Fix the configuration that this transaction is judged under."""
        return self.door.begin()

    def watch(self, content: Content) -> None:
        """Watch the rate at which content comes, until `unwatch`."""
        terms = self.terms
        now = time.monotonic()
        self.patience = Patience(content, now, terms.data_timeout_s, terms.min_data_rate, terms.data_grace_s)
        self.arm(self.patience.more(now))

    def unwatch(self) -> None:
        """Stop watching; the answer has its own deadline."""
        self.patience = None
        self.arm(self.terms.reply_deadline_s + self.terms.idle_timeout_s)
