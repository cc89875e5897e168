"""A next hop as a process of its own, which can be killed: it writes down each copy before it says 250.

    python chaos_hop.py PORT lmtp NAME FILE     (a line of JSON on its standard input breaks its next answers)

`{"step": "DOT", "do": "drop", "times": 3}`: at that step, so often. Steps: CONNECT, EHLO, MAIL, RCPT, DATA, CONTENT,
DOT. What it can do: "drop" (close without a word; at the dot the copy is kept, so its reply is lost), a reply such as
"451 4.3.0 later", "garbage", "slow" (seconds in `for`), "hang", "cut" (CONTENT: close in the middle), "single" (LMTP:
one refusal for all) and "mixed" (LMTP: the first recipient yes, the others 451).
"""

import asyncio
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos_history import Arrival

OFFERS = ("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
LONGEST = 64 * 1024 * 1024
_ID = re.compile(rb"^message-id:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)
_PATH = re.compile(r"<([^>]*)>")


class Gone(Exception):
    """The connection ends here."""


@dataclass
class Hop:
    """The hop's state: where it writes, and what is broken."""

    name: str
    protocol: str
    file: int
    broken: list[dict[str, Any]] = field(default_factory=list)
    copies: int = 0

    def trouble(self, step: str) -> dict[str, Any] | None:
        """The next thing that is to go wrong at a step."""
        for rule in self.broken:
            if rule["step"] == step:
                rule["times"] -= 1
                if rule["times"] <= 0:
                    self.broken.remove(rule)
                return rule
        return None

    def write(self, **values: Any) -> None:
        """Append one line; a line of this size is written whole."""
        os.write(self.file, json.dumps(values).encode() + b"\n")

    def keep(self, recipients: list[str], content: bytes) -> int:
        """Write a copy down, before it is acknowledged; returns its number."""
        self.copies += 1
        header, _, body = content.replace(b"\r\n..", b"\r\n.").partition(b"\r\n\r\n")
        found = _ID.search(header)
        self.write(
            copy=f"{os.getpid()}-{self.copies}",
            message=found[1].decode(errors="replace") if found else "",
            recipients=recipients,
            body=hashlib.sha256(body).hexdigest(),
            at=time.time(),
        )
        return self.copies


@dataclass
class Session:
    """One connection."""

    hop: Hop
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    recipients: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """Speak until the end."""
        try:
            await self.answer("CONNECT", "220 hop.test ready")
            while line := await self.reader.readuntil(b"\r\n"):
                await self.command(line.decode("latin-1").strip())
        except (Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.writer.close()

    async def command(self, line: str) -> None:
        """Obey one line."""
        verb = line.split(" ")[0].upper()
        if verb in {"EHLO", "LHLO"}:
            await self.answer("EHLO", "250-hop.test\r\n" + "".join(f"250-{word}\r\n" for word in OFFERS) + "250 HELP")
        elif verb == "MAIL":
            self.recipients = []
            await self.answer("MAIL", "250 2.1.0 ok")
        elif verb == "RCPT":
            if await self.answer("RCPT", "250 2.1.5 ok"):
                self.recipients += _PATH.findall(line)[:1]
        elif verb == "DATA":
            await self.data()
        else:
            await self.say("221 2.0.0 bye" if verb == "QUIT" else "250 2.0.0 ok")

    async def data(self) -> None:
        """Take a message."""
        if not self.recipients:
            await self.say("503 5.5.1 no recipients")
            return
        if not await self.answer("DATA", "354 go on"):
            return
        if self.hop.trouble("CONTENT"):
            await self.reader.readexactly(40)
            raise Gone
        content = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        taken, self.recipients = self.recipients, []
        await self.dot(taken, content, self.hop.trouble("DOT"))

    async def dot(self, recipients: list[str], content: bytes, trouble: dict[str, Any] | None) -> None:
        """Answer the dot. What is answered with 250, or not at all, is written down before."""
        does = trouble["do"] if trouble else ""
        if does in {"slow", "hang"}:
            await asyncio.sleep(trouble["for"] if trouble else 0)
        lines = 1 if self.hop.protocol == "smtp" or does == "single" else len(recipients)
        if does == "single":
            await self.say("501 Message has defects")
        elif does == "mixed":
            number = self.hop.keep(recipients[:1] if lines > 1 else recipients, content)
            await self.say("\r\n".join(["250 2.0.0 taken"] + ["451 4.3.0 later"] * (lines - 1)))
            self.hop.write(acked=f"{os.getpid()}-{number}")
        elif does[:1].isdigit():
            await self.say("\r\n".join([does] * lines))
        else:
            number = self.hop.keep(recipients, content)
            if does in {"drop", "garbage", "hang"}:
                self.writer.write(b"\x00\xff*** 2 taken?\r\n" * lines if does == "garbage" else b"")
                raise Gone
            await self.say("\r\n".join(["250 2.0.0 taken"] * lines))
            self.hop.write(acked=f"{os.getpid()}-{number}")

    async def answer(self, step: str, usual: str) -> bool:
        """Answer as usual, or as was asked for; returns whether the command has an effect."""
        trouble = self.hop.trouble(step)
        does = trouble["do"] if trouble else ""
        if trouble and does in {"slow", "hang"}:
            await asyncio.sleep(trouble["for"])
        if does in {"drop", "hang"}:
            raise Gone
        if does == "garbage":
            self.writer.write(b"\x16\x03\x01 what\r\n")
            raise Gone
        await self.say(does if does[:1].isdigit() else usual)
        return not does[:1].isdigit()

    async def say(self, text: str) -> None:
        """Write one reply."""
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()


async def main(port: int, protocol: str, name: str, path: Path) -> None:
    """Serve until killed, or until the standard input ends."""
    hop = Hop(name, protocol, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    server = await asyncio.start_server(
        lambda reader, writer: Session(hop, reader, writer).run(), "127.0.0.1", port, limit=LONGEST
    )
    async with server:
        while line := await orders.readline():
            order = json.loads(line)
            hop.broken = [] if order.get("heal") else [*hop.broken, order]


def read_arrivals(name: str, path: Path) -> Iterator[Arrival]:
    """Every copy that a hop has written down."""
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    acked = {line["acked"] for line in lines if "acked" in line}
    for line in lines:
        if "copy" in line:
            recipients = tuple(line["recipients"])
            yield Arrival(name, line["message"], recipients, line["body"], line["at"], line["copy"] in acked)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
