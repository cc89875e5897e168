"""Binds listening sockets before anything forks."""

import errno
import socket


class CannotListen(Exception):
    """An address cannot be bound; the message names it and why."""


def split_listen(listen: str) -> tuple[str, int]:
    """Split host:port; brackets around an IPv6 host are dropped."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def bind(listen: str, copies: int = 1) -> tuple[socket.socket, ...]:
    """Return `copies` listening sockets on one address, over which the kernel spreads connections.

    With SO_REUSEPORT each worker has its own queue, which spreads far more evenly than one shared socket. Port 0 takes
    a free port, the same for all copies. Raises CannotListen.
    """
    host, port = split_listen(listen)
    require_free(listen)
    bound: list[socket.socket] = []
    try:
        for _ in range(copies):
            bound.append(_bind_one(host, port))
            port = bound[0].getsockname()[1]
    except OSError as error:
        for opened in bound:
            opened.close()
        raise CannotListen(f"cannot listen on {listen}: {error.strerror or error}") from None
    return tuple(bound)


def require_free(listen: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> None:
    """Raise CannotListen where another program has the address.

    SO_REUSEPORT alone would let two gateways of one user share a port and split the mail between them.
    """
    host, port = split_listen(listen)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if kind is socket.SOCK_STREAM else 0)
        try:
            probe.bind((host, port))
        except OSError as error:
            used = error.errno == errno.EADDRINUSE
            reason = "another program listens there" if used else error.strerror or str(error)
            raise CannotListen(f"cannot listen on {listen}: {reason}") from None


def _bind_one(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind((host, port))
        opened.listen(512)
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened
