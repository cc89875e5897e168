"""A message in memory or in a file gives the same octets."""

import tempfile

import pytest

from listward.wire.payload import Payload, Spooled


def test_memory_and_file_give_the_same_octets() -> None:
    """Where the octets lie makes no difference to what comes out."""
    content = b"Subject: a\r\n\r\n" + b"line\r\n" * 1000
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        spooled = Payload(content[:100], Spooled(file.fileno(), 100, len(content) - 100))
        assert b"".join(spooled.blocks(7)) == spooled.whole() == Payload(content).whole() == content
        assert len(spooled) == len(content)
        assert spooled.behead(12, b"Subject: other\r\n").whole() == b"Subject: other\r\n" + content[12:]


def test_a_short_file_is_an_error() -> None:
    """A spool file that lost its end never passes as the whole message."""
    with tempfile.TemporaryFile() as file:
        file.write(b"abc")
        file.flush()
        with pytest.raises(OSError, match="too early"):
            Payload(b"", Spooled(file.fileno(), 0, 4)).whole()
