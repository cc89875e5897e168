"""The reader of replies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.wire.replies import LINE_LIMIT, REPLY_LINES, UNREAD_LIMIT, BadReply, ReplyReader
from listward.wire.reply import Reply


def read(*pieces: bytes) -> list[Reply]:
    """Feed the pieces and return what is ready."""
    reader = ReplyReader()
    for piece in pieces:
        reader.feed(piece)
    return list(reader.ready)


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        (b"250 ok\r\n", Reply(250, "", "ok")),
        (b"250\r\n", Reply(250, "", "")),
        (b"250 \r\n", Reply(250, "", "")),
        (b"550 5.1.1 no such user\r\n", Reply(550, "5.1.1", "no such user")),
        (b"550 5.1.1\r\n", Reply(550, "5.1.1", "")),
        (b"550-5.7.1 first\r\n550 5.7.1 second\r\n", Reply(550, "5.7.1", "first\nsecond")),
        (b"550-5.7.1 first\r\n550 second\r\n", Reply(550, "5.7.1", "first\nsecond")),
        (b"250 5.1.1 of another class\r\n", Reply(250, "", "5.1.1 of another class")),
        (b"250-hop\r\n250-SIZE 1\r\n250 DSN\r\n", Reply(250, "", "hop\nSIZE 1\nDSN")),
        (b"451 4.3.0 caf\xc3\xa9 \x1b[31m\r\n", Reply(451, "4.3.0", "caf?? ?[31m")),
    ],
)
def test_replies_are_read(wire: bytes, reply: Reply) -> None:
    """Code, enhanced code of the same class, and printable text."""
    assert read(wire) == [reply]


@pytest.mark.parametrize(
    "wire",
    [
        b"hello\r\n",
        b"25 ok\r\n",
        b"2500 ok\r\n",
        b"150 ok\r\n",
        b"650 ok\r\n",
        b"250_ok\r\n",
        b"250 ok\n",
        b"\r\n",
        b" 250 ok\r\n",
        b"250-one\r\n251 two\r\n",
        b"250-one\r\n450 two\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"\xd9\xa2\xd9\xa5\xd9\xa0 ok\r\n",
        b"250 " + b"x" * (LINE_LIMIT + 1) + b"\r\n",
        b"x" * (LINE_LIMIT + 1),
        b"250-x\r\n" * (REPLY_LINES + 1),
        b"250 x\r\n" * (UNREAD_LIMIT // 7 + 1),
    ],
)
def test_anything_else_is_refused(wire: bytes) -> None:
    """Garbage, changing codes, endless lines and floods are no replies."""
    with pytest.raises(BadReply):
        read(wire)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=10))
def test_packets_may_cut_anywhere(cuts: list[int]) -> None:
    """However the bytes are cut, the replies are the same."""
    wire = b"250-hop\r\n250 DSN\r\n550 5.1.1 no\r\n354 go\r\n"
    pieces, start = [], 0
    for cut in cuts:
        pieces.append(wire[start : start + cut])
        start += cut
    assert read(*pieces, wire[start:]) == read(wire)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(wire: bytes) -> None:
    """Any bytes give replies of printable ASCII or the typed error."""
    try:
        replies = read(wire)
    except BadReply:
        return
    assert all(reply.text.replace("\n", "").isprintable() and reply.text.isascii() for reply in replies)


def test_an_unfinished_reply_is_not_idle() -> None:
    """Half a reply, a waiting reply and an open multi-line reply all show."""
    for wire in (b"25", b"250-open\r\n", b"250 ok\r\n"):
        reader = ReplyReader()
        assert reader.idle
        reader.feed(wire)
        assert not reader.idle
        reader.drop()
        assert reader.idle
