"""The processes around a gateway under faults: next hops and a store that can be killed, paused and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos_history import Arrival
from chaos_hop import read_arrivals
from free_ports import wait_for_port
from running import Running

from listward.queue.store.server_binary import find_server

HERE = Path(__file__).parent
PROMISE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")
MORE = """\
[store]
url = "{store}"

[limits]
held_bytes_per_sender = 10_000_000_000
strangers_held_per_hour = 0

[[list]]
address = "news@party.example"
zone = "members"
next_hop = "{one}"
roster = "members.csv"

[[list]]
address = "forum@party.example"
zone = "members"
next_hop = "{two}"
roster = "members.csv"

[[list]]
address = "open@party.example"
zone = "public"
next_hop = "{two}"
roster = "members.csv"
"""


@dataclass
class Process(ABC):
    """A child of the harness that comes back on the same port."""

    name: str
    port: int
    child: "subprocess.Popen[bytes] | None" = None

    @abstractmethod
    def command(self) -> list[str]:
        """What to run."""

    def start(self) -> None:
        """Start it, and wait until it listens."""
        if self.child is None or self.child.poll() is not None:
            self._forget()
            self.child = subprocess.Popen(
                self.command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(HERE)},
            )
            wait_for_port(self.port, 20)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal; SIGKILL is waited for."""
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(number)
            if number is signal.SIGKILL:
                self.child.wait(20)

    def end(self) -> None:
        """End it for good."""
        self.kill(signal.SIGCONT)
        self.kill()
        self._forget()

    def _forget(self) -> None:
        if self.child is not None and self.child.stdin is not None:
            self.child.stdin.close()


@dataclass
class HopProcess(Process):
    """A next hop (chaos_hop) with the file it writes to."""

    protocol: str = "smtp"
    file: Path = field(default_factory=Path)

    def command(self) -> list[str]:
        """Run chaos_hop."""
        return [sys.executable, str(HERE / "chaos_hop.py"), str(self.port), self.protocol, self.name, str(self.file)]

    def order(self, **order: Any) -> None:
        """Break its next answers, or `heal=True`."""
        if self.child is not None and self.child.stdin is not None and self.child.poll() is None:
            self.child.stdin.write(json.dumps(order).encode() + b"\n")
            self.child.stdin.flush()

    def arrivals(self) -> Iterator[Arrival]:
        """What came so far."""
        return read_arrivals(self.name, self.file)


@dataclass
class StoreProcess(Process):
    """A store of the harness's own, which keeps the promise, in a folder of its own."""

    folder: Path = field(default_factory=Path)

    def command(self) -> list[str]:
        """Run the server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--loglevel", "warning")
        return [str(find_server()), *place, *PROMISE]


class ChaosRunning(Running):
    """`listward run` with four lists on two next hops; `store` is a url, `reply_deadline_s` as in [gateway]."""

    def __init__(
        self, folder: Path, dns: str, one: str, two: str, store: str, workers: int = 2, reply_deadline_s: float = 8
    ) -> None:
        more = MORE.format(store=store, one=one, two=two)
        super().__init__(folder, dns, one, more=more, workers=workers)
        site = folder / "site.toml"
        wanted = f"workers = {workers}"
        text = site.read_text(encoding="utf-8")
        site.write_text(text.replace(wanted, f"{wanted}\nreply_deadline_s = {reply_deadline_s}"), encoding="utf-8")

    def workers(self) -> list[int]:
        """The pids of the gateway workers."""
        return [pid for index in range(8) for pid in self.children(f"lw:gateway-{index}")]

    def readers(self) -> list[int]:
        """The pids of the processes that read messages for the workers."""
        return [pid for name in ("0", "1", "large") for pid in self.children(f"lw:reader-{name}")]

    def store_pids(self) -> list[int]:
        """The pids of the embedded store."""
        return [*self.children("valkey-server"), *self.children("redis-server")]


def why_no_mount() -> str:
    """Why no file system of a given size can be mounted here; "" where it can."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return "only root may mount a small file system"
    place = Path(os.environ.get("TMPDIR", "/tmp")) / f"lw-mount-{os.getpid()}"
    try:
        with small_disk(place, 1):
            return ""
    except subprocess.CalledProcessError:
        return "mounting is not allowed here"
    finally:
        place.rmdir()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount a file system of that size on a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def fill(folder: Path) -> Path:
    """Fill a disk to its last octet; deleting the file makes room again."""
    filler = folder / "filler"
    block = bytes(65_536)
    with filler.open("wb", buffering=0) as file:
        try:
            while block:
                if file.write(block) < len(block):
                    block = block[: len(block) // 2]
        except OSError:
            pass
    return filler
