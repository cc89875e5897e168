"""Real servers with a TCP port: plain, a cluster of two, one with a Sentinel beside it."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from listward.queue.store.server_binary import find_server

PROMISE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")


def command(port: int, *words: str) -> bytes:
    """Send one command over TCP and return the raw reply."""
    message = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    with socket.create_connection(("127.0.0.1", port), 5.0) as connection:
        connection.sendall(message.encode())
        return connection.recv(65_536)


@contextmanager
def tcp_server(port: int, *options: str) -> Iterator[int]:
    """Run a server that keeps the promise on a port of 127.0.0.1."""
    with _running(port, "--port", str(port), "--bind", "127.0.0.1", *PROMISE, *options):
        yield port


@contextmanager
def cluster_of_two(ports: tuple[int, int], buses: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Run two masters, each with half of the slots."""
    with ExitStack() as stack:
        for port, bus, slots in zip(ports, buses, (("0", "8191"), ("8192", "16383")), strict=True):
            options = ("--cluster-enabled", "yes", "--cluster-port", str(bus), "--cluster-node-timeout", "2000")
            stack.enter_context(tcp_server(port, *options))
            command(port, "CLUSTER", "ADDSLOTSRANGE", *slots)
        command(ports[0], "CLUSTER", "MEET", "127.0.0.1", str(ports[1]), str(buses[1]))
        for port in ports:
            _until(port, b"cluster_state:ok", "CLUSTER", "INFO")
            _until(port, b"cluster_slots_ok:16384", "CLUSTER", "INFO")
        yield ports


@contextmanager
def sentinel(port: int, watched: int, name: str) -> Iterator[int]:
    """Run a Sentinel that watches a server."""
    folder = Path(tempfile.mkdtemp(prefix="lw-", dir="/tmp"))
    file = folder / "sentinel.conf"
    file.write_text(f"port {port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor {name} 127.0.0.1 {watched} 1\n")
    try:
        with _running(port, str(file), "--sentinel"):
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(port: int, *arguments: str) -> Iterator[None]:
    folder = tempfile.mkdtemp(prefix="lw-", dir="/tmp")
    child = subprocess.Popen([str(find_server()), *arguments], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        _until(port, b"\r\n", "PING")  # a refusal is an answer too
        yield
    finally:
        child.terminate()
        child.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _until(port: int, wanted: bytes, *words: str) -> None:
    deadline, said = time.monotonic() + 15.0, b""
    while time.monotonic() < deadline:
        try:
            said = command(port, *words)
        except OSError:
            said = b"nothing"
        if wanted in said:
            return
        time.sleep(0.02)
    raise AssertionError(f"{words} on {port} says {said!r}")
