"""Hands connections over to the worker that has the fewest: SO_REUSEPORT alone spreads them by chance.

The descriptor goes over a socket pair that was made before the workers were forked (SCM_RIGHTS). What was given to a
worker that dies waits in its pair, and the next one in its place takes it. Until that one serves, nothing more is
given to it.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from listward.runtime.board import Column

_UNEVEN = 2  # a connection moves only where that makes things better, not where it turns them round


class Pairs:
    """The ways to all workers. Made before forking."""

    def __init__(self, workers: int) -> None:
        made = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(workers)]
        for pair in made:
            for end in pair:
                end.setblocking(False)
        self.inward = tuple(pair[0] for pair in made)
        self.outward = tuple(pair[1] for pair in made)

    def close(self) -> None:
        """Close all of them."""
        for end in (*self.inward, *self.outward):
            end.close()


class Handover:
    """One worker's part. `counter` is where its open connections are counted in `column`."""

    def __init__(self, pairs: Pairs, worker: int, column: Column, counter: int) -> None:
        self._inward, self._outward = pairs.inward[worker], pairs.outward
        self._worker, self._column, self._counter = worker, column, counter

    def gives(self, connection: socket.socket, door: int) -> bool:
        """Whether this fresh connection has gone to another worker, which has fewer; the caller closes its own copy."""
        load = [sum(pair) for pair in zip(self._column.each(self._counter), self._column.on_the_way(), strict=True)]
        least = min(self._column.takers(), key=load.__getitem__, default=self._worker)
        if load[self._worker] + 1 - load[least] < _UNEVEN:
            return False
        try:
            socket.send_fds(self._outward[least], [bytes([door])], [connection.fileno()])
        except OSError:  # its pair is full: it has enough
            return False
        self._column.give(least)
        return True

    def receive(self, take: Callable[[socket.socket, int], None]) -> None:
        """Call `take` with each connection that others give, and the number of its door, until `stop`.

        Whoever takes it calls `taken` once, where it is counted as open: in between it would count nowhere, and too
        many would follow it.
        """
        asyncio.get_running_loop().add_reader(self._inward.fileno(), self._take_all, take)
        self._column.set_taking(True)

    def taken(self) -> None:
        """A connection that was given is counted as open now, or is gone."""
        self._column.take()

    def refuse(self) -> None:
        """Be given no more; what is on its way is still taken."""
        self._column.set_taking(False)

    def stop(self) -> None:
        """Take no more."""
        self.refuse()
        asyncio.get_running_loop().remove_reader(self._inward.fileno())

    def _take_all(self, take: Callable[[socket.socket, int], None]) -> None:
        with suppress(BlockingIOError):
            while True:
                message, descriptors, _, _ = socket.recv_fds(self._inward, 1, 1)
                if not message:
                    return
                self._take(message, descriptors, take)

    def _take(self, message: bytes, descriptors: Sequence[int], take: Callable[[socket.socket, int], None]) -> None:
        if not descriptors:  # this process may open no more files
            self.taken()
        for descriptor in descriptors:
            connection = socket.socket(fileno=descriptor)
            connection.setblocking(False)
            take(connection, message[0])
