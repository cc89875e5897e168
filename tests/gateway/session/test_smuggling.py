"""No sequence makes two messages of one, and none reaches the next hop: judged by its bytes there."""

import json
from pathlib import Path

import pytest
from gateway_fakes import NEWS, Rig

HEAD = f"From: a@b.example\r\nTo: {NEWS}\r\nSubject: outer\r\nMessage-ID: <outer@b.example>\r\nDate: x\r\n\r\nvisible"
INNER = (
    f"MAIL FROM:<smuggled@b.example>\r\nRCPT TO:<{NEWS}>\r\nDATA\r\n"
    f"From: ceo@party.example\r\nTo: {NEWS}\r\nSubject: smuggled\r\nMessage-ID: <in@b.example>\r\n\r\nsmuggled\r\n"
)
# Every way to write "line end, dot, line end" that is not CRLF.CRLF, and near misses around it.
ENDS = [b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\n\r", b"\r\r\n", b"\r\0\n", b"\0", b"\r\n\0", b" \n", b"\x0b"]
DOTS = [b".", b"..", b". "]
SEQUENCES = [
    before + dot + after
    for before in ENDS
    for dot in DOTS
    for after in ENDS
    if b"\r\n.\r\n" not in before + dot + after
]


def has_bare(data: bytes) -> bool:
    """Whether CR, LF or NUL stands alone."""
    left = data.replace(b"\r\n", b"")
    return any(octet in left for octet in (b"\r", b"\n", b"\0"))


async def outcome(rig: Rig, sequence: bytes, head: bytes, inner: bytes, pieces: int = 1) -> list[tuple[int, str]]:
    """Send one message with the sequence and what it would smuggle, in so many segments; returns all replies."""
    client = await rig.connect()
    await client.envelope(NEWS)
    assert (await client.ask("DATA"))[0] == 354
    data = head + sequence + inner + b"\r\n.\r\n"
    step = -(-len(data) // pieces)
    for start in range(0, len(data), step):
        client.writer.write(data[start : start + step])
        await client.writer.drain()
    client.writer.write(b"QUIT\r\n")
    replies = []
    while (reply := await client.reply()) != (0, ""):
        replies.append(reply)
    return replies


def check(rig: Rig, replies: list[tuple[int, str]], sequence: bytes) -> None:
    """One transaction at most, nothing bare in it, and the inside of the message was never run as commands."""
    assert len(rig.news.contents) <= 1
    assert sum(command.startswith(b"MAIL") for command in rig.news.commands) <= 1
    assert all(not has_bare(content) for content in rig.news.contents)
    if has_bare(sequence):
        assert rig.news.contents == []
    assert [code for code, _text in replies] in ([250, 221], [550, 221])


async def test_no_sequence_ends_the_message() -> None:
    """All line ends but CRLF, on either side of the dot, in every combination."""
    async with Rig() as rig:
        for sequence in SEQUENCES:
            rig.news.contents.clear()
            rig.news.commands.clear()
            rig.ledger.outcomes.clear()
            replies = await outcome(rig, sequence, HEAD.encode(), INNER.encode())
            check(rig, replies, sequence)


@pytest.mark.parametrize("pieces", [2, 3, 7, 50, 400])
@pytest.mark.parametrize("sequence", [b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n.\r\r\n"])
async def test_segments_change_nothing(sequence: bytes, pieces: int) -> None:
    """However TCP cuts the stream, a bare octet is refused and the rest is content."""
    async with Rig() as rig:
        check(rig, await outcome(rig, sequence, HEAD.encode(), INNER.encode(), pieces), sequence)


async def test_the_real_end_ends_the_message_even_after_a_bare_return() -> None:
    """CR CR LF . CR LF: the message is refused for its bare CR, and what follows is commands."""
    async with Rig() as rig:
        replies = await outcome(rig, b"\r\r\n.\r\n", HEAD.encode(), b"NOOP\r\nRSET")
        assert [code for code, _text in replies] == [550, 250, 250, 500, 221]
        assert rig.news.contents == []


async def test_bare_line_ends_can_be_normalised() -> None:
    """Where an admin chose so, the message goes on as one, with CRLF line ends only."""
    async with Rig(gateway={"line_ends": "normalise"}) as rig:
        for sequence in (b"\n.\n", b"\r.\r", b"\r\n.\n", b"\n.\r\n", b"\0"):
            rig.news.contents.clear()
            rig.ledger.outcomes.clear()
            replies = await outcome(rig, sequence, HEAD.encode(), INNER.encode())
            assert [code for code, _text in replies] == [250, 221]
            assert len(rig.news.contents) == 1
            assert not has_bare(rig.news.contents[0])
            assert b"\r\nSubject: smuggled\r\n" in rig.news.contents[0]


@pytest.mark.shared
async def test_the_published_sequences(shared: Path) -> None:
    """The published matrix, byte-exact at the next hop."""
    matrix = json.loads((shared / "conformance/smuggling/matrix.json").read_text())
    head, inner = matrix["prefix"].encode(), matrix["inner"].replace("list@example.com", NEWS).encode()
    async with Rig() as rig:
        for row in matrix["sequences"]:
            rig.news.contents.clear()
            rig.news.commands.clear()
            rig.ledger.outcomes.clear()
            sequence = bytes.fromhex(row["bytes_hex"])
            if row["real_end_of_data"]:
                replies = await outcome(rig, sequence, head, b"NOOP")
                assert [code for code, _text in replies] == [550, 250, 500, 221], row["id"]
                assert rig.news.contents == []
            else:
                check(rig, await outcome(rig, sequence, head, inner), sequence)
