"""One mail transaction on an open connection: MAIL, RCPT, DATA, content, and each recipient's outcome.

Errors are temporary by default. A 2xx or 3xx where none is due is no answer: the connection is out of step.
"""

from collections.abc import Iterator

from listward.wire.commands import Commands, Needs, commands_for
from listward.wire.connection import Broken, Connection
from listward.wire.dots import END
from listward.wire.envelope import Envelope
from listward.wire.outcome import Delivery, Step
from listward.wire.outgoing import Outgoing
from listward.wire.refusals import CLOSING, OUT_OF_STEP, fit
from listward.wire.reply import Reply

_DATA = b"DATA\r\n"
_RSET = b"RSET\r\n"


class Transaction:
    """Runs once. `deliveries` grows as answers come; `finish` fills in what is missing after a break.

    `name` is the server's, for whoever counts; `closing` says that it answered 421 after the dot. A connection that was
    used before begins with RSET: in the same write where the server takes PIPELINING. A reply left over from an earlier
    message then counts as RSET's, and never as an answer about this one.
    """

    def __init__(self, connection: Connection, envelope: Envelope, needs: Needs, name: str = "") -> None:
        self._connection = connection
        self._envelope = envelope
        self._needs = needs
        self._name = name
        self._accepted: list[str] = []
        self.deliveries: dict[str, Delivery] = {}
        self.step = Step.MAIL
        self.content_begun = False
        self.dot_sent = False
        self.closing = False

    async def run(self, content: Outgoing, deadline: float | None = None) -> None:
        """Deliver the message; from the content on until `deadline`.

        Raises Broken, fallen in `step`.
        """
        connection = self._connection
        commands = commands_for(self._envelope, self._needs, connection.capabilities)
        if commands.refused is not None:
            return self.finish(commands.refused)
        for address, reply in commands.refused_recipients.items():
            self._settle(address, reply, Step.RCPT)
        if not commands.recipients:
            return None
        connection.transactions += 1
        pipelining = connection.capabilities.offers("PIPELINING")
        if await (self._together(commands) if pipelining else self._one_by_one(commands)):
            if deadline is not None:
                connection.until(deadline)
            await self._content(content)
        return None

    @property
    def settled(self) -> bool:
        """Every recipient has an outcome."""
        return len(self.deliveries) == len(self._envelope.recipients)

    def finish(self, reply: Reply) -> None:
        """Give this reply to every recipient without an outcome; after the dot the hop may have the message."""
        for address in self._envelope.addresses:
            if address not in self.deliveries:
                self.deliveries[address] = Delivery(reply, self.step, self.dot_sent, self._name)

    def _settle(self, address: str, reply: Reply, step: Step) -> None:
        self.deliveries[address] = Delivery(reply, step, False, self._name)

    @property
    def _used_before(self) -> bool:
        return self._connection.transactions > 1

    async def _together(self, commands: Commands) -> bool:
        """RSET, MAIL, every RCPT and DATA in one write (RFC 2920 section 3.1); every answer is read."""
        connection = self._connection
        lines = [_RSET] if self._used_before else []
        lines += [commands.mail, *(line for _, line in commands.recipients), _DATA]
        connection.send(*lines, replies=len(lines))
        answers = iter(await connection.replies(len(lines)))
        if self._used_before:
            self._reset(self._next(answers, 2))
        mail = self._next(answers, 2)
        if not mail.positive:  # what RCPT and DATA say only repeats the refusal
            self.finish(fit(mail))
        for address, _ in commands.recipients:
            reply = self._next(answers, 2)
            if mail.positive:
                self._recipient(address, reply)
        return self._may_send(self._next(answers, 3))

    def _next(self, answers: Iterator[Reply], wanted: int) -> Reply:
        answer = next(answers, None)
        if answer is None:
            raise Broken(self._connection.failure)
        return _checked(answer, wanted)

    async def _one_by_one(self, commands: Commands) -> bool:
        connection = self._connection
        if self._used_before:
            self._reset(_checked(await connection.ask(_RSET), 2))
        mail = _checked(await connection.ask(commands.mail), 2)
        if not mail.positive:
            self.finish(fit(mail))
            return False
        for address, line in commands.recipients:
            self._recipient(address, _checked(await connection.ask(line), 2))
        return bool(self._accepted) and self._may_send(_checked(await connection.ask(_DATA), 3))

    def _reset(self, reply: Reply) -> None:
        if reply.code != 250:  # RFC 5321 section 4.1.1.5: nothing else can be said to RSET
            raise Broken(OUT_OF_STEP)

    def _recipient(self, address: str, reply: Reply) -> None:
        self.step = Step.RCPT
        if reply.positive:
            self._accepted.append(address)
        else:
            self._settle(address, fit(reply), Step.RCPT)

    def _may_send(self, data: Reply) -> bool:
        """Whether the content may follow DATA's answer."""
        go_ahead = data.code // 100 == 3
        if go_ahead and not self._accepted:  # RFC 2920 section 3.1: then only the dot follows, and nothing is delivered
            self._connection.send(END, replies=1)
            self._connection.quit()
            return False
        self.step = Step.DATA
        if not go_ahead:
            self.finish(fit(data))
        elif not self._connection.usable:
            raise Broken(OUT_OF_STEP)  # something came that nobody asked for
        return go_ahead

    async def _content(self, content: Outgoing) -> None:
        self.step = Step.DOT
        self.content_begun = True
        self._connection.expect()
        whole = await self._send(content)
        reply = await self._connection.reply()
        if reply.code // 100 not in {2, 4, 5} or (reply.positive and not whole):
            raise Broken(OUT_OF_STEP)
        self.dot_sent = False
        answer = Reply(250, reply.enhanced, reply.text) if reply.positive else fit(reply)
        for address in self._accepted:
            self._settle(address, answer, Step.DOT)
        self.closing = reply.code == 421
        if self.closing or not whole:
            self._connection.abort()

    async def _send(self, content: Outgoing) -> bool:
        """Send content and dot; False when the hop answered or closed before it had all, so that no dot was sent."""
        connection = self._connection
        if content.whole is not None:
            self.dot_sent = True
            connection.send(content.whole, replies=0)
            return True
        if not await connection.write(content.blocks()):
            return False
        self.dot_sent = True
        connection.send(END, replies=0)
        return True


def _checked(reply: Reply, wanted: int) -> Reply:
    """Accept the wanted class and refusals (RFC 5321 section 4.3.2: the first digit decides)."""
    if reply.code == 421:
        raise Broken(CLOSING)
    if reply.code // 100 not in {wanted, 4, 5}:
        raise Broken(OUT_OF_STEP)
    return reply
