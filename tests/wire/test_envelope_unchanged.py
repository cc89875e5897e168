"""The envelope reaches the next hop as it was given: every octet of it means something to a list server."""

import pytest
from delivering import DATA
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_hop import OFFERS, ScriptedHop

from listward.wire.addresses import is_safe_address
from listward.wire.capabilities import Capabilities
from listward.wire.commands import commands_for, needs_of
from listward.wire.envelope import Envelope, Recipient
from listward.wire.limits import Limits
from listward.wire.payload import Payload
from listward.wire.pool import Pool

EIGHT_BIT = b"Subject: x\r\n\r\n\xc3\xa9\r\n"
UTF8_HEADER = "Subject: Grüße\r\n\r\nHello\r\n".encode()


async def carried(envelope: Envelope, data: bytes = DATA, offers: tuple[str, ...] = OFFERS) -> tuple[list[str], str]:
    """The commands of the transaction as the hop read them, and the outcome's codes."""
    async with ScriptedHop(offers=offers) as hop:
        pool = Pool("gateway.test")
        outcome = await pool.deliver(hop.hop, envelope, Payload(data), 5)
        await pool.close()
    lines = [line.decode() for line in hop.commands if line[:4] in {b"MAIL", b"RCPT"}]
    codes = {f"{delivery.reply.code} {delivery.reply.enhanced}" for delivery in outcome.values()}
    return lines, " ".join(sorted(codes))


@pytest.mark.parametrize(
    "address",
    [
        "Board-Bounces+Ana=Member.Example@lists.party.example",
        "board-confirm+3F9aC0ffee0123456789abcdef@lists.party.example",
        "SRS0=HHH=TT=orig.example=Ana@forwarder.example",
        "prvs=1234abcdef=ana@member.example",
        "bounces+12345-abcd-ana=member.example@em1234.sender.example",
        '"quoted local"@party.example',
        "ana@[192.0.2.1]",
        "ANA@PARTY.EXAMPLE",
        "a" * 64 + "@party.example",
        "ana_#$%&'*/=?^`{|}~!@party.example",
    ],
)
async def test_addresses_keep_their_case_and_their_signs(address: str) -> None:
    """VERP, confirmation tokens, SRS, BATV: as sender and as recipient."""
    lines, codes = await carried(Envelope(address, (Recipient(address),)))
    assert lines == [f"MAIL FROM:<{address}> SIZE={len(DATA)}", f"RCPT TO:<{address}>"]
    assert codes == "250 2.0.0"


async def test_the_null_sender_stays_null() -> None:
    """Bounces come from nobody."""
    lines, _ = await carried(Envelope("", (Recipient("b@y.test"),)))
    assert lines[0] == f"MAIL FROM:<> SIZE={len(DATA)}"


async def test_parameters_are_passed_on_as_written() -> None:
    """BODY, SMTPUTF8 and those of DSN, each with its command."""
    parameters = ("BODY=8bitmime", "SMTPUTF8", "RET=hdrs", "ENVID=a+2Bb")
    recipient = Recipient("grüße@bücher.example", ("NOTIFY=success,FAILURE", "ORCPT=rfc822;b@y.test"))
    lines, codes = await carried(Envelope("ñandú@member.example", (recipient,), parameters), EIGHT_BIT)
    mail = f"MAIL FROM:<ñandú@member.example> SIZE={len(EIGHT_BIT)} BODY=8BITMIME SMTPUTF8 RET=hdrs ENVID=a+2Bb"
    assert lines == [mail, "RCPT TO:<grüße@bücher.example> NOTIFY=success,FAILURE ORCPT=rfc822;b@y.test"]
    assert codes == "250 2.0.0"


PLAIN = ("PIPELINING",)


@pytest.mark.parametrize(
    ("sender", "recipient", "parameters", "data", "offers", "codes"),
    [
        # What the message needs and the hop lacks: a clear refusal, and nothing of it is sent.
        ("a@x.test", "b@y.test", ("BODY=8BITMIME",), EIGHT_BIT, PLAIN, "550 5.6.3"),
        ("a@x.test", "b@y.test", (), EIGHT_BIT, PLAIN, "550 5.6.3"),
        ("ñ@x.test", "b@y.test", ("SMTPUTF8",), DATA, (*PLAIN, "8BITMIME"), "550 5.6.7"),
        ("a@x.test", "ñ@y.test", ("SMTPUTF8",), DATA, (*PLAIN, "8BITMIME"), "550 5.6.7"),
        ("a@x.test", "b@y.test", ("SMTPUTF8",), UTF8_HEADER, (*PLAIN, "8BITMIME"), "550 5.6.7"),
        ("a@x.test", "b@y.test", (), DATA, (*PLAIN, "SIZE 10"), "552 5.3.4"),
        # What was only declared goes through without the word.
        ("a@x.test", "b@y.test", ("BODY=8BITMIME", "SMTPUTF8"), DATA, PLAIN, "250 2.0.0"),
        ("a@x.test", "b@y.test", ("RET=FULL", "ENVID=x"), DATA, PLAIN, "250 2.0.0"),
    ],
)
async def test_a_hop_that_lacks_something(
    sender: str, recipient: str, parameters: tuple[str, ...], data: bytes, offers: tuple[str, ...], codes: str
) -> None:
    """A clear 5xx before anything is said, or the message as it is."""
    lines, said = await carried(Envelope(sender, (Recipient(recipient),), parameters), data, offers)
    assert said == codes
    assert lines == (["MAIL FROM:<a@x.test>", "RCPT TO:<b@y.test>"] if codes.startswith("250") else [])


async def test_a_capability_that_is_lost_between_two_messages() -> None:
    """What the connection in hand offers counts, not what an earlier one did."""
    async with ScriptedHop(offers=(*PLAIN, "8BITMIME")) as hop:
        pool = Pool("gateway.test", Limits(max_uses=1))
        envelope = Envelope("a@x.test", (Recipient("b@y.test"),))
        assert (await pool.deliver(hop.hop, envelope, Payload(EIGHT_BIT), 5))["b@y.test"].delivered
        hop.offers = PLAIN
        outcome = (await pool.deliver(hop.hop, envelope, Payload(EIGHT_BIT), 5))["b@y.test"]
        await pool.close()
    assert (outcome.reply.code, outcome.reply.enhanced, len(hop.contents)) == (550, "5.6.3", 1)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab.+-_=@"\\ <>\r\n\0ñ[]:;,()'), max_size=12))
def test_no_address_ends_its_line(text: str) -> None:
    """Whatever is let through the emitter stands between one pair of brackets on one line."""
    offers = Capabilities({"SMTPUTF8": ""})
    commands = commands_for(Envelope(text, (Recipient(text),)), needs_of(DATA), offers)
    for line in (commands.mail, *(line for _, line in commands.recipients)):
        assert line.count(b"\n") == line.count(b"\r") == bool(line)
        assert b"\0" not in line
    if commands.recipients:
        assert is_safe_address(text)
