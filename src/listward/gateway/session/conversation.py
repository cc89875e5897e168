"""One SMTP conversation: its state, its command loop, and the one place where replies are written and counted."""

import asyncio
import time

from listward.filters.transaction import Client
from listward.gateway.session import replies, verbs
from listward.gateway.session.arriving import Arriving, Elsewhere
from listward.gateway.session.bounds import Bounds
from listward.gateway.session.content import Content, Room
from listward.gateway.session.door import Door, Passage
from listward.gateway.session.inlet import Inlet, LineTooLong
from listward.gateway.session.mail import Mail
from listward.gateway.session.patience import Patience
from listward.gateway.session.peers import Named
from listward.wire.reply import Reply

_OUTPUT = 16_384  # octets of replies that may wait for more commands of the same block
_AT_ONCE = 100  # pipelined commands, after which other clients get their turn

Works = set["asyncio.Task[Reply]"]


class Conversation(Arriving):
    """A client's connection. Verbs read and change the public attributes."""

    def __init__(
        self,
        door: Door,
        bounds: Bounds,
        works: Works,
        crowd: "set[Conversation]",
        elsewhere: Elsewhere | None = None,
    ) -> None:
        super().__init__(door, bounds, elsewhere)
        self.works = works
        self._crowd = crowd
        self.inlet = Inlet(self.read, self.flush)
        self._out: list[bytes] = []
        self._out_size = 0
        self.helo, self.extended = "", False
        self.mail: Mail | None = None
        self.patience: Patience | None = None
        self._watching = False
        self._due_answer: asyncio.Future[None] | None = None
        self.closing = self.greeted = self._retired = False
        self.waiting = False
        self._errors = self._commands = 0
        self._end = 0.0

    # -- the connection

    async def converse(self) -> None:
        """Greet, then answer commands until somebody closes."""
        self._crowd.add(self)
        self._end = time.monotonic() + self.terms.session_timeout_s
        if not await self.arrive():
            return
        self.greet()
        while not self.closing:
            await self._turn()
        if self._retired:
            self.write(replies.CLOSING)
        await self.flush()

    def greet(self) -> None:
        """Queue the greeting, at the start and after XCLIENT."""
        self.greeted = True
        self.write(Reply(220, "", f"{self.terms.hostname} ESMTP"))

    def write(self, reply: Reply) -> None:
        """Queue one reply; it leaves when we next wait for the client (RFC 2920 section 3.2)."""
        data = replies.octets(reply)
        self._out.append(data)
        self._out_size += len(data)

    async def flush(self) -> None:
        """Send what is queued, and wait while the client does not read: so the queue never grows."""
        if self._out:
            data = b"".join(self._out)
            self._out.clear()
            self._out_size = 0
            await self.send(data)

    def retire(self) -> None:
        """Close now when idle, else after the answer that is due: 421 either way (RFC 5321 section 3.8)."""
        self.closing = self._retired = True
        if self.waiting:
            self.send_last(replies.octets(replies.CLOSING))

    def timed_out(self) -> None:
        """Close a client that is silent or too slow; while it waits for us its answer is due."""
        if self._due_answer is not None:
            self._answer_is_due()
            return
        now = time.monotonic()
        watched = self.patience if self._watching else None
        if watched is not None and (more := watched.more(now)) > 0:
            self.arm(more)
            return
        if watched is not None:
            limit = "data_time" if watched.is_over(now) else "data_rate"
        elif self.greeted:
            limit = "session_time" if now + 0.01 >= self._end else "idle"  # a timer may go off a little early
        else:  # whatever waits for a PROXY header, it is no client: not a word
            limit = "proxy_header"
        self.closing = True  # a line that came in this very moment is not answered, and no limit counts twice
        self.bounds.hit(limit)
        self.cut_off()
        if (reply := replies.TIMED_OUT.get(limit)) is not None:
            self.send_last(replies.octets(reply))
        self.hang_up()

    def failed(self, error: Exception) -> None:
        """Count what nobody expected; the client hears 421 and keeps its message."""
        self.bounds.hit("session_errors")
        self.send_last(replies.octets(replies.CLOSING))

    def gone(self) -> None:
        """Give back every place this connection took. Work after the dot goes on without it."""
        self._crowd.discard(self)
        self.leave()
        self.drop_mail()

    def client(self) -> Client:
        """Return who sends, as far as we know it: behind a peer only what the peer names."""
        peer, named, identity = self.peer, self.named, self.identity
        if peer is None:
            name = identity.name if identity is not None else None
            return Client(self.address, self.helo, identity=name, tls=self.encrypted)
        own_helo = self.helo if peer.gives in {"proxy", "xclient"} else ""
        return Client(
            named.address,
            named.helo or own_helo,
            after_queue=peer.after_queue,
            one_reply=peer.one_reply,
            tls=self.encrypted,
            authserv_ids=peer.authserv_ids,
        )

    # -- commands

    async def _turn(self) -> None:
        """Read one command and queue its reply."""
        try:
            line = self.inlet.ready_line(self.terms.max_command_line) or await self.next_line()
        except LineTooLong:
            self.bounds.hit("command_line")
            self._answer(replies.LINE_TOO_LONG)
            return
        if self.closing:
            return
        self._commands += 1
        if self._commands > self.terms.max_commands:
            self.bounds.hit("commands")
            self.last(replies.TOO_MANY_COMMANDS)
            return
        self._answer(await self._reply_to(line))
        if self._out_size > _OUTPUT or self._commands % _AT_ONCE == 0:
            await self.flush()
            await asyncio.sleep(0)

    def _idle_s(self) -> float:
        """How long this client may say nothing. Where places run out, whoever holds one for nothing soon loses it."""
        terms = self.terms
        if self.peer is None and self.bounds.crowded(terms.max_clients):
            return min(terms.idle_timeout_s, terms.crowded_idle_timeout_s)
        return terms.idle_timeout_s

    async def next_line(self, limit: int = 0) -> bytes:
        """Wait for a line, not beyond the end of the session. Raises LineTooLong; `limit` 0 is a command's."""
        left = self._end - time.monotonic()
        if left <= 0:
            self.bounds.hit("session_time")
            self.last(replies.TIMED_OUT["session_time"])
            return b""
        self.arm(min(self._idle_s(), left))
        self.waiting = True
        try:
            return await self.inlet.line(limit or self.terms.max_command_line)
        finally:
            self.waiting = False

    async def _reply_to(self, line: bytes) -> Reply | None:
        try:
            answer = verbs.obey(self, line)
            return answer if answer is None or isinstance(answer, Reply) else await answer
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
            self.last(replies.TOO_MANY_ERRORS)

    def last(self, reply: Reply) -> None:
        """Queue a reply after which the connection is closed."""
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
        self.mail = self.patience = None
        if self.peer is not None and self.peer.gives == "xforward":
            self.named = Named()

    def reset(self) -> None:
        """Forget the greeting, the login and the transaction, as after STARTTLS (RFC 3207 section 4.2) and XCLIENT."""
        self.drop_mail()
        self.helo, self.extended, self.identity = "", False, self.certified

    def room(self) -> Room:
        """Return what a message may take here and now.

        A peer that has said 250 already would bounce what we refuse; what is too large for the next hop alone is held.
        """
        most, terms = self.terms.max_message_bytes, self.terms
        if self.peer is None or not self.peer.after_queue:
            most = min(most, self.door.size_limit())
        return Room(most, terms.max_inflight_bytes, terms.spool)

    def begin_passage(self) -> Passage:
        """Fix the configuration that this transaction is judged under."""
        return self.door.begin()

    def watch(self, content: Content) -> None:
        """Watch the rate at which content comes, until `unwatch`. Chunks of one message share one time (RFC 3030)."""
        terms, now = self.terms, time.monotonic()
        if self.patience is None or self.patience.content is not content:
            self.patience = Patience(content, now, terms.data_timeout_s, terms.min_data_rate, terms.data_grace_s)
        self._watching = True
        self.arm(self.patience.more(now))

    def unwatch(self) -> None:
        """Stop watching; the answer has its own deadline."""
        self._watching = False
        self.arm(self.terms.reply_deadline_s + self.terms.idle_timeout_s)

    async def answer_to(self, work: "asyncio.Task[Reply]") -> None:
        """Wait until the work has ended or its answer is due. It goes on then, and also when this connection ends."""
        due = self._due_answer = self._loop.create_future()
        self.arm(self.terms.reply_deadline_s)
        work.add_done_callback(self._answer_is_due)
        try:
            await due
        finally:
            self._due_answer = None
            self.arm(self.terms.idle_timeout_s)

    def _answer_is_due(self, work: "asyncio.Task[Reply] | None" = None) -> None:
        if self._due_answer is not None and not self._due_answer.done():
            self._due_answer.set_result(None)
