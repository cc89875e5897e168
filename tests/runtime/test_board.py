"""Counts that workers share."""

import os

import pytest

from listward.runtime.board import MOST_WORKERS, Board


def test_a_sum_counts_all_workers() -> None:
    """Each column adds to its own; everybody reads the sum."""
    board = Board(3)
    one, other, _ = (board.column(worker) for worker in range(3))
    assert one.add(0, 5) == 5
    assert other.add(0, 2) == 7
    assert one.total(0) == 7
    assert one.total(1) == 0
    assert one.each(0) == [5, 2, 0]


def test_a_forked_worker_writes_into_the_same_memory() -> None:
    """What a child counts the parent reads."""
    board = Board(2)
    mine = board.column(0)
    pid = os.fork()
    if not pid:
        board.column(1).add(0, 3)
        board.column(1)  # cleared: a worker that begins again
        board.column(1).add_key(0, b"192.0.2.1", 4)
        os._exit(0)
    os.waitpid(pid, 0)
    assert mine.total(0) == 0
    assert mine.add_key(0, b"192.0.2.1", 1) == 5
    assert mine.add_key(1, b"192.0.2.1", 1) == 1


def test_a_worker_that_died_is_forgotten() -> None:
    """Its counts of the present go; those of connections handed over stay."""
    board = Board(2)
    one, other = board.column(0), board.column(1)
    other.add(0, 7)
    other.add_key(0, b"a", 2)
    one.give(1)
    for column in (one, other):
        column.set_taking(True)
    assert one.takers() == [0, 1]
    board.clear(1)
    assert one.total(0) == 0
    assert one.add_key(0, b"a", 1) == 1
    assert one.takers() == [0]
    assert one.on_the_way() == [0, 1]
    other.take()
    assert one.on_the_way() == [0, 0]


def test_keys_are_counted_apart() -> None:
    """Hundreds of clients at once: none counts too low, few too high."""
    column = Board().column(0)
    counts = [column.add_key(0, b"client %d" % number, 1) for number in range(300)]
    assert min(counts) == 1
    assert sum(count > 1 for count in counts) < 20
    for number in range(300):
        column.add_key(0, b"client %d" % number, -1)
    assert column.add_key(0, b"client 1", 1) == 1


def test_a_rate_slides() -> None:
    """What came in the window before counts for the part of it that is still within reach."""
    board = Board(2)
    one, other = board.column(0), board.column(1)
    assert [one.add_to_rate(0, b"a", 600.0, 60) for _ in range(4)] == [1, 2, 3, 4]
    assert other.add_to_rate(0, b"a", 659.0, 60) == 5
    assert other.rate(0, b"a", 675.0, 60) == 5 * 0.75
    assert one.add_to_rate(0, b"a", 690.0, 60) == 1 + 5 * 0.5
    assert one.rate(0, b"a", 780.0, 60) == 0
    assert one.rate(0, b"b", 600.0, 60) == 0
    assert one.rate(1, b"a", 600.0, 60) == 0


def test_there_are_columns_for_so_many() -> None:
    """A board for nobody, or for more than it has cells for, is a mistake."""
    for workers in (0, MOST_WORKERS + 1):
        with pytest.raises(ValueError, match="workers"):
            Board(workers)
