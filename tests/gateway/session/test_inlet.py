"""Reading by line and by block over the same octets."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.gateway.session.inlet import Disconnected, Inlet, LineTooLong

LINE = st.binary(max_size=20).map(lambda text: text.replace(b"\n", b"") + b"\n")


def inlet_of(*blocks: bytes) -> Inlet:
    """An inlet over these blocks, then the end of the stream."""
    waiting: Iterator[bytes] = iter(blocks)

    async def read() -> bytes:
        return next(waiting, b"")

    async def before_wait() -> None:
        return None

    return Inlet(read, before_wait)


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(LINE, max_size=6), data=st.data())
async def test_lines_come_whole_however_they_are_cut(lines: list[bytes], data: st.DataObject) -> None:
    """Cutting the stream anywhere changes no line."""
    stream = b"".join(lines)
    cut = data.draw(st.integers(0, len(stream)))
    inlet = inlet_of(*filter(None, (stream[:cut], stream[cut:])))
    assert [await inlet.line(100) for _ in lines] == lines


async def test_a_long_line_is_read_to_its_end() -> None:
    """After LineTooLong the next command is read as it is."""
    inlet = inlet_of(b"x" * 50, b"y" * 50 + b"\nNOOP\r\n")
    with pytest.raises(LineTooLong):
        await inlet.line(10)
    assert await inlet.line(10) == b"NOOP\r\n"


async def test_a_long_line_in_one_block_is_refused_too() -> None:
    """The limit holds however the line came."""
    inlet = inlet_of(b"x" * 50 + b"\nNOOP\r\n")
    with pytest.raises(LineTooLong):
        await inlet.line(10)
    assert await inlet.line(10) == b"NOOP\r\n"


async def test_blocks_never_take_more_than_asked() -> None:
    """What lies behind a chunk stays for the next command."""
    inlet = inlet_of(b"12345NOOP\r\n")
    assert await inlet.block(5) == b"12345"
    assert inlet.pending
    assert await inlet.line(10) == b"NOOP\r\n"
    assert not inlet.pending


async def test_octets_can_be_given_back() -> None:
    """Octets after the end of content are the next command."""
    inlet = inlet_of(b"content", b"QUIT\r\n")
    await inlet.block()
    inlet.unread(b"NOOP\r\n")
    assert await inlet.line(10) == b"NOOP\r\n"
    assert await inlet.line(10) == b"QUIT\r\n"


async def test_the_end_of_the_stream_is_an_error() -> None:
    """Half a command is no command."""
    with pytest.raises(Disconnected):
        await inlet_of(b"QUI").line(10)
