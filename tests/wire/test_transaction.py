"""One transaction against a scripted next hop on a real socket: every fault has its outcome, nothing is mangled."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import pytest
from delivering import is_temporary, letter, send
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_hop import Drop, Hang, Raw, Say, SayThenDrop, ScriptedHop, Single
from sink import sink

from listward.wire.dots import malformed
from listward.wire.hop import Hop
from listward.wire.outcome import Step
from listward.wire.payload import Payload
from listward.wire.pool import Pool

NO_PIPELINING = ("SIZE 1000000", "8BITMIME")


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize("offers", [("PIPELINING",), ()])
async def test_a_message_arrives(protocol: str, offers: tuple[str, ...]) -> None:
    """Envelope and content arrive as given, with and without pipelining."""
    async with ScriptedHop(protocol, offers=offers) as hop:
        outcome = await send(hop, data=b".dots\r\n..more\r\n.\r\nend\r\n")
    assert outcome["b@y.test"].delivered
    assert (outcome["b@y.test"].reply.code, outcome["b@y.test"].reply.enhanced) == (250, "2.0.0")
    taken = hop.messages[0]
    assert (taken.sender, taken.recipients) == ("a@x.test", ("b@y.test",))
    assert taken.wire == b"..dots\r\n...more\r\n..\r\nend\r\n"
    assert taken.data == b".dots\r\n..more\r\n.\r\nend\r\n"


async def test_content_ends_its_last_line() -> None:
    """Content without a last CRLF gets one; empty content stays empty."""
    async with sink() as hop:
        await send(hop, data=b"A: b\r\n\r\nno end")
        await send(hop, data=b"")
    assert [taken.wire for taken in hop.messages] == [b"A: b\r\n\r\nno end\r\n", b""]


async def test_pipelining_is_used_only_when_offered() -> None:
    """With PIPELINING the commands come in one flight, else one at a time."""
    async with sink() as hop:
        await send(hop)
    assert hop.verbs()[:4] == ["EHLO", "MAIL", "RCPT", "DATA"]
    async with ScriptedHop(offers=NO_PIPELINING) as hop:
        hop.on("MAIL", Say("450 4.2.0 not now"))
        await send(hop)
    assert "RCPT" not in hop.verbs()


@pytest.mark.parametrize("offers", [("PIPELINING",), ()])
async def test_some_recipients_refused(offers: tuple[str, ...]) -> None:
    """Refused recipients get their reply, the others the message."""
    async with ScriptedHop(offers=offers) as hop:
        hop.on("RCPT", Say("550 5.1.1 no such list"), match="c@")
        hop.on("RCPT", Say("452 4.2.2 full"), match="d@")
        outcome = await send(hop, "b@y.test", "c@y.test", "d@y.test", "e@y.test")
    assert {address: (d.reply.code, d.step) for address, d in outcome.items()} == {
        "b@y.test": (250, Step.DOT),
        "c@y.test": (550, Step.RCPT),
        "d@y.test": (452, Step.RCPT),
        "e@y.test": (250, Step.DOT),
    }
    assert hop.messages[0].recipients == ("b@y.test", "e@y.test")


@pytest.mark.parametrize("offers", [("PIPELINING",), ()])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
async def test_no_content_without_a_recipient(offers: tuple[str, ...], verb: str) -> None:
    """When nobody is taken no content goes out, and the refusal is everybody's."""
    async with ScriptedHop(offers=offers) as hop:
        hop.on(verb, Say("554 5.7.1 no"))
        outcome = await send(hop, "b@y.test", "c@y.test")
    assert [d.reply.code for d in outcome.values()] == [554, 554]
    assert {d.step for d in outcome.values()} == {Step(verb.lower())}
    assert hop.contents == []


async def test_a_go_ahead_without_recipients_gets_the_dot_alone() -> None:
    """A hop that says 354 although it took nobody gets an empty end, no content (RFC 2920 section 3.1)."""
    async with sink() as hop:
        hop.on("RCPT", Say("550 5.1.1 no"))
        hop.on("DATA", Say("354 go on"))
        outcome = await send(hop)
        await hop.until(lambda hop: bool(hop.contents))
    assert (outcome["b@y.test"].reply.code, outcome["b@y.test"].step) == (550, Step.RCPT)
    assert hop.contents == [b""]


