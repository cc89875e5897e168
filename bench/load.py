"""The load generator: one process, many connections, each message with a Message-ID of its own."""

import asyncio
import json
import pickle
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from bench.corpus import Template


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: `messages` in all to `recipient` at `port`, over `connections`, `per_connection` on each."""

    port: int
    recipient: str
    templates: tuple[Template, ...]
    messages: int
    connections: int
    per_connection: int = 10
    seconds: float = 30.0

    def mail(self) -> list[tuple[str, bytes]]:
        """Make (sender, content) of every message, each with a Message-ID that no other run has."""
        run, count = b"%x" % time.time_ns(), len(self.templates)
        chosen = ((self.templates[number % count], number) for number in range(self.messages))
        return [(one.sender, one.message(b"%s.%d" % (run, number))) for one, number in chosen]


@dataclass
class Tally:
    """What happened. `latencies` are seconds from MAIL to the last reply, `ended` when it came on the machine's clock.

    `replies` counts by code and kind.
    """

    taken: int = 0
    latencies: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    replies: Counter[str] = field(default_factory=Counter)
    errors: int = 0


class Client(asyncio.Protocol):
    """One connection: pipelines MAIL, RCPT and DATA when the server offers it."""

    def __init__(
        self, order: Order, mail: Sequence[tuple[str, bytes]], tally: Tally, ended: asyncio.Future[None]
    ) -> None:
        self._order, self._mail, self._tally, self._ended = order, mail, tally, ended
        self._buffer = b""
        self._sent = 0
        self._pipelining = False
        self._waiting: list[str] = ["greeting"]
        self._commands: list[bytes] = []
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the greeting."""
        self._transport: Any = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a break that was not ours."""
        self._tally.errors += not self._closing
        if not self._ended.done():
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Go through the replies."""
        *lines, self._buffer = (self._buffer + data).split(b"\r\n")
        for line in lines:
            if line[3:4] == b"-":
                self._pipelining |= line[4:].upper() == b"PIPELINING"
            elif self._waiting:
                self._answer(self._waiting.pop(0), line)

    def _answer(self, step: str, line: bytes) -> None:
        refused = line[:1] not in {b"2", b"3"}
        match step:
            case "greeting":
                self._say("ehlo", b"EHLO load.bench.test\r\n")
            case "ehlo" | "rset":
                self._next()
            case "envelope" if refused:
                self._refuse(line)
            case "envelope" if not self._pipelining:
                self._say("data" if len(self._commands) == 1 else "envelope", self._commands.pop(0))
            case "data" if refused:
                self._refuse(line)
            case "data":
                self._say("end", self._content)
            case "end":
                self._done(line)

    def _say(self, step: str, line: bytes) -> None:
        self._waiting.append(step)
        self._transport.write(line)

    def _next(self) -> None:
        order, tally = self._order, self._tally
        if self._sent == order.per_connection or tally.taken == len(self._mail):
            self._closing = True
            self._transport.write(b"QUIT\r\n")
            return
        sender, self._content = self._mail[tally.taken]
        self._sent, tally.taken = self._sent + 1, tally.taken + 1
        self._started = time.perf_counter()
        self._commands = [
            f"MAIL FROM:<{sender}> SIZE={len(self._content)}\r\n".encode(),
            f"RCPT TO:<{order.recipient}>\r\n".encode(),
            b"DATA\r\n",
        ]
        if self._pipelining:
            self._waiting += ["envelope", "envelope", "data"]
            self._transport.write(b"".join(self._commands))
        else:
            self._say("envelope", self._commands.pop(0))

    def _done(self, line: bytes) -> None:
        self._count(line)
        self._next()

    def _refuse(self, line: bytes) -> None:
        """Count the first refusal of a transaction, drop the answers that follow from it, and begin anew."""
        self._count(line)
        self._waiting = ["skip"] * len(self._waiting)
        self._say("rset", b"RSET\r\n")

    def _count(self, line: bytes) -> None:
        self._tally.ended.append(time.perf_counter())
        self._tally.latencies.append(self._tally.ended[-1] - self._started)
        held = b"moderator" in line.lower()
        self._tally.replies[line[:3].decode() + (" held" if held else "")] += 1


async def send(order: Order, mail: Sequence[tuple[str, bytes]]) -> Tally:
    """Send it all, or what fits into the time."""
    loop, tally = asyncio.get_running_loop(), Tally()

    async def slot() -> None:
        while tally.taken < order.messages and tally.errors < 100:
            ended = loop.create_future()
            try:
                await loop.create_connection(partial(Client, order, mail, tally, ended), "127.0.0.1", order.port)
            except OSError:
                tally.errors += 1
                continue
            await ended

    try:
        async with asyncio.timeout(order.seconds):
            await asyncio.gather(*(slot() for _ in range(order.connections)))
    except TimeoutError:
        tally.replies["unfinished"] += tally.taken - len(tally.latencies)
    return tally


def main() -> None:
    """Child process: make the mail ordered in the file named, wait for a line on stdin, send, print JSON."""
    order: Order = pickle.loads(Path(sys.argv[1]).read_bytes())
    mail = order.mail()
    print("ready", flush=True)
    sys.stdin.readline()
    started, used = time.perf_counter(), time.process_time()
    tally = uvloop.run(send(order, mail))
    elapsed, used = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({**vars(tally), "seconds": elapsed, "cpu": used}), flush=True)


if __name__ == "__main__":
    main()
