"""Connections that go to the worker that has the fewest."""

import asyncio
import socket

from listward.runtime.board import Board
from listward.runtime.handover import Handover, Pairs


def ends() -> tuple[socket.socket, socket.socket]:
    """A client's socket and the server's end of it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        return client, listening.accept()[0]


async def test_a_connection_goes_to_whoever_has_fewer() -> None:
    """Two more than the least move; one more stays. What is on its way counts already."""
    board, pairs = Board(2), Pairs(2)
    columns = [board.column(0), board.column(1)]
    full, idle = (Handover(pairs, worker, columns[worker], 0) for worker in (0, 1))
    taken: list[tuple[socket.socket, int]] = []
    arrived = asyncio.Event()

    def take(connection: socket.socket, door: int) -> None:
        taken.append((connection, door))
        assert columns[0].on_the_way() == [0, 1], "until it is counted as open"
        idle.taken()
        arrived.set()

    client, accepted = ends()
    columns[0].add(0, 1)
    assert not full.gives(accepted, 1), "nobody takes it"
    idle.receive(take)
    columns[0].add(0, -1)
    assert not full.gives(accepted, 1)
    columns[0].add(0, 1)
    assert full.gives(accepted, 1)
    accepted.close()
    assert not idle.gives(client, 1)
    assert columns[0].on_the_way() == [0, 1]
    assert not full.gives(client, 1), "one is on its way there: that makes both even"
    await asyncio.wait_for(arrived.wait(), 5)
    columns[0].add(0, 3)
    idle.refuse()
    assert not full.gives(client, 1), "it is about to end"
    idle.stop()
    assert columns[0].on_the_way() == [0, 0]
    (connection, door), *_ = taken
    assert door == 1
    await asyncio.get_running_loop().sock_sendall(connection, b"hello")
    assert client.recv(5) == b"hello"
    for each in (client, connection):
        each.close()
    pairs.close()


def test_where_the_way_is_full_the_connection_stays() -> None:
    """Nothing waits: the worker goes on with it by itself."""
    board, pairs = Board(2), Pairs(2)
    column = board.column(0)
    column.add(0, 100_000)
    board.column(1).set_taking(True)
    handover = Handover(pairs, 0, column, 0)
    client, accepted = ends()
    given = 0
    while handover.gives(accepted, 0) and given < 50_000:
        given += 1
    assert 0 < given < 50_000
    for each in (client, accepted):
        each.close()
    pairs.close()
