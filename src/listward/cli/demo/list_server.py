"""A sample list server with its members' mailboxes: enough of one to see mail arrive, and arrive once."""

import asyncio
import csv
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from listward.runtime.ids import new_id
from listward.wire import envelope as wire
from listward.wire.hop import Hop
from listward.wire.payload import Payload
from listward.wire.pool import Pool


class Mailboxes:
    """The far end: keeps each message it gets as a file per recipient."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        del server, session
        for address in envelope.rcpt_tos:
            keep(self._folder / safe_name(address), as_bytes(envelope.content))
        return "250 2.0.0 Kept"


class ListServer:
    """Takes posts and commands; sends a post out to the list's people by way of Listward's egress."""

    def __init__(self, folder: Path, rosters: Path, way_out: Hop, pool: Pool) -> None:
        self._folder = folder
        self._rosters = rosters
        self._way_out = way_out
        self._pool = pool

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep what came and, for a post, send it to everybody on the list."""
        del server, session
        for address in envelope.rcpt_tos:
            content = as_bytes(envelope.content)
            keep(self._folder / safe_name(address), content)
            if people := self.people(address):
                await self._send(address, people, content)
        return "250 2.0.0 Kept"

    def people(self, address: str) -> tuple[str, ...]:
        """The addresses on a list; () for a command address."""
        path = self._rosters / f"{safe_name(address.partition('@')[0])}.csv"
        if not path.is_file():
            return ()
        with path.open(encoding="utf-8", newline="") as rows:
            return tuple(row["address"] for row in csv.DictReader(rows))

    async def _send(self, address: str, people: tuple[str, ...], content: bytes) -> None:
        local, _, domain = address.partition("@")
        fields = f"List-Id: <{local}.{domain}>\r\nPrecedence: list\r\n".encode()
        recipients = tuple(wire.Recipient(person) for person in people)
        envelope = wire.Envelope(f"{local}-bounces@{domain}", recipients)
        await self._pool.deliver(self._way_out, envelope, Payload(fields + content), timeout_s=20)


def as_bytes(content: bytes | str | None) -> bytes:
    """aiosmtpd's content is bytes unless it was told to decode."""
    return content.encode() if isinstance(content, str) else content or b""


def keep(folder: Path, content: bytes) -> None:
    """Write one message as a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{new_id()}.eml").write_bytes(content)


def safe_name(address: str) -> str:
    """A folder name for an address: nothing in it can leave the folder."""
    kept = "".join(character if character.isalnum() or character in "@.-_+" else "_" for character in address.lower())
    return kept.lstrip(".") or "_"


async def serve_smtp(handler: Mailboxes | ListServer, port: int) -> asyncio.Server:
    """Listen on 127.0.0.1 with aiosmtpd as it ships."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: SMTP(handler, hostname="sample.party.example", enable_SMTPUTF8=True, loop=loop),
        "127.0.0.1",
        port,
    )