@pytest.mark.parametrize("verb", ["DATA", "DOT"])
@pytest.mark.parametrize("code", [450, 550])
async def test_refusals_of_the_message(verb: str, code: int) -> None:
    """A refusal at DATA or after the dot is the hop's own word, and not lost."""
    async with sink() as hop:
        hop.on(verb, Say(f"{code} no thanks"))
        outcome = (await send(hop))["b@y.test"]
    assert (outcome.reply.code, outcome.reply.enhanced) == (code, f"{code // 100}.0.0")
    assert (outcome.step, outcome.lost, outcome.delivered) == (Step(verb.lower()), False, False)


@pytest.mark.parametrize(
    ("verb", "step", "lost"),
    [("MAIL", Step.MAIL, False), ("RCPT", Step.MAIL, False), ("DATA", Step.RCPT, False), ("DOT", Step.DOT, True)],
)
@pytest.mark.parametrize(
    "action", [Drop(), Raw(b"hello?\r\n"), Raw(b"250-half"), Raw(b"250 ok\n"), Raw(b"\0" * 10_000)]
)
async def test_unusable_answers(verb: str, step: Step, lost: bool, action: Drop | Raw) -> None:
    """A break or garbage is 451; after the dot the message counts as lost, since the hop may have it."""
    async with sink() as hop:
        hop.on(verb, action)
        outcome = (await send(hop, timeout_s=0.5))["b@y.test"]
    assert is_temporary(outcome, step, lost)


@pytest.mark.parametrize(
    ("verb", "said"),
    [("MAIL", "354 go"), ("RCPT", "354 go"), ("DATA", "250 ok"), ("DOT", "354 more"), ("MAIL", "221 bye")],
)
async def test_an_unexpected_success_is_none(verb: str, said: str) -> None:
    """A 2xx or 3xx out of place is never passed on as success."""
    async with sink() as hop:
        hop.on(verb, Raw(said.encode() + b"\r\n"))
        outcome = (await send(hop, timeout_s=0.5))["b@y.test"]
    if said != "221 bye":
        assert outcome.reply.code == 451
    assert outcome.reply.code in {250, 451}
    assert outcome.delivered == (outcome.reply.code == 250)


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "DOT"])
async def test_a_silent_hop_is_left_at_the_deadline(verb: str) -> None:
    """The deadline holds at every step."""
    async with sink() as hop:
        hop.on(verb, Hang())
        started = asyncio.get_running_loop().time()
        outcome = (await send(hop, timeout_s=0.2))["b@y.test"]
        assert asyncio.get_running_loop().time() - started < 2
    assert (outcome.reply.code, outcome.lost) == (451, verb == "DOT")


async def test_a_hop_that_says_421_mid_transaction() -> None:
    """421 never reaches our client as such: it would end the wrong session."""
    async with sink() as hop:
        hop.on("RCPT", SayThenDrop("421 4.3.2 shutting down"))
        assert is_temporary((await send(hop))["b@y.test"], Step.MAIL)
        hop.heal()
        hop.on("DOT", SayThenDrop("421 4.3.2 shutting down"))
        assert is_temporary((await send(hop))["b@y.test"], Step.DOT)


async def test_a_reply_before_the_break_counts() -> None:
    """250 and then a break is a delivery; the connection is not kept."""
    async with sink() as hop:
        hop.on("DOT", SayThenDrop("250 2.0.0 taken"), times=1)
        pool = Pool("gateway.test")
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        assert (await send(hop, pool=pool))["b@y.test"].delivered
        await pool.close()
    assert hop.connections == 2


async def test_an_extra_reply_before_the_content() -> None:
    """Out of step at DATA: no content is sent."""
    async with sink() as hop:
        hop.on("DATA", Raw(b"354 go\r\n250 taken already\r\n"))
        outcome = (await send(hop))["b@y.test"]
    assert is_temporary(outcome, Step.DATA)
    assert hop.contents == []


async def test_lmtp_sends_each_recipient_by_itself() -> None:
    """Each recipient has its own outcome in LMTP."""
    async with sink("lmtp") as hop:
        hop.on("DOT", Say("550 5.2.0 refused"), match="c@")
        outcome = await send(hop, "b@y.test", "c@y.test", "d@y.test")
    assert [d.reply.code for d in outcome.values()] == [250, 550, 250]
    assert [taken.recipients for taken in hop.messages] == [("b@y.test",), ("d@y.test",)]
    assert hop.connections == 1


