"""A next hop for tests: a small SMTP or LMTP server on 127.0.0.1:0 or a unix socket that does what the test scripts.

    async with ScriptedHop("lmtp") as hop:
        hop.on("RCPT", Say("550 5.1.1 no such list"), match="nobody@")
        hop.on("DOT", Single("501 Message has defects"), times=1)
        ... deliver to hop.hop (a listward.wire.hop.Hop) or hop.url ("lmtp://127.0.0.1:34567") ...
        assert hop.messages[0].wire == b"Subject: x\r\n\r\n..dots as they came\r\n"

Script: `hop.on(verb, action, match="", times=None)`. Verbs: CONNECT, EHLO, LHLO, HELO, STARTTLS, MAIL, RCPT, DATA, DOT,
RSET, QUIT, NOOP. `match` must be in the command line (for DOT: in one recipient's address; an LMTP reply for just that
recipient). The newest rule that fits wins; `times` counts it down. Actions:

    Say(text)         reply with this line instead of the usual one; the command has no effect when it is 4xx or 5xx
    Raw(bytes)        write these bytes instead of a reply (garbage, half a reply, several replies, NUL ...)
    Drop()            close without a reply; at DOT the message counts as taken (recorded in `messages`)
    SayThenDrop(text) reply, then close
    Single(text)      at DOT, LMTP: one line however many recipients there are, as Mailman does
    Delay(seconds)    wait, then reply as usual
    Hang()            never reply; ends when the hop closes or the client goes away
    Inject(bytes)     at STARTTLS: the usual 220 with these bytes behind it in the clear

A message is in `messages` when the hop took custody (it said 250, or dropped after the dot); `refused` holds those it
answered with 4xx or 5xx after the dot. `contents` holds every content that came between DATA and the dot, byte for
byte. `tls` is a context for STARTTLS, or with `wrapped` for TLS from the first octet. Counters: `connections` (ever
opened), `open` (now), `most_open`, `resets`, `commands` (every line as it came, without CRLF), `verbs()` (their verbs).
`await hop.wait_for(count)` waits until `messages` holds that many;
`await hop.until(lambda hop: hop.open == 0)` waits for anything else.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from listward.wire.dots import unstuff
from listward.wire.hop import Hop, parse_hop

OFFERS = ("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")


@dataclass(frozen=True)
class Say:
    """Reply with this text, which may hold several lines joined by CRLF."""

    text: str


@dataclass(frozen=True)
class Raw:
    """Write these bytes instead of a reply."""

    data: bytes


@dataclass(frozen=True)
class Drop:
    """Close without a reply."""


@dataclass(frozen=True)
class SayThenDrop:
    """Reply and close."""

    text: str


@dataclass(frozen=True)
class Single:
    """One reply after the dot for all recipients of an LMTP transaction."""

    text: str


@dataclass(frozen=True)
class Delay:
    """Wait, then go on as usual."""

    seconds: float


@dataclass(frozen=True)
class Hang:
    """Never answer."""


@dataclass(frozen=True)
class Inject:
    """Bytes sent in the clear right behind the reply to STARTTLS."""

    data: bytes


Action = Say | Raw | Drop | SayThenDrop | Single | Delay | Hang | Inject


@dataclass
class Rule:
    """One line of the script."""

    verb: str
    action: Action
    match: str = ""
    times: int | None = None


@dataclass(frozen=True)
class Taken:
    """One message as it came. `wire` is everything between DATA's reply and the dot, still dot-stuffed."""

    mail: str
    rcpts: tuple[str, ...]
    wire: bytes

    @property
    def data(self) -> bytes:
        """The content without dot-stuffing."""
        return unstuff(self.wire)

    @property
    def sender(self) -> str:
        """The reverse path without brackets."""
        return _path(self.mail)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The forward paths without brackets."""
        return tuple(_path(line) for line in self.rcpts)


class _End(Exception):
    """The connection ends."""


class _Gone(_End):
    """The client went away; nothing was taken."""


@dataclass
class _Session:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    buffer: bytearray = field(default_factory=bytearray)
    mail: str = ""
    rcpts: list[str] = field(default_factory=list)

    async def line(self) -> bytes:
        return await self._until(b"\r\n")

    async def content(self) -> bytes:
        """Return everything up to the dot that stands alone between CRLFs, and nothing else ends it."""
        if not self.buffer.startswith(b".\r\n"):
            while len(self.buffer) < 3:
                await self._more()
        if self.buffer.startswith(b".\r\n"):
            del self.buffer[:3]
            return b""
        return await self._until(b"\r\n.\r\n") + b"\r\n"

    async def _until(self, end: bytes) -> bytes:
        start = 0
        while (place := self.buffer.find(end, start)) < 0:
            start = max(0, len(self.buffer) - len(end))
            await self._more()
        found = bytes(self.buffer[:place])
        del self.buffer[: place + len(end)]
        return found

    async def _more(self) -> None:
        data = await self.reader.read(1 << 18)
        if not data:
            raise _End
        self.buffer += data

    def forget(self) -> None:
        self.mail, self.rcpts = "", []


class ScriptedHop:
    """See the module's docstring."""

    def __init__(
        self,
        protocol: str = "smtp",
        *,
        unix_path: Path | None = None,
        offers: Sequence[str] = OFFERS,
        tls: ssl.SSLContext | None = None,
        wrapped: bool = False,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.protocol = protocol
        self.offers = (*offers, "STARTTLS") if tls and not wrapped else tuple(offers)
        self._wrapped = wrapped
        self.messages: list[Taken] = []
        self.refused: list[Taken] = []
        self.contents: list[bytes] = []
        self.commands: list[bytes] = []
        self.connections = self.open = self.most_open = self.resets = 0
        self._unix_path, self._tls, self._host, self._port = unix_path, tls, host, port
        self._rules: list[Rule] = []
        self._sessions: dict[asyncio.Task[None], asyncio.WriteTransport] = {}
        self._ended: list[asyncio.WriteTransport] = []
        self._arrived = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; a stopped hop listens again on the same port."""
        if self._unix_path:
            self._server = await asyncio.start_unix_server(self._accept, str(self._unix_path))
        else:
            self._server = await asyncio.start_server(
                self._accept, self._host, self._port, backlog=1024, ssl=self._tls if self._wrapped else None
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close the listener and every connection."""
        self._server.close()
        for task in tuple(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        for transport in (*self._sessions.values(), *self._ended):
            transport.abort()
        self._ended.clear()
        await self._server.wait_closed()
        for _ in range(5):  # the loop closes the sockets
            await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    @property
    def url(self) -> str:
        """The hop as configurations name it."""
        if self._unix_path:
            return f"{self.protocol}+unix://{self._unix_path}"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{self.protocol}{'s' if self._wrapped else '+tls' if self._tls else ''}://{host}:{self._port}"

    @property
    def hop(self) -> Hop:
        """The hop as the pool takes it."""
        return parse_hop(self.url)

    def on(self, verb: str, action: Action, *, match: str = "", times: int | None = None) -> None:
        """Add a line to the script."""
        self._rules.insert(0, Rule(verb.upper(), action, match, times))

    def heal(self) -> None:
        """Forget the script."""
        self._rules.clear()

    def verbs(self) -> list[str]:
        """The verbs of all commands in the order they came."""
        return [line.split(b" ")[0].split(b":")[0].decode("latin-1").upper() for line in self.commands]

    async def wait_for(self, count: int, timeout: float = 10.0) -> None:
        """Wait until that many messages were taken."""
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages) >= count)

    async def until(self, condition: Callable[[ScriptedHop], bool], timeout: float = 10.0) -> None:
        """Wait until the condition on this hop holds, for what no message marks (a closed connection, a begun one)."""
        async with asyncio.timeout(timeout):
            while not condition(self):  # noqa: ASYNC110 - counters change in many places; an event for each is more
                await asyncio.sleep(0.005)

    def _scripted(self, verb: str, text: str) -> Action | None:
        for rule in self._rules:
            if rule.verb == verb and rule.match in text and rule.times != 0:
                if rule.times is not None:
                    rule.times -= 1
                return rule.action
        return None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Count and keep the connection before anything can cancel its task."""
        if not self._server.is_serving():
            return writer.transport.abort()
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        task = asyncio.ensure_future(self._serve(_Session(reader, writer)))
        self._sessions[task] = writer.transport
        task.add_done_callback(self._done)
        return None

    def _done(self, task: asyncio.Task[None]) -> None:
        self.open -= 1
        self._ended.append(self._sessions.pop(task))
        if not task.cancelled():
            task.result()

    async def _serve(self, session: _Session) -> None:
        try:
            with suppress(_End, ConnectionError, ssl.SSLError):
                await self._dialogue(session)
        finally:
            session.writer.close()

    async def _dialogue(self, session: _Session) -> None:
        await self._answer(session, "CONNECT", "", "220 hop.test ready")
        while True:
            line = await session.line()
            self.commands.append(line)
            text = line.decode("utf-8", "replace")
            verb = text.split(" ")[0].upper()
            handler = getattr(self, f"_verb_{verb.lower()}", None)
            if handler is None:
                await self._answer(session, verb, text, "500 5.5.1 unknown command")
            else:
                await handler(session, text)

    async def _answer(self, session: _Session, verb: str, text: str, usual: str) -> bool:
        """Reply by the script or as usual; True when the reply was positive."""
        action = self._scripted(verb, text)
        said = usual
        match action:
            case Say(words) | Single(words):
                said = words
            case Raw(data):
                session.writer.write(data)
                await session.writer.drain()
                return data[:1] in {b"2", b"3"}
            case Drop():
                raise _End
            case SayThenDrop(words):
                session.writer.write(words.encode() + b"\r\n")
                await session.writer.drain()
                raise _End
            case Delay(seconds):
                await asyncio.sleep(seconds)
            case Hang():
                while await session.reader.read(1 << 16):
                    pass
                raise _Gone
        session.writer.write(said.encode() + b"\r\n")
        await session.writer.drain()
        return said[:1] in {"2", "3"}

    async def _verb_ehlo(self, session: _Session, text: str) -> None:
        session.forget()
        lines = ["hop.test", *self.offers]
        usual = "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])
        verb = text.split(" ")[0].upper()
        if (verb == "LHLO") != (self.protocol == "lmtp"):
            usual = "500 5.5.1 wrong protocol"
        await self._answer(session, verb, text, usual)

    _verb_lhlo = _verb_ehlo

    async def _verb_helo(self, session: _Session, text: str) -> None:
        session.forget()
        await self._answer(session, "HELO", text, "250 hop.test")

    async def _verb_starttls(self, session: _Session, text: str) -> None:
        action = self._scripted("STARTTLS", text)
        if isinstance(action, Inject):
            session.writer.write(b"220 2.0.0 go ahead\r\n" + action.data)
            await session.writer.drain()
        elif isinstance(action, Say):
            session.writer.write(action.text.encode() + b"\r\n")
            return
        else:
            session.writer.write(b"220 2.0.0 go ahead\r\n")
            await session.writer.drain()
        assert self._tls is not None
        session.buffer.clear()
        await session.writer.start_tls(self._tls)

    async def _verb_mail(self, session: _Session, text: str) -> None:
        usual = "503 5.5.1 nested MAIL" if session.mail else "250 2.1.0 sender ok"
        if await self._answer(session, "MAIL", text, usual):
            session.mail = text

    async def _verb_rcpt(self, session: _Session, text: str) -> None:
        usual = "250 2.1.5 recipient ok" if session.mail else "503 5.5.1 MAIL first"
        if await self._answer(session, "RCPT", text, usual):
            session.rcpts.append(text)

    async def _verb_data(self, session: _Session, text: str) -> None:
        usual = "354 go ahead" if session.rcpts else "554 5.5.1 no valid recipients"
        if not await self._answer(session, "DATA", text, usual):
            return
        wire = await session.content()
        self.contents.append(wire)
        taken = Taken(session.mail, tuple(session.rcpts), wire)
        session.forget()
        await self._after_dot(session, taken)

    async def _after_dot(self, session: _Session, taken: Taken) -> None:
        single = next((rule for rule in self._rules if rule.verb == "DOT" and isinstance(rule.action, Single)), None)
        one_reply = self.protocol == "smtp" or (single is not None and single.times != 0)
        groups = [taken] if one_reply else [Taken(taken.mail, (rcpt,), taken.wire) for rcpt in taken.rcpts]
        for part in groups:
            try:
                positive = await self._answer(session, "DOT", " ".join(part.rcpts), "250 2.0.0 taken")
            except _End as end:
                await self._record(part, positive=not isinstance(end, _Gone))
                raise
            await self._record(part, positive)

    async def _record(self, taken: Taken, positive: bool) -> None:
        async with self._arrived:
            (self.messages if positive else self.refused).append(taken)
            self._arrived.notify_all()

    async def _verb_rset(self, session: _Session, text: str) -> None:
        session.forget()
        self.resets += 1
        await self._answer(session, "RSET", text, "250 2.0.0 reset")

    async def _verb_noop(self, session: _Session, text: str) -> None:
        await self._answer(session, "NOOP", text, "250 2.0.0 ok")

    async def _verb_quit(self, session: _Session, text: str) -> None:
        await self._answer(session, "QUIT", text, "221 2.0.0 bye")
        raise _End


def _path(line: str) -> str:
    return line[line.index("<") + 1 : line.rindex(">")]
