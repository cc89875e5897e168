"""Large messages in the hold: written piece by piece from where they lie, read back into a file."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from case_samples import draft
from store_world import LIST, raw

from listward.queue.store.codec import PIECE
from listward.queue.store.connect import Store
from listward.queue.store.names import ListKeys
from listward.queue.store.ports import DamagedBody, StoreUnavailable, UnknownCase
from listward.wire import spool
from listward.wire.payload import Payload, Spooled

KEYS = ListKeys(LIST)
HEADER = b"From: ana@member.example\r\n"


@contextmanager
def in_a_file(content: bytes) -> Iterator[Payload]:
    """The message as the door hands it on: the header in memory, the rest in a file."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield Payload(content[: len(HEADER)], Spooled(file.fileno(), len(HEADER), len(content) - len(HEADER)))


async def whole(store: Store, number: str) -> tuple[bytes, bool]:
    """The message as the courier gets it, and whether it lies in a file."""
    async with store.cases.opened(number) as body:
        return body.whole(), body.rest is not None


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE, 9 * PIECE + 7])
async def test_a_message_in_a_file_comes_back(store: Store, size: int) -> None:
    """Octet for octet, whatever the pieces it was cut into; what is large comes back in a file."""
    content = HEADER + b"\r\n" + os.urandom(size // 2).hex().encode() + b"\r\n"
    with in_a_file(content) as message:
        case = await store.cases.hold(draft(), message)
    assert await store.cases.body(case.number) == content
    assert await whole(store, case.number) == (content, len(content) > spool.SPOOL_OVER)


async def test_a_header_of_megabytes_still_comes_back(store: Store) -> None:
    """An earlier release took such mail; it is whole, though not in a file."""
    content = b"X: y\r\n" * 400_000
    case = await store.cases.hold(draft(), Payload(content))
    assert await whole(store, case.number) == (content, False)


async def test_damage_is_found_before_anything_is_given_out(store: Store) -> None:
    """A piece that is missing, changed or gone with its case."""
    content = HEADER + b"\r\n" + b"line\r\n" * 500_000
    case = await store.cases.hold(draft(), Payload(content))
    place = KEYS.body(case.number)
    piece = await raw(store).hget(place, "3")
    await raw(store).hdel(place, "3")
    with pytest.raises(DamagedBody, match="missing"):
        await whole(store, case.number)
    assert piece is not None
    await raw(store).hset(place, "3", piece[:-1] + bytes([piece[-1] ^ 1]))
    with pytest.raises(DamagedBody, match="changed"):
        await whole(store, case.number)
    with pytest.raises(UnknownCase):
        await whole(store, "99994")


async def test_a_file_that_cannot_be_read_makes_no_case(store: Store) -> None:
    """A spool file that was cut short is no message: the client keeps it."""
    with in_a_file(HEADER + b"\r\n" + b"x" * 3 * PIECE) as message:
        assert message.rest is not None
        os.ftruncate(message.rest.descriptor, PIECE)
        with pytest.raises(StoreUnavailable, match="cannot be read"):
            await store.cases.hold(draft(), message)
    assert await raw(store).keys("*:case:*") == []


async def test_without_room_for_the_file_nothing_is_given_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The courier tries again later."""
    case = await store.cases.hold(draft(), Payload(HEADER + b"\r\n" + b"line\r\n" * 500_000))

    def full(self: spool.Spool, block: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool.Spool, "write", full)
    with pytest.raises(StoreUnavailable, match="no room"):
        await whole(store, case.number)
