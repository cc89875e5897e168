"""Content: its real end, its octets, its bounds."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.gateway.session import content as module
from listward.gateway.session import replies
from listward.gateway.session.bounds import Bounds
from listward.gateway.session.content import Content, DotFinder, Room
from listward.runtime.metrics import Metrics

ROOM = Room(10_000, 100_000)
PIECES = st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n.\r\n", b"\0", b".."])


def collect(blocks: list[bytes], room: Room = ROOM) -> tuple[Content, bytes | None]:
    """Feed blocks until the end; returns the content and what follows it, None where there was no end."""
    finder, content, rest = DotFinder(), Content(room, Bounds(Metrics())), None
    for index, block in enumerate(blocks):
        part, rest = finder.split(block)
        content.add(part)
        if rest is not None:
            return content, rest + b"".join(blocks[index + 1 :])
    return content, None


def reference(stream: bytes) -> tuple[bytes, bytes] | None:
    """The slow and plain way: the first CRLF.CRLF after the line end of DATA itself."""
    whole = b"\r\n" + stream
    at = whole.find(b"\r\n.\r\n")
    return None if at < 0 else (whole[2 : at + 2] if at else b"", whole[at + 5 :])


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12), cuts=st.lists(st.integers(0, 40), max_size=4))
def test_the_end_is_found_however_the_stream_is_cut(pieces: list[bytes], cuts: list[int]) -> None:
    """Blocks of any size give the same content and the same rest as the whole stream at once."""
    stream = b"".join(pieces)
    places = sorted({cut for cut in cuts if cut < len(stream)} | {0, len(stream)})
    blocks = [stream[start:end] for start, end in pairwise(places)]
    content, rest = collect(blocks)
    expected = reference(stream)
    assert (rest is None) == (expected is None)
    if expected is not None and rest is not None:
        assert (content.finish(DotFinder.SURPLUS), rest) == expected


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(PIECES, max_size=10), cut=st.integers(0, 30))
def test_bare_octets_are_seen_across_blocks(pieces: list[bytes], cut: int) -> None:
    """A CR, LF or NUL that is no part of CRLF is found wherever a block ends."""
    stream = b"".join(pieces)
    content = Content(ROOM, Bounds(Metrics()))
    content.add(stream[:cut])
    content.add(stream[cut:])
    left = stream.replace(b"\r\n", b"")
    assert content.has_bare_octets == any(octet in left for octet in (b"\r", b"\n", b"\0"))


def test_empty_content_is_content() -> None:
    """A dot right after DATA is a message without a line."""
    content, rest = collect([b".\r\nQUIT\r\n"])
    assert (content.finish(DotFinder.SURPLUS), rest) == (b"", b"QUIT\r\n")


def test_more_than_the_limit_is_refused_and_counted_on() -> None:
    """After the refusal nothing is kept, and the octets are still counted for the rate."""
    content = Content(Room(100, 100_000), Bounds(Metrics()))
    for _ in range(40):
        content.add(b"x" * 50)
    assert content.refusal is replies.TOO_LARGE
    assert content.received == 2000
    assert content.finish() == b""


def test_octets_in_flight_are_bounded_and_given_back() -> None:
    """One message takes the room of another, until it is closed."""
    bounds = Bounds(Metrics())
    first, second = Content(Room(900, 1000), bounds), Content(Room(900, 1000), bounds)
    first.add(b"x" * 800)
    second.add(b"x" * 300)
    assert second.refusal is replies.NO_ROOM
    first.close()
    first.close()
    assert bounds.octets == 0


def test_a_large_message_goes_to_a_file_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the threshold the octets lie on disk, under no name, and leave nothing behind."""
    monkeypatch.setattr(module, "SPOOL_OVER", 100)
    content = Content(Room(10_000, 100_000, tmp_path), Bounds(Metrics()))
    parts = [bytes([index]) * 70 for index in range(1, 6)]
    for part in parts:
        content.add(part)
    assert content._file is not None
    assert content.finish(3) == b"".join(parts)[:-3]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_makes_the_client_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool that cannot be written is 452, not a broken message."""
    monkeypatch.setattr(module, "SPOOL_OVER", 100)
    content = Content(Room(10_000, 100_000, tmp_path / "gone"), Bounds(Metrics()))
    content.add(b"x" * 200)
    assert content.refusal is replies.NO_ROOM
