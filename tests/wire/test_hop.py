"""Where mail goes next, as urls: every form, over every kind of connection."""

import socket
from pathlib import Path

import pytest
from delivering import send
from scripted_hop import ScriptedHop
from sink import sink

from listward.wire.hop import Hop, parse_hop


@pytest.mark.parametrize(
    ("url", "hop", "name"),
    [
        ("smtp://mx.test:25", Hop("smtp", "mx.test", 25), "smtp:mx.test:25"),
        ("lmtp://127.0.0.1:24/", Hop("lmtp", "127.0.0.1", 24), "lmtp:127.0.0.1:24"),
        ("smtp://[::1]:25", Hop("smtp", "::1", 25), "smtp:[::1]:25"),
        ("smtps://mx.test:465", Hop("smtp", "mx.test", 465, tls="wrapped"), "smtp:mx.test:465"),
        ("lmtps://mx.test:24", Hop("lmtp", "mx.test", 24, tls="wrapped"), "lmtp:mx.test:24"),
        ("smtp+starttls://mx.test:25", Hop("smtp", "mx.test", 25, tls="must"), "smtp:mx.test:25"),
        ("lmtp+tls://mx.test:24", Hop("lmtp", "mx.test", 24, tls="must"), "lmtp:mx.test:24"),
        ("lmtp+unix:///run/s", Hop("lmtp", path="/run/s"), "lmtp:/run/s"),
        ("smtp+unix:///run/s", Hop("smtp", path="/run/s"), "smtp:/run/s"),
    ],
)
def test_every_form_is_read(url: str, hop: Hop, name: str) -> None:
    """Protocol, place and protection; the name says which server it is and nothing secret."""
    assert (parse_hop(url), hop.name, hop.servers) == (hop, name, (hop,))


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "mx.test:25",
        "http://mx.test:25",
        "smtp://mx.test",
        "smtp://mx.test:0",
        "smtp://mx.test:99999",
        "smtp://user:secret@mx.test:25",
        "smtp://@mx.test:25",
        "smtp://mx.test:25/path",
        "smtp://mx.test:25?tls=no",
        "smtp://mx.test:25#x",
        "smtps+unix:///run/s",
        "smtps+tls://mx.test:25",
        "smtp+ssl://mx.test:25",
        "lmtp+unix://host/run/s",
        "lmtp+unix:run/s",
        "smtp://[::1:25",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(url: str) -> None:
    """The message names the forms."""
    with pytest.raises(ValueError, match="allowed: smtp://host:port"):
        parse_hop(url)


def test_several_are_one_hop_with_spares() -> None:
    """The first is preferred, the others stand by in their order."""
    hop = parse_hop("lmtp://a.test:24 lmtps://b.test:24 lmtp+unix:///run/c")
    assert [server.name for server in hop.servers] == ["lmtp:a.test:24", "lmtp:b.test:24", "lmtp:/run/c"]
    assert [server.tls for server in hop.servers] == ["never", "wrapped", "never"]
    assert all(not server.spares for server in hop.servers)
    with pytest.raises(ValueError, match="mixes smtp and lmtp"):
        parse_hop("smtp://a.test:25 lmtp://b.test:24")
    with pytest.raises(ValueError, match="names a server twice"):
        parse_hop("smtp://a.test:25 smtps://a.test:25")


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_a_unix_socket_is_a_hop(protocol: str, tmp_path: Path) -> None:
    """smtp+unix:///path and lmtp+unix:///path work like a port."""
    async with sink(protocol, unix_path=tmp_path / "s") as hop:
        assert (await send(hop))["b@y.test"].delivered


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_a_name_is_a_hop(protocol: str) -> None:
    """localhost is asked of the system, each of its addresses tried."""
    async with ScriptedHop(protocol, host="127.0.0.1") as hop:
        named = parse_hop(f"{protocol}://localhost:{hop.port}")
        assert (await send(hop, to_hop=named))["b@y.test"].delivered


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_ipv6_is_a_hop(protocol: str) -> None:
    """An address in brackets."""
    if not _has_ipv6():
        pytest.skip("no IPv6 on the loopback interface: sysctl net.ipv6.conf.lo.disable_ipv6=0")
    async with ScriptedHop(protocol, host="::1") as hop:
        assert hop.url == f"{protocol}://[::1]:{hop.port}"
        assert (await send(hop))["b@y.test"].delivered
    assert len(hop.messages) == 1


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
