"""Our Received field."""

import pytest

from listward.filters.transaction import Client
from listward.gateway.session.door import Arrival
from listward.gateway.trace.received import received_field
from listward.wire.envelope import Envelope
from listward.wire.payload import Payload

ID = "0123456789abcdefghjk"


def field(address: str | None, helo: str) -> str:
    """The field of one client, unfolded."""
    arrival = Arrival(ID, Client(address, helo), Envelope("", ()), Payload(b""), "ESMTPS", 1_800_000_000.0, 0.0)
    return received_field(arrival, "mx.party.example").decode().replace("\r\n ", " ").strip()


@pytest.mark.parametrize(
    ("address", "helo", "source"),
    [
        ("203.0.114.9", "mail.home.example", "mail.home.example ([203.0.114.9])"),
        ("2001:4860::1", "mail.home.example", "mail.home.example ([IPv6:2001:4860::1])"),
        ("10.1.2.3", "desk.party.example", "desk.party.example"),
        ("192.168.0.9", "[192.168.0.9]", "unknown"),
        ("127.0.0.1", "localhost", "localhost"),
        ("fd00::1", "x", "x"),
        (None, "", "unknown"),
        ("203.0.114.9", "a b; (evil) by x", "unknown ([203.0.114.9])"),
        ("203.0.114.9", "é.example", "unknown ([203.0.114.9])"),
    ],
)
def test_the_source_is_told_without_our_own_networks(address: str | None, helo: str, source: str) -> None:
    """RFC 5321 section 4.4; a private address or a literal of one stays inside."""
    text = field(address, helo)
    assert text == f"Received: from {source} by mx.party.example with ESMTPS id {ID}; Fri, 15 Jan 2027 08:00:00 +0000"