async def test_one_line_for_all_recipients() -> None:
    """A list server that answers one line for a defective message gets nobody out of step."""
    async with sink("lmtp") as hop:
        hop.on("DOT", Single("501 Message has defects"))
        outcome = await send(hop, "b@y.test", "c@y.test")
    assert [(d.reply.code, d.step, d.lost) for d in outcome.values()] == [(501, Step.DOT, False)] * 2


async def test_large_content_goes_through() -> None:
    """Content of many blocks arrives whole."""
    data = b"A: b\r\n\r\n" + (b".x" * 30 + b"\r\n") * 50_000
    async with sink() as hop:
        assert (await send(hop, data=data, timeout_s=20))["b@y.test"].delivered
    assert hop.messages[0].data == data


@pytest.mark.parametrize(("answer", "code"), [(b"552 5.3.4 too big\r\n", 552), (b"250 what\r\n", 451), (b"", 451)])
async def test_a_hop_that_answers_before_the_end(answer: bytes, code: int) -> None:
    """An early refusal is the hop's word; anything else before the dot is no delivery, and nothing is lost."""

    ended = asyncio.Event()

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        for reply in (b"250 x", b"250 ok", b"250 ok", b"354 go"):
            await reader.readuntil(b"\r\n")
            writer.write(reply + b"\r\n")
        await reader.readexactly(100)
        writer.write(answer)
        await writer.drain()
        if answer:
            with suppress(ConnectionError):
                await reader.read()
        writer.transport.abort()
        ended.set()

    server = await asyncio.start_server(early, "127.0.0.1", 0)
    pool = Pool("gateway.test")
    hop = Hop("smtp", "127.0.0.1", server.sockets[0].getsockname()[1])
    outcome = await pool.deliver(hop, letter(), Payload(b"x" * 50_000_000), 10)
    await pool.close()
    await ended.wait()
    server.close()
    await server.wait_closed()
    assert (outcome["b@y.test"].reply.code, outcome["b@y.test"].lost) == (code, False)


@pytest.mark.parametrize("data", [b"a\rb\r\n", b"a\nb\r\n", b"a\0b\r\n", b"\n.\n"])
async def test_malformed_content_never_leaves(data: bytes) -> None:
    """Bare CR, bare LF and NUL are refused before any connection is made."""
    async with sink() as hop:
        outcome = (await send(hop, data=data))["b@y.test"]
    assert (outcome.reply.code, outcome.reply.enhanced) == (554, "5.6.0")
    assert hop.connections == 0


@pytest.mark.shared
def test_every_smuggling_sequence_is_named(shared: Path) -> None:
    """Each sequence of the matrix with bare CR, bare LF or NUL is seen as malformed."""
    matrix = json.loads((shared / "conformance/smuggling/matrix.json").read_text())
    for row in matrix["sequences"]:
        data = matrix["prefix"].encode() + bytes.fromhex(row["bytes_hex"]) + matrix["inner"].encode()
        assert (malformed(data) is not None) == (row["bare_cr_or_lf"] or row["nul"]), row["id"]


async def test_eight_bit_mail_is_never_mangled() -> None:
    """A hop without 8BITMIME gets nothing; one with it gets the bytes as they are."""
    async with ScriptedHop(offers=("PIPELINING",)) as hop:
        outcome = (await send(hop, data=b"A: b\r\n\r\n\xe9\r\n"))["b@y.test"]
    assert (outcome.reply.enhanced, hop.contents) == ("5.6.3", [])
    async with sink() as hop:
        assert (await send(hop, data=b"A: b\r\n\r\n\xe9\r\n"))["b@y.test"].delivered
    assert hop.messages[0].wire == b"A: b\r\n\r\n\xe9\r\n"
    assert "BODY=8BITMIME" in hop.messages[0].mail


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([b"\r\n", b".", b"a", b"\xff", b"..", b"\r\n.\r\n"]), max_size=20).map(b"".join))
def test_every_content_arrives_byte_for_byte(data: bytes) -> None:
    """Whatever well-formed content goes in comes out of the hop's unstuffing unchanged."""

    async def once() -> bytes:
        async with sink() as hop:
            assert (await send(hop, data=data))["b@y.test"].delivered
            return hop.messages[0].data

    arrived = asyncio.run(once())
    assert arrived == data or arrived == data + b"\r\n"
