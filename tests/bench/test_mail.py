"""The made-up mail, the load generator and the sink."""

import asyncio
from contextlib import suppress
from email import message_from_bytes

import dkim
import pytest
from bench.corpus import ID, MIB, Author, large_message, raw_messages, template
from bench.load import Order, Tally, send
from bench.names import Names
from bench.signing import Key, new_key, seal
from bench.sink import Sink
from dnslib import RCODE, DNSRecord
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


def test_few_messages_have_the_mix_of_all() -> None:
    """Any forty in a row have about as much of each kind, so that slow systems get the same work."""
    kinds = [message_from_bytes(raw).get_content_type() for _, raw in raw_messages(7, 120, AUTHOR)]
    for start in range(0, 80, 10):
        part = kinds[start : start + 40]
        assert 25 <= part.count("text/plain") <= 28
        assert 1 <= part.count("multipart/mixed") <= 3


def test_every_signature_is_valid_and_covers_the_message_id() -> None:
    """Signed for each message sent: another Message-ID breaks it."""
    key = new_key()
    for sender, raw in raw_messages(7, 20, AUTHOR):
        made = template(sender, raw, seal(raw, "bench.test", key)).message(b"one")
        whole = made.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        assert verifies(whole, key)
        assert not verifies(whole.replace(b"<one@", b"<two@"), key)


def verifies(message: bytes, key: Key) -> bool:
    """Ask the library, with the key as the name server would say it."""
    return bool(dkim.verify(message, dnsfunc=lambda *_, **__: f"v=DKIM1; k=rsa; p={key.public}".encode()))


def test_a_large_message_has_its_size() -> None:
    """Just below what was asked for, well-formed, with one attachment."""
    _, raw = large_message(MIB, AUTHOR)
    assert MIB - 4096 < len(raw) <= MIB
    assert not malformed(raw)
    made = message_from_bytes(raw)
    assert [part.get_content_type() for part in made.walk()] == [
        "multipart/mixed",
        "text/plain",
        "application/octet-stream",
    ]


def test_the_name_server_answers_as_a_zone() -> None:
    """The signing domain has its records; any other name does not exist; a second question gets its own id."""
    names, answers = Names("KEY"), list[bytes]()
    names.connection_made(Recorder(answers))  # type: ignore[arg-type]  # only sendto is used
    for identity, name in ((1, "signed.bench.test"), (2, "signed.bench.test"), (3, "nowhere.test")):
        question = DNSRecord.question(name, "TXT")
        question.header.id = identity
        names.datagram_received(bytes(question.pack()), ("127.0.0.1", 1))
    first, again, unknown = map(DNSRecord.parse, answers)
    assert (first.header.id, again.header.id, unknown.header.id) == (1, 2, 3)
    assert "v=spf1" in str(again.rr[0].rdata)
    assert RCODE[unknown.header.rcode] == "NXDOMAIN"


class Recorder:
    """A datagram transport that keeps what is sent."""

    def __init__(self, sent: list[bytes]) -> None:
        self._sent = sent

    def sendto(self, data: bytes, _address: object) -> None:
        """Keep it."""
        self._sent.append(data)


async def sent(port: int, messages: int, connections: int) -> Tally:
    """Send a small order."""
    templates = tuple(template(*pair) for pair in raw_messages(7, 10, AUTHOR))
    order = Order(port, "members@bench.test", templates, messages, connections, seconds=20)
    return await send(order, order.mail())


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
