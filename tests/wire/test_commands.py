"""What is said to a hop, by what it offers and what the message needs."""

from types import MappingProxyType

import pytest

from listward.wire.capabilities import Capabilities, parse_capabilities
from listward.wire.commands import Commands, Needs, commands_for, needs_of
from listward.wire.envelope import Envelope, Recipient

ALL = ("SIZE", "8BITMIME", "SMTPUTF8", "DSN")
PLAIN = Needs(100, eight_bit=False, utf8_header=False)
EIGHT = Needs(100, eight_bit=True, utf8_header=False)


def hop(*keywords: str, size: str = "") -> Capabilities:
    """A hop with these extensions."""
    return Capabilities(MappingProxyType({keyword: size if keyword == "SIZE" else "" for keyword in keywords}))


def say(envelope: Envelope, needs: Needs, capabilities: Capabilities) -> list[str]:
    """The lines as text."""
    commands = commands_for(envelope, needs, capabilities)
    return [commands.mail.decode(), *(line.decode() for _, line in commands.recipients)]


def envelope(sender: str = "a@x.test", *to: str, parameters: tuple[str, ...] = ()) -> Envelope:
    """An envelope to the addresses, or to one."""
    return Envelope(sender, tuple(Recipient(address) for address in to or ("b@y.test",)), parameters)


def test_a_hop_without_extensions_gets_bare_commands() -> None:
    """No parameter goes to a hop that did not offer it; DSN is dropped, not refused."""
    given = Envelope("a@x.test", (Recipient("b@y.test", ("NOTIFY=NEVER",)),), ("BODY=8BITMIME", "RET=HDRS", "SMTPUTF8"))
    assert say(given, PLAIN, hop()) == ["MAIL FROM:<a@x.test>\r\n", "RCPT TO:<b@y.test>\r\n"]


def test_a_hop_with_extensions_gets_the_parameters() -> None:
    """What was given goes on as written, with our SIZE."""
    recipient = Recipient("b@y.test", ("NOTIFY=FAILURE", "ORCPT=rfc822;b@y.test"))
    given = Envelope("a@x.test", (recipient,), ("BODY=8BITMIME", "RET=HDRS", "ENVID=1", "SMTPUTF8", "AUTH=<>"))
    assert say(given, PLAIN, hop(*ALL)) == [
        "MAIL FROM:<a@x.test> SIZE=100 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=1\r\n",
        "RCPT TO:<b@y.test> NOTIFY=FAILURE ORCPT=rfc822;b@y.test\r\n",
    ]


def test_the_null_sender_stays_null() -> None:
    """A bounce leaves as <>."""
    assert say(envelope(""), PLAIN, hop())[0] == "MAIL FROM:<>\r\n"


def test_eight_bit_content_is_declared() -> None:
    """BODY=8BITMIME follows the content, declared or not."""
    assert say(envelope(), EIGHT, hop("8BITMIME"))[0] == "MAIL FROM:<a@x.test> BODY=8BITMIME\r\n"


@pytest.mark.parametrize(
    ("given", "needs", "offers", "code", "enhanced"),
    [
        (envelope(), EIGHT, hop("SMTPUTF8"), 550, "5.6.3"),
        (envelope("r\u00e9@x.test"), PLAIN, hop("8BITMIME"), 550, "5.6.7"),
        (envelope(parameters=("SMTPUTF8",)), Needs(9, True, True), hop("8BITMIME"), 550, "5.6.7"),
        (envelope(), Needs(101, False, False), hop("SIZE", size="100"), 552, "5.3.4"),
        (envelope("a\r\nRSET@x.test"), PLAIN, hop(*ALL), 553, "5.1.3"),
        (envelope(parameters=("RET=\r\nRSET",)), PLAIN, hop(*ALL), 501, "5.5.4"),
    ],
)
def test_what_a_hop_cannot_carry_is_refused(
    given: Envelope, needs: Needs, offers: Capabilities, code: int, enhanced: str
) -> None:
    """Nothing is mangled to fit: a clear permanent reply instead, and no line to send."""
    commands = commands_for(given, needs, offers)
    assert commands.refused is not None
    assert (commands.refused.code, commands.refused.enhanced) == (code, enhanced)
    assert commands == Commands(refused=commands.refused)


def test_an_undeclared_raw_header_is_eight_bit_only() -> None:
    """8-bit header text without SMTPUTF8 is no international message."""
    assert commands_for(envelope(), Needs(9, True, True), hop("8BITMIME")).refused is None


@pytest.mark.parametrize(
    ("size", "limit"), [(100, "100"), (10**9, "0"), (10**9, ""), (10**9, "\u0661"), (10**9, "1" * 30)]
)
def test_sizes_within_the_limit_pass(size: int, limit: str) -> None:
    """A limit of 0, none or nonsense is no limit."""
    assert commands_for(envelope(), Needs(size, False, False), hop("SIZE", size=limit)).refused is None


def test_one_unfit_recipient_does_not_stop_the_others() -> None:
    """International and unsafe recipients fail alone."""
    recipients = (
        Recipient("b@y.test"),
        Recipient("r\u00e9@y.test"),
        Recipient("b\r\n@y.test"),
        Recipient("c@y.test", ("A B",)),
    )
    commands = commands_for(Envelope("a@x.test", recipients), PLAIN, hop())
    assert [address for address, _ in commands.recipients] == ["b@y.test"]
    assert [reply.enhanced for reply in commands.refused_recipients.values()] == ["5.6.7", "5.1.3", "5.5.4"]


def test_an_international_recipient_is_declared() -> None:
    """SMTPUTF8 is added where an address needs it and the hop has it."""
    assert say(envelope("a@x.test", "r\u00e9@y.test"), PLAIN, hop("SMTPUTF8")) == [
        "MAIL FROM:<a@x.test> SMTPUTF8\r\n",
        "RCPT TO:<r\u00e9@y.test>\r\n",
    ]


@pytest.mark.parametrize(
    ("data", "needs"),
    [
        (b"", Needs(0, False, False)),
        (b"A: b\r\n\r\nc\r\n", Needs(11, False, False)),
        (b"A: b\r\n\r\n\xe9\r\n", Needs(11, True, False)),
        (b"A: \xe9\r\n\r\nc\r\n", Needs(11, True, True)),
        (b"A: \xe9\r\n", Needs(6, True, True)),
    ],
)
def test_needs_are_read_off_the_content(data: bytes, needs: Needs) -> None:
    """Size, 8-bit text, and where it stands."""
    assert needs_of(data) == needs


def test_capabilities_are_read() -> None:
    """Keywords in capitals, the first line is a greeting, the old AUTH= form counts."""
    found = parse_capabilities("hop.test\nSize 1000\n8bitmime\nAUTH=PLAIN LOGIN\n\nDSN ")
    assert dict(found.keywords) == {"SIZE": "1000", "8BITMIME": "", "AUTH": "PLAIN LOGIN", "DSN": ""}
    assert found.size_limit == 1000
    assert found.offers("DSN")
    assert not found.offers("CHUNKING")
