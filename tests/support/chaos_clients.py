"""Mail servers that bring messages to the gateway and come again until they hear 250 or 5xx (RFC 5321 4.5.4)."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from chaos_history import History, Told
from chaos_mail import Mail

ANSWER_S = 40.0  # how long a client waits for one reply
HANGS_UP, LEAVES_EARLY = 0.02, 0.01  # share of tries in which the client goes after the dot, or before it


class Broken(Exception):
    """The connection ended, or what came was no reply."""


@dataclass
class Clients:
    """All clients of a run. `patience_s` is how long they keep trying once `hurry` is set: then all must be well.

    `nearly` is set when no message waits for a client any more, `enough` when `least` messages are done; each rests
    `pace_s` after a message. With `leaves` they hang up at odd moments.
    """

    port: int
    history: History
    random: random.Random
    at_once: int = 12
    patience_s: float = 100.0
    pace_s: float = 0.0
    leaves: bool = True
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    nearly: asyncio.Event = field(default_factory=asyncio.Event)
    least: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    done: int = 0
    on_done: Callable[[int], None] = lambda done: None

    async def bring(self, mails: Iterable[Mail]) -> None:
        """Bring every message in, so many at once."""
        waiting = iter(mails)

        async def one() -> None:
            for mail in waiting:
                await self._persist(mail)
                self.done += 1
                if self.done >= self.least:
                    self.enough.set()
                self.on_done(self.done)
                await asyncio.sleep(self.pace_s)
            self.nearly.set()
            self.enough.set()

        async with asyncio.TaskGroup() as group:
            for _ in range(self.at_once):
                group.create_task(one())

    async def _persist(self, mail: Mail) -> None:
        self.history.add(mail.sent)
        attempt, give_up = 0, None
        while give_up is None or time.monotonic() < give_up:
            attempt += 1
            began = time.time()
            code = await self._try(mail)
            self.history.add(Told(mail.sent.message, attempt, code, began, time.time()))
            if code == 250 or 500 <= code < 600:
                return
            if give_up is None and self.hurry.is_set():
                give_up = time.monotonic() + self.patience_s
            await asyncio.sleep(min(3.0, 0.1 * 2**attempt) * self.random.uniform(0.5, 1.0))

    async def _try(self, mail: Mail) -> int:
        """Return the code that ended one try, 0 where none came."""
        writer = None
        try:
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                return await self._speak(mail, reader, writer)
        except (OSError, Broken, TimeoutError, asyncio.IncompleteReadError, ValueError):
            return 0
        finally:
            if writer is not None:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _speak(self, mail: Mail, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        recipients = [f"RCPT TO:<{address}>" for address in mail.sent.recipients]
        commands = ["EHLO mail.members.example", f"MAIL FROM:<{mail.sender}>", *recipients, "DATA"]
        for line in ("", *commands):
            writer.write(f"{line}\r\n".encode() if line else b"")
            code = await _reply(reader)
            if code >= 400:
                return code
        leaves = self.random.random() if self.leaves else 1.0
        content = mail.raw.replace(b"\r\n.", b"\r\n..")
        writer.write(content + (b".\r\n" if leaves >= LEAVES_EARLY else b""))
        await writer.drain()
        if leaves < LEAVES_EARLY + HANGS_UP:
            return 0
        return await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> int:
    while True:
        line = await reader.readline()
        if len(line) < 4 or not line.endswith(b"\n"):
            raise Broken
        if line[3:4] != b"-":
            return int(line[:3])
