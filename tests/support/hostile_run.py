"""A running gateway under hostile mail: what it answered, what reached the list server, who waited, what it took.

with Watch(running) as watch:          # ordinary mail flows all the time, memory is looked at
    answer = watch.send(raw)
watch.check()
"""

import re
import smtplib
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from messages import build
from running import Running

MEMBERS, ANN, BEN = "members@party.example", "ann@members.example", "ben@members.example"
LATENCY_S = 2.0
MEMORY_KIB = 300 * 1024
# What must never be said to a stranger: exceptions, places in the source or on disk, versions.
LEAK = re.compile(
    r"traceback|exception|error:|errno|\bfile \"|\.py\b|/(?:work|tmp|usr|home|var|etc)/|0x[0-9a-f]{6}"
    r"|\d\.\d+\.\d+\.\d+|python|listward[ /]\d",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3} ")
_OURS = ("lw:gateway", "lw:reader")


@dataclass(frozen=True, slots=True)
class Said:
    """The last reply to one message, and how long it took in seconds."""

    code: int
    text: str
    seconds: float


@dataclass
class Watch:
    """Sends ordinary mail beside hostile mail, and notes the worst of everything."""

    running: Running
    ordinary: list[Said] = field(default_factory=list)
    replies: list[Said] = field(default_factory=list)
    worst_kib: int = 0
    _client: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._write_home, self._weigh)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
        self._hang_up()

    def send(self, raw: bytes, sender: str = BEN, recipient: str = MEMBERS) -> Said:
        """Send one message as it stands; line feeds alone are made line ends, as every client does."""
        said = self._transact(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), sender, recipient)
        self.replies.append(said)
        return said

    def send_alone(self, raw: bytes) -> Said:
        """Send one message on a connection of its own; may run beside others of its kind."""
        alone = Watch(self.running)
        try:
            return alone.send(raw)
        finally:
            alone._hang_up()

    def talk(self, content: bytes) -> bytes:
        """Say EHLO, MAIL, RCPT and DATA, send these octets as they are, and read until the gateway closes."""
        with socket.create_connection(("127.0.0.1", self.running.smtp), 30) as connection:
            said = connection.makefile("rb")
            said.readline()
            envelope = f"MAIL FROM:<{BEN}>\r\nRCPT TO:<{MEMBERS}>\r\nDATA\r\n".encode()
            for line in (b"EHLO mail.members.example\r\n", *envelope.splitlines(keepends=True)):
                connection.sendall(line)
                while said.readline()[3:4] == b"-":
                    continue
            connection.sendall(content)
            return said.read()

    def check(self) -> None:
        """Nobody waited, nothing grew, nothing leaked, and ordinary mail was taken all the time."""
        assert self.ordinary
        refused = {said.text for said in self.ordinary if said.code != 250}
        assert not refused, refused
        assert max(said.seconds for said in self.ordinary) < LATENCY_S
        assert self.worst_kib < MEMORY_KIB, f"{self.worst_kib} KiB"
        leaks = [said.text for said in self.replies if LEAK.search(_ENHANCED.sub("", said.text))]
        assert leaks == []

    def _transact(self, raw: bytes, sender: str, recipient: str) -> Said:
        start = time.monotonic()
        try:
            client = self._connected()
            code, text = client.mail(sender)
            if code == 250:
                code, text = client.rcpt(recipient)
            if code == 250:
                code, text = _data(client, raw)
            if code != 250:
                self._reset(client)
        except (smtplib.SMTPException, ConnectionError) as error:
            self._hang_up()
            code, text = 0, type(error).__name__.encode()
        return Said(code, text.decode("utf-8", "replace"), time.monotonic() - start)

    def _connected(self) -> smtplib.SMTP:
        if self._client is None:
            self._client = smtplib.SMTP("127.0.0.1", self.running.smtp, "mail.members.example", timeout=60)
            self._client.ehlo()
        return self._client

    def _reset(self, client: smtplib.SMTP) -> None:
        if client.rset()[0] != 250:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _write_home(self) -> None:
        """A member's short posts, one after another, each on a connection of its own."""
        count = 0
        while not self._stop.is_set():
            count += 1
            raw = build(
                from_=f"Ann Ito <{ANN}>",
                to=MEMBERS,
                subject=f"Tea {count}",
                text=f"Dear all,\n\nthe kettle is on for the {count}. time, and there is cake.\n",
                message_id=f"<{time.monotonic_ns()}.{count}@members.example>",
            )
            start = time.monotonic()
            try:
                answer = self.running.send(ANN, MEMBERS, raw)
                said = Said(answer.code, answer.text, time.monotonic() - start)
            except (OSError, smtplib.SMTPException) as error:
                said = Said(0, repr(error), time.monotonic() - start)
            self.ordinary.append(said)
            self._stop.wait(0.1)

    def _weigh(self) -> None:
        """The proportional share of memory of each worker with its reader (proc(5): Pss in smaps_rollup)."""
        pids: list[int] = []
        looked = 0
        ended = False
        while not ended:
            ended = self._stop.wait(0.1 if looked else 0)
            if looked % 5 == 0:  # readers come and go
                pids = gateway_processes(self.running)
            looked += 1
            self.worst_kib = max(self.worst_kib, sum(map(_pss, pids)))


def _data(client: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    """DATA without smtplib's mending of line ends."""
    code, text = client.docmd("DATA")
    if code != 354:
        return code, text
    stuffed = raw.replace(b"\r\n.", b"\r\n..")
    client.send((b"." + stuffed if stuffed.startswith(b".") else stuffed) + (b"" if raw.endswith(b"\r\n") else b"\r\n"))
    client.send(b".\r\n")
    return client.getreply()


def gateway_processes(running: Running) -> list[int]:
    """The pids of the gateway's workers and their readers."""
    return [pid for pid, name in running.family() if name.startswith(_OURS)]


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
