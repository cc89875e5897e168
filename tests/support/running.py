"""The whole of Listward as a process of its own: `listward run` on free ports, with an embedded store."""

import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from free_ports import free_ports, wait_for_port

SITE = """\
[organisation]
name = "The Example Party"
domains = ["party.example"]
internal_domains = ["party.example"]

[addresses]
report = "report@party.example"
help = "office@party.example"

[gateway]
listen = ["127.0.0.1:{smtp}"]
hostname = "lists.party.example"
workers = {workers}

[clocks]
undo_s = 0

[dns]
servers = ["{dns}"]
timeout_s = 2

[console]
listen = "127.0.0.1:{console}"

[metrics]
listen = "127.0.0.1:{metrics}"

[egress]
listen = ["127.0.0.1:{egress}"]
next_hop = "{way_out}"

{more}

[[list]]
address = "members@party.example"
zone = "members"
next_hop = "{list_hop}"
roster = "members.csv"

[[list]]
address = "board@party.example"
zone = "internal"
next_hop = "{list_hop}"
roster = "members.csv"
"""

ROSTER = """\
address,name,role
ann@members.example,Ann Ito,member
ben@members.example,Ben Osei,member
"""

ZONE = {
    "members.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.members.example": {"TXT": ["v=DMARC1; p=none"]},
    "elsewhere.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.elsewhere.example": {"TXT": ["v=DMARC1; p=reject"]},
    "party.example": {"TXT": ["v=spf1 -all"]},
    "_dmarc.party.example": {"TXT": ["v=DMARC1; p=reject"]},
}

APPEAL = (
    "I lost my job last month and I cannot pay my rent. Could anyone help me with some money, please?\n"
    "My account is DE89 3704 0044 0532 0130 00, or paypal.me/benosei. Anything helps. Thank you.\n"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the SMTP door said to a message."""

    code: int
    text: str


class Running:
    """Start with `with`; every process of it ends with the block."""

    def __init__(
        self, folder: Path, dns: str, list_hop: str, way_out: str = "", more: str = "", workers: int = 1
    ) -> None:
        self.folder = folder
        self.smtp, self.console, self.metrics, self.egress = free_ports(4)
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        text = SITE.format(
            smtp=self.smtp,
            console=self.console,
            metrics=self.metrics,
            egress=self.egress,
            dns=dns,
            list_hop=list_hop,
            way_out=way_out or "smtp://127.0.0.1:9",
            more=more,
            workers=workers,
        )
        (folder / "site.toml").write_text(text, encoding="utf-8")
        (folder / "members.csv").write_text(ROSTER, encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until mail is taken and the store answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "listward", "run", "--config", str(self.folder)],
                stderr=log,
                stdout=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        try:
            wait_for_port(self.smtp, 30)
            wait_for_port(self.console, 30)
            self.wait_for(lambda: self.command("queue", "list")[0] == 0, "the store")
        except BaseException:  # what does not start must not outlive the test that started it
            self.stop()
            raise

    def stop(self) -> int:
        """End it in order; returns the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(30)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End the supervisor as a power cut would; its children follow."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def hang_up(self) -> None:
        """Ask for a reload."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def children(self, name: str) -> list[int]:
        """The pids of this gateway's processes of that name: "lw:gateway-0", "valkey-server"."""
        return [pid for pid, command in self.family() if command == name]

    def family(self) -> list[tuple[int, str]]:
        """All processes of this gateway: pid and name."""
        assert self._process is not None
        listed = subprocess.run(["ps", "-eo", "pid,ppid,comm"], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
        ours = {self._process.pid}
        for _ in range(3):
            ours |= {int(pid) for pid, parent, _ in rows if int(parent) in ours}
        return [(int(pid), command) for pid, _, command in rows if int(pid) in ours]

    def log(self) -> str:
        """What the processes wrote."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def command(self, *arguments: str) -> tuple[int, str]:
        """Run a command of ours against this configuration; returns exit code and output."""
        ended = subprocess.run(
            [sys.executable, "-m", "listward", *arguments, "--config", str(self.folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return ended.returncode, ended.stdout + ended.stderr

    def cases(self) -> list[dict[str, object]]:
        """Every open case as `queue list --json` tells it."""
        code, output = self.command("queue", "list", "--json")
        assert code == 0, output
        found: list[dict[str, object]] = json.loads(output)
        return found

    def send(self, sender: str, recipient: str, raw: bytes, port: int = 0) -> Answer:
        """Send one message; the answer is the one that settled it."""
        with smtplib.SMTP("127.0.0.1", port or self.smtp, local_hostname="mail.members.example", timeout=50) as client:
            client.ehlo()
            code, text = client.mail(sender)
            if code < 400:
                code, text = client.rcpt(recipient)
            if code < 400:
                code, text = client.data(raw)
        return Answer(code, text.decode())

    def wait_for(self, holds: Callable[[], bool], what: str, seconds: float = 20) -> None:
        """Wait until the function says True. Raises TimeoutError naming what was waited for."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come; the log ends: {self.log()[-2000:]}")
            time.sleep(0.05)  # polling, with a deadline above
