"""A few words to a server on a unix socket, without a client library: used before the store is known to be up."""

import socket
from pathlib import Path


def ask(path: Path, *words: str, timeout_s: float = 0.5) -> bytes | None:
    """Send one command and return the raw reply, None where nobody answers in time."""
    message = b"*%d\r\n" % len(words)
    for word in words:
        message += b"$%d\r\n%s\r\n" % (len(word.encode()), word.encode())
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(message)
            return connection.recv(65_536)
    except OSError:
        return None


def answers(path: Path) -> bool:
    """Whether a server that has loaded its data answers there."""
    return ask(path, "PING") == b"+PONG\r\n"


def serves(path: Path, directory: Path) -> bool:
    """Whether the server there keeps its data in this folder."""
    reply = ask(path, "CONFIG", "GET", "dir")
    return reply is not None and str(directory.resolve()).encode() in reply.split(b"\r\n")
