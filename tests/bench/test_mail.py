"""The made-up mail, the load generator and the sink."""

import asyncio
from contextlib import suppress
from email import message_from_bytes

import pytest
from bench.corpus import ID, Author, raw_messages, template
from bench.load import Order, Tally, send
from bench.sink import Sink
from scripted_hop import Say, ScriptedHop

from listward.wire.dots import malformed, stuff

AUTHOR = Author("bench.test", "members@bench.test")


def test_the_same_seed_gives_the_same_mail() -> None:
    """Runs can be compared: nothing depends on the hour or the machine."""
    assert raw_messages(7, 20, AUTHOR) == raw_messages(7, 20, AUTHOR)
    assert raw_messages(7, 20, AUTHOR) != raw_messages(8, 20, AUTHOR)


def test_the_mix_is_as_described() -> None:
    """About two thirds plain, some with HTML, a few with an attachment; all well-formed."""
    made = [message_from_bytes(raw) for _, raw in raw_messages(7, 300, AUTHOR)]
    kinds = [message.get_content_type() for message in made]
    assert 0.55 < kinds.count("text/plain") / 300 < 0.78
    assert 0.18 < kinds.count("multipart/alternative") / 300 < 0.38
    assert 0.01 < kinds.count("multipart/mixed") / 300 < 0.10
    assert not any(part.defects for message in made for part in message.walk())
    assert not any(malformed(raw) for _, raw in raw_messages(7, 300, AUTHOR))


def test_a_template_is_ready_for_the_wire() -> None:
    """Each message sent is dot-stuffed, ended, and has its own Message-ID once."""
    sender, raw = raw_messages(7, 1, AUTHOR)[0]
    message = template(sender, raw).message(b"one")
    assert message == stuff(raw.replace(ID, b"one")) + b".\r\n"
    assert message.count(b"Message-ID: <one@bench.test>\r\n") == 1


async def sent(port: int, messages: int, connections: int) -> Tally:
    """Send a small order."""
    templates = tuple(template(*pair) for pair in raw_messages(7, 10, AUTHOR))
    return await send(Order(port, "members@bench.test", templates, messages, connections, seconds=20))


async def test_everything_sent_arrives_once() -> None:
    """The generator sends what was ordered, over as many connections, no Message-ID twice."""
    async with ScriptedHop() as hop:
        tally = await sent(hop.port, 45, 3)
    assert tally.replies == {"250": 45}
    assert (tally.errors, len(tally.latencies), len(hop.messages)) == (0, 45, 45)
    identities = {message_from_bytes(taken.data)["Message-ID"] for taken in hop.messages}
    assert len(identities) == 45
    assert hop.connections >= 5


@pytest.mark.parametrize("offers", [("PIPELINING",), ()])
async def test_refusals_are_counted(offers: tuple[str, ...]) -> None:
    """Each refused transaction counts once, and the next message goes on."""
    async with ScriptedHop(offers=offers) as hop:
        hop.on("RCPT", Say("550 5.1.1 no"), times=2)
        hop.on("DOT", Say("250 2.0.0 Received. A moderator reads it first. Case 1"), times=1)
        tally = await sent(hop.port, 12, 1)
    assert tally.replies == {"550": 2, "250 held": 1, "250": 9}


async def test_the_sink_takes_everything() -> None:
    """The sink answers every command and content, however the bytes are cut."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    tally = await sent(port, 30, 2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for byte in b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\n.\r\nNOPE\r\nQUIT\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
    said = await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0)
    assert tally.replies == {"250": 30}
    codes = [line[:4] for line in said.split(b"\r\n") if line[3:4] == b" "]
    assert codes == [b"220 ", b"250 ", b"250 ", b"250 ", b"354 ", b"250 ", b"500 ", b"221 "]
