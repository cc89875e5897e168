"""What is sent: stuffed block by block as if at once, with the needs of the whole."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.wire import outgoing as module
from listward.wire import spool
from listward.wire.commands import Needs, needs_of
from listward.wire.dots import END, stuff, terminated
from listward.wire.outgoing import Outgoing
from listward.wire.payload import Payload, Spooled
from listward.wire.spool import Intake

HEADER = b"A: b\r\n\r\n"
PIECES = st.sampled_from([b"\r\n", b".", b"..", b"a", b"\r\n.", b"\xe9", b"\r\n.\r\n", b"abcdefg"])


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything beyond ten octets goes in blocks, and beyond twenty through a file."""
    monkeypatch.setattr(module, "AT_ONCE", 10)
    monkeypatch.setattr(module, "BLOCK", 3)
    monkeypatch.setattr(spool, "SPOOL_OVER", 20)


@contextmanager
def spooled(content: bytes) -> Iterator[Payload]:
    """The content as the door hands it on."""
    intake = Intake()
    try:
        intake.add(content)
        yield intake.ended()
    finally:
        intake.close()


def sent(message: Payload) -> bytes:
    """All that goes out between DATA and the final dot."""
    content = Outgoing(message)
    return content.whole.removesuffix(END) if content.whole is not None else b"".join(content.blocks())


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=20), place=st.integers(0, 60))
@pytest.mark.usefixtures("small_blocks")
def test_blocks_are_what_the_whole_would_be(pieces: list[bytes], place: int) -> None:
    """In memory, through a file, and with any part of the body in front of the file."""
    content = terminated(HEADER + b"".join(pieces))
    assert sent(Payload(content)) == stuff(content)
    with spooled(content) as message:
        assert sent(message) == stuff(content)
        assert Outgoing(message).needs == needs_of(content)
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        cut = min(len(HEADER) + place, len(content))
        apart = Payload(content[:cut], Spooled(file.fileno(), cut, len(content) - cut))
        assert sent(apart) == stuff(content)


def test_a_small_message_is_one_write() -> None:
    """The content, its last line ended, and the dot."""
    assert Outgoing(Payload(b".a\r\nb")).whole == b"..a\r\nb\r\n.\r\n"
    assert Outgoing(Payload(b"x" * module.AT_ONCE)).whole is None


@pytest.mark.usefixtures("small_blocks")
def test_eight_bits_in_a_file_are_eight_bits() -> None:
    """The hop hears of them in MAIL, before anybody reads the file."""
    with spooled(HEADER + b"line\r\n" * 20 + b"\xe9\r\n") as message:
        assert message.rest is not None
        assert Outgoing(message).needs == Needs(len(message), eight_bit=True, utf8_header=False)
    with spooled(HEADER + b"line\r\n" * 20) as message:
        assert not Outgoing(message).needs.eight_bit


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("octets", [b"\r", b"\n", b"\0"])
def test_what_must_not_leave_is_named_wherever_it_lies(octets: bytes) -> None:
    """In memory or in the file."""
    assert Outgoing(Payload(HEADER + octets + b"x")).fault
    with spooled(HEADER + b"line\r\n" * 20 + octets + b"x\r\n") as message:
        assert message.rest is not None
        assert Outgoing(message).fault


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12))
def test_a_smooth_message_goes_out_as_it_is(pieces: list[bytes]) -> None:
    """What the door has seen once is not looked at again, and what goes out is the same."""
    content = HEADER + b"".join(pieces)
    with spooled(content) as message:
        assert Outgoing(message).whole == stuff(terminated(content)) + END
        longer = message.behead(0, b"Received: x\r\n")
        assert Outgoing(longer).whole == stuff(terminated(b"Received: x\r\n" + content)) + END
        assert message.sound
        assert message.smooth == (content == terminated(content) and stuff(content) == content)


def test_a_fault_is_seen_whoever_took_the_message_in() -> None:
    """A message that came in with a bare LF is not sound, and does not leave."""
    with spooled(HEADER + b"x\ny\r\n") as message:
        assert not message.sound
        assert Outgoing(message).fault
