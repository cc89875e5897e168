"""Peers and the clients they name."""

from ipaddress import ip_network

import pytest

from listward.config.site import Peer
from listward.gateway.session.naming import XCLIENT_NAMES, XFORWARD_NAMES, _named
from listward.gateway.session.peers import Named, peer_for, plain_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("mail.example", None),
        ("", None),
    ],
)
def test_an_address_has_one_form(text: str, address: str | None) -> None:
    """IPv4 mapped into IPv6 is IPv4; what is no address is none."""
    assert plain_address(text) == address


def test_the_most_exact_network_names_the_peer() -> None:
    """A peer inside a wider one has its own settings."""
    wide = Peer(address=ip_network("10.0.0.0/8"), gives="nothing")
    exact = Peer(address=ip_network("10.1.2.3/32"), gives="proxy")
    assert peer_for("10.1.2.3", (wide, exact)) is exact
    assert peer_for("10.9.9.9", (wide, exact)) is wide
    assert peer_for("192.0.2.1", (wide, exact)) is None
    assert peer_for("::1", (wide, exact)) is None
    assert peer_for(None, (wide,)) is None


def test_attributes_add_up() -> None:
    """XFORWARD may come in several commands."""
    named = _named(Named(), b"NAME=mail.example ADDR=192.0.2.7", XFORWARD_NAMES)
    assert named is not None
    assert _named(named, b"HELO=mail.example PROTO=ESMTP", XFORWARD_NAMES) == Named("192.0.2.7", "mail.example")


@pytest.mark.parametrize("value", [b"[UNAVAILABLE]", b"[TEMPUNAVAIL]", b""])
def test_an_unnamed_client_stays_unknown(value: bytes) -> None:
    """What the peer does not know is not the peer's own address."""
    assert _named(Named("192.0.2.7"), b"ADDR=" + value, XCLIENT_NAMES) == Named(None)


def test_values_are_xtext_and_ipv6_has_its_prefix() -> None:
    """Postfix encodes what is not plain, and writes IPV6: before an address."""
    named = _named(Named(), b"ADDR=IPV6:2001:db8::1 HELO=a+2Eexample", XCLIENT_NAMES)
    assert named == Named("2001:db8::1", "a.example")


@pytest.mark.parametrize("argument", [b"", b"ADDR", b"COLOUR=red", b"HELO=a+0Ab", b"HELO=a+00"])
def test_malformed_attributes_are_refused(argument: bytes) -> None:
    """Nothing is guessed."""
    assert _named(Named(), argument, XFORWARD_NAMES) is None
