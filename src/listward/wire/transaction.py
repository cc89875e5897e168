"""One mail transaction on an open connection: MAIL, RCPT, DATA, content, and each recipient's outcome.

Errors are temporary by default. A 2xx or 3xx where none is due is no answer: the connection is out of step.
"""

from listward.wire.commands import Commands, Needs, commands_for
from listward.wire.connection import BLOCK, Broken, Connection
from listward.wire.dots import END
from listward.wire.envelope import Envelope
from listward.wire.outcome import Delivery, Step
from listward.wire.refusals import CLOSING, OUT_OF_STEP, fit
from listward.wire.reply import Reply

_DATA = b"DATA\r\n"


class Transaction:
    """Runs once. `deliveries` grows as answers come; `finish` fills in what is missing after a break."""

    def __init__(self, connection: Connection, envelope: Envelope, needs: Needs) -> None:
        self._connection = connection
        self._envelope = envelope
        self._needs = needs
        self._accepted: list[str] = []
        self.deliveries: dict[str, Delivery] = {}
        self.step = Step.MAIL
        self.content_begun = False
        self.dot_sent = False

    async def run(self, stuffed: bytes) -> None:
        """Deliver the dot-stuffed content, which ends in CRLF. Raises Broken, fallen in `step`."""
        connection = self._connection
        commands = commands_for(self._envelope, self._needs, connection.capabilities)
        if commands.refused is not None:
            return self.finish(commands.refused)
        for address, reply in commands.refused_recipients.items():
            self.deliveries[address] = Delivery(reply, Step.RCPT)
        if not commands.recipients:
            return None
        connection.needs_reset = True
        connection.transactions += 1
        pipelining = connection.capabilities.offers("PIPELINING")
        if await (self._together(commands) if pipelining else self._one_by_one(commands)):
            await self._content(stuffed)
        return None

    def finish(self, reply: Reply) -> None:
        """Give this reply to every recipient without an outcome; after the dot the hop may have the message."""
        for address in self._envelope.addresses:
            self.deliveries.setdefault(address, Delivery(reply, self.step, lost=self.dot_sent))

    async def _together(self, commands: Commands) -> bool:
        """MAIL, every RCPT and DATA in one write (RFC 2920 section 3.1); every answer is read."""
        connection = self._connection
        connection.send(commands.mail, *(line for _, line in commands.recipients), _DATA)
        mail = _checked(await connection.reply(), 2)
        for address, _ in commands.recipients:
            reply = _checked(await connection.reply(), 2)
            if mail.positive:  # else what RCPT says only repeats the refusal
                self._recipient(address, reply)
        data = _checked(await connection.reply(), 3)
        if not mail.positive:
            self.finish(fit(mail))
        return self._may_send(data)

    async def _one_by_one(self, commands: Commands) -> bool:
        connection = self._connection
        mail = _checked(await connection.ask(commands.mail), 2)
        if not mail.positive:
            self.finish(fit(mail))
            return False
        for address, line in commands.recipients:
            self._recipient(address, _checked(await connection.ask(line), 2))
        return bool(self._accepted) and self._may_send(_checked(await connection.ask(_DATA), 3))

    def _recipient(self, address: str, reply: Reply) -> None:
        self.step = Step.RCPT
        if reply.positive:
            self._accepted.append(address)
        else:
            self.deliveries[address] = Delivery(fit(reply), Step.RCPT)

    def _may_send(self, data: Reply) -> bool:
        """Whether the content may follow DATA's answer."""
        go_ahead = data.code // 100 == 3
        if go_ahead and not self._accepted:  # RFC 2920 section 3.1: then only the dot follows, and nothing is delivered
            self._connection.send(END)
            self._connection.quit()
            return False
        self.step = Step.DATA
        if not go_ahead:
            self.finish(fit(data))
        elif not self._connection.usable:
            raise Broken(OUT_OF_STEP)  # something came that nobody asked for
        return go_ahead

    async def _content(self, stuffed: bytes) -> None:
        self.step = Step.DOT
        self.content_begun = True
        whole = await self._send(stuffed)
        reply = await self._connection.reply()
        if reply.code // 100 not in {2, 4, 5} or (reply.positive and not whole):
            raise Broken(OUT_OF_STEP)
        self.dot_sent = False
        answer = Reply(250, reply.enhanced, reply.text) if reply.positive else fit(reply)
        self.deliveries.update((address, Delivery(answer, Step.DOT)) for address in self._accepted)
        self._connection.needs_reset = not reply.positive
        if not whole:
            self._connection.abort()

    async def _send(self, stuffed: bytes) -> bool:
        """Send content and dot; False when the hop answered or closed before it had all, so that no dot was sent."""
        connection = self._connection
        if len(stuffed) <= BLOCK:
            self.dot_sent = True
            connection.send(stuffed, END)
            return True
        view = memoryview(stuffed)
        if not await connection.write([view[start : start + BLOCK] for start in range(0, len(view), BLOCK)]):
            return False
        self.dot_sent = True
        connection.send(END)
        return True


def _checked(reply: Reply, wanted: int) -> Reply:
    """Accept the wanted class and refusals (RFC 5321 section 4.3.2: the first digit decides)."""
    if reply.code == 421:
        raise Broken(CLOSING)
    if reply.code // 100 not in {wanted, 4, 5}:
        raise Broken(OUT_OF_STEP)
    return reply
