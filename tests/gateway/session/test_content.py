"""Content: its real end, its octets, its bounds, however it is cut into blocks and wherever it lies."""

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.gateway.session import replies
from listward.gateway.session.bounds import Bounds
from listward.gateway.session.content import Content, DotFinder, Room
from listward.runtime.metrics import Metrics
from listward.wire import dots, spool
from listward.wire.payload import Payload
from listward.wire.reply import Reply

ROOM = Room(10_000, 100_000)
PIECES = st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n.\r\n", b"\0", b"..", b"\r\n..", b"\xe9"])
CUTS = st.lists(st.integers(0, 60), max_size=6)
HEADER = b"A: b\r\n\r\n"


@pytest.fixture
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything beyond twenty octets is a large message."""
    monkeypatch.setattr(spool, "SPOOL_OVER", 20)
    monkeypatch.setattr(spool, "AT_ONCE", 5)


def cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    """The stream in blocks."""
    places = sorted({place for place in cuts if place < len(stream)} | {0, len(stream)})
    return [stream[start:end] for start, end in pairwise(places)]


def collect(blocks: list[bytes], mend: bool = False, room: Room = ROOM) -> tuple[Content, bytes | None]:
    """Feed blocks until the end; returns the content and what follows it, None where there was no end."""
    finder, content, rest = DotFinder(), Content(room, Bounds(Metrics()), stuffed=True, mend=mend), None
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


def outcome(content: Content) -> bytes | Reply | None:
    """The message, or its refusal."""
    payload = content.finish()
    try:
        if payload is None:
            return content.refusal
        said = payload.rest
        if said is not None:
            rest = b"".join(said.blocks(7))
            assert said.digest == hashlib.sha256(rest).hexdigest() == payload.digest_behind(len(payload.head))
            assert said.eight_bit == (not rest.isascii())
            assert said.dotted or b"\r\n." not in rest
            assert payload.head.endswith(b"\r\n")
            assert rest.startswith(b"\r\n")
        if payload.smooth:
            assert dots.stuff(payload.head) == dots.normalise(payload.head) == dots.terminated(payload.head)
        return payload.whole()
    finally:
        content.close()


def expected(plain: bytes, mend: bool) -> bytes | Reply:
    """What the simple functions make of the whole."""
    if dots.malformed(plain) is not None and not mend:
        return replies.BARE_OCTETS
    return dots.terminated(dots.normalise(plain))


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12), cuts=CUTS, mend=st.booleans())
def test_the_end_is_found_however_the_stream_is_cut(pieces: list[bytes], cuts: list[int], mend: bool) -> None:
    """Blocks of any size give the same content and the same rest as the whole stream at once."""
    stream = b"".join(pieces)
    content, rest = collect(cut(stream, cuts), mend)
    found = reference(stream)
    assert (rest is None) == (found is None)
    if found is not None:
        assert rest == found[1]
        assert outcome(content) == expected(dots.unstuff(found[0]), mend)


@settings(max_examples=400, deadline=None)
@given(pieces=st.lists(PIECES, max_size=25), cuts=CUTS, mend=st.booleans())
@pytest.mark.usefixtures("small_memory")
def test_a_large_message_is_what_the_simple_functions_make_of_it(
    pieces: list[bytes], cuts: list[int], mend: bool
) -> None:
    """Unstuffed, checked and normalised block by block, whatever lies at the borders of the blocks."""
    stream = HEADER + b"".join(pieces) + b"\r\n.\r\n"
    content, _ = collect(cut(stream, cuts), mend)
    found = reference(stream)
    assert found is not None
    assert outcome(content) == expected(dots.unstuff(found[0]), mend)


@pytest.mark.usefixtures("small_memory")
@pytest.mark.parametrize("mend", [False, True])
@pytest.mark.parametrize(
    "body", [b"..a\r\n...\r\nx\r\n.y\r\n", b"a\r.\nb\n.c\r\r\n\0", b"\xe9\r\n\r\n..\r\n", b"abcdef" * 4 + b".x"]
)
def test_every_cut_gives_the_same(body: bytes, mend: bool) -> None:
    """Two blocks, cut at each octet, by DATA and by BDAT."""
    stream = HEADER + body + b"\r\n.\r\n"
    for place in range(1, len(stream)):
        content, _ = collect([stream[:place], stream[place:]], mend)
        assert outcome(content) == expected(dots.unstuff(HEADER + body + b"\r\n"), mend)
    for place in range(1, len(HEADER + body)):
        content = Content(ROOM, Bounds(Metrics()), mend=mend)
        content.add((HEADER + body)[:place])
        content.add((HEADER + body)[place:])
        assert outcome(content) == expected(HEADER + body, mend)


def test_empty_content_is_content() -> None:
    """A dot right after DATA is a message without a line."""
    content, rest = collect([b".\r\nQUIT\r\n"])
    assert (content.finish(), rest) == (Payload(b"", sound=True), b"QUIT\r\n")


def test_more_than_the_limit_is_refused_and_counted_on() -> None:
    """After the refusal nothing is kept, and the octets are still counted for the rate."""
    content = Content(Room(100, 100_000), Bounds(Metrics()))
    for _ in range(40):
        content.add(b"x" * 50)
    assert content.refusal is replies.too_large(100)
    assert content.received == 2000
    assert content.finish() is None


@pytest.mark.usefixtures("small_memory")
@pytest.mark.parametrize(
    ("block", "limit"), [(b"x" * 3000, "message_bytes"), (b"A: b\r\n" * 9, "header_bytes"), (HEADER * 9, "spool")]
)
def test_each_bound_is_counted(block: bytes, limit: str, tmp_path: Path) -> None:
    """An administrator sees which one refuses mail."""
    metrics = Metrics()
    content = Content(Room(100, 100_000, tmp_path / "gone"), Bounds(metrics))
    content.add(block)
    assert content.refusal is not None
    assert metrics.registry.get_sample_value("listward_limits_hit_total", {"limit": limit}) == 1


@pytest.mark.usefixtures("small_memory")
@pytest.mark.parametrize(("size", "refusal"), [(100, None), (101, replies.too_large(100))])
def test_the_size_is_exact_once_the_dots_are_off(size: int, refusal: Reply | None) -> None:
    """Stuffed dots and the dot line do not count (RFC 1870 section 3)."""
    body = b"..\r\n" * 20
    line = b"x" * (size - len(HEADER) - 60 - 2) + b"\r\n"
    content, _ = collect([HEADER + body + line + b".\r\n"], room=Room(100, 100_000))
    payload = content.finish()
    assert content.refusal is refusal
    assert payload is None or len(payload) == size
    content.close()


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


@pytest.mark.usefixtures("small_memory")
def test_a_large_message_goes_to_a_file_without_a_name(tmp_path: Path) -> None:
    """Its header stays in memory; the file has no name, and nothing can be read after the end."""
    content, _ = collect([HEADER, b"line\r\n" * 50, b".\r\n"], room=Room(10_000, 100_000, tmp_path))
    payload = content.finish()
    assert payload is not None
    assert payload.head == HEADER[:-2]
    assert payload.rest is not None
    assert payload.whole() == HEADER + b"line\r\n" * 50
    assert list(tmp_path.iterdir()) == []
    content.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        payload.whole()


@pytest.mark.usefixtures("small_memory")
def test_a_full_disk_makes_the_client_wait(tmp_path: Path) -> None:
    """A spool that cannot be written is 452, not a broken message."""
    content = Content(Room(10_000, 100_000, tmp_path / "gone"), Bounds(Metrics()))
    content.add(HEADER + b"x" * 200)
    assert content.refusal is replies.NO_ROOM


@pytest.mark.usefixtures("small_memory")
def test_a_disk_that_fills_up_makes_the_client_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is the last block that finds no room, at the dot."""
    content = Content(ROOM, Bounds(Metrics()))
    content.add(HEADER + b"x" * 200)

    def full(self: spool.Spool, block: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool.Spool, "write", full)
    assert content.finish() is None
    assert content.refusal is replies.NO_ROOM


@pytest.mark.usefixtures("small_memory")
def test_a_large_message_that_is_all_header_is_refused() -> None:
    """A header that memory cannot hold is nothing anybody wrote."""
    content, rest = collect([b"A: b\r\n" * 100, b"\r\nbody\r\n.\r\nQUIT\r\n"])
    assert content.refusal is replies.HEADER_TOO_LARGE
    assert rest == b"QUIT\r\n"
