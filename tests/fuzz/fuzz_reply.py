"""A server's replies: only BadReply is raised, cutting the stream changes nothing, and no control reaches a reader."""

from fuzzing import cuts

from listward.wire.replies import BadReply, ReplyReader
from listward.wire.reply import Reply

GROW = (b"250-x\r\n", b"250 x\r\n", b"2", b"250-5.7.1 5.7.1 ")


def one(data: bytes) -> None:
    """Feed the stream whole and in pieces."""
    whole = read((data,))
    assert read(cuts(data)) == whole
    for reply in whole[0]:
        assert 200 <= reply.code < 600
        assert all(" " <= sign <= "~" or sign == "\n" for sign in reply.text)
        assert "\n" not in reply.enhanced


def read(blocks: tuple[bytes, ...]) -> tuple[list[Reply], bool]:
    """The whole replies, and whether the stream turned out to be none."""
    reader = ReplyReader()
    try:
        for block in blocks:
            reader.feed(block)
    except BadReply:
        return list(reader.ready), True
    return list(reader.ready), False
