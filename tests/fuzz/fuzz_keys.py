"""A DKIM key record and a signature's tags: only UnusableKey is raised; a signature that cannot be read is a flaw."""

from contextlib import suppress

from listward.filters.identity.claims import signatures_of
from listward.filters.identity.keys import UnusableKey, read_key
from listward.filters.message.facts import facts
from listward.filters.message.parse import parse_message

GROW = (b"v=DKIM1; ", b"p=;", b"h=a:", b" \t", b"k=rsa; p=AAAA")


def one(data: bytes) -> None:
    """Read it as both."""
    with suppress(UnusableKey):
        read_key((data,))
    flat = data.replace(b"\r", b"").replace(b"\n", b"\r\n ")
    message = parse_message(b"From: a@b.example\r\nDKIM-Signature: " + flat + b"\r\n\r\nx\r\n")
    signatures_of(message, 1_800_000_000.0)
    assert all(name == name.lower() for name in facts(message).dkim_signed_fields)
