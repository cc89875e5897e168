"""What we write into headers and commands: refused by ValueError, or nothing that ends a line and begins another."""

import re

from listward.filters.identity.origin import Authentication, AuthResult
from listward.gateway.trace.results import results_field
from listward.wire import headers
from listward.wire.capabilities import Capabilities
from listward.wire.commands import Commands, Needs, commands_for
from listward.wire.envelope import Envelope, Recipient

GROW = (b"a ", b"\xc3\xa9")
# Lines that end with CRLF, each but the first begun by white space (RFC 5322, section 2.2.3).
FIELD = re.compile(rb"[!-9;-~]+:(?:[^\x00-\x08\x0a-\x1f\x7f]|\r\n[ \t])*\r\n")
COMMAND = re.compile(rb"[^\x00-\x1f\x7f]+\r\n")


def one(data: bytes) -> None:
    """Put the text where strangers' text may come to stand."""
    text = data.decode("utf-8", "surrogateescape")
    for utf8 in (True, False):
        for written in fields(text, utf8):
            assert FIELD.fullmatch(written), written
            assert max(map(len, written.split(b"\r\n"))) <= headers.LINE_LIMIT
    hop = Capabilities({"SMTPUTF8": "", "8BITMIME": "", "SIZE": "", "DSN": ""})
    for address, more in ((text, ()), ("a@b.example", (text,))):
        envelope = Envelope(address, (Recipient(address, more),), more)
        check(commands_for(envelope, Needs(1, True, True), hop))


def check(commands: Commands) -> None:
    """Each command is one line."""
    for line in (commands.mail, *(line for _, line in commands.recipients)):
        assert not line or COMMAND.fullmatch(line), line


def fields(text: str, utf8: bool) -> list[bytes]:
    """What the emitters give, without what they refuse."""
    found = [results_field("mx.example", Authentication("", (AuthResult(text, text, text, text, text),), False))]
    for write in (
        lambda: headers.field("Subject", text, utf8=utf8),
        lambda: headers.field("X-Any", text, utf8=utf8),
        lambda: headers.field(text, "x", utf8=utf8),
        lambda: headers.address_field("To", [(text, "a@b.example")], utf8=utf8),
        lambda: headers.address_field("To", [("A", text)], utf8=utf8),
        lambda: headers.field("Subject", headers.printable(text), utf8=utf8),
    ):
        try:
            found.append(write())
        except ValueError:
            continue
    return found
