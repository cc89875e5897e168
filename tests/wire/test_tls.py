"""STARTTLS towards a next hop: verified, and nothing said in the clear is believed after it."""

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from scripted_hop import Inject, Say, ScriptedHop

from listward.wire.client import verifying
from listward.wire.envelope import Envelope, Recipient
from listward.wire.hop import Hop
from listward.wire.outcome import Delivery, Step
from listward.wire.payload import Payload
from listward.wire.pool import Pool

DATA = b"A: b\r\n\r\nc\r\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority for these tests."""
    return trustme.CA()


def server_side(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    """The hop's certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_side(authority: trustme.CA) -> ssl.SSLContext:
    """A context that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def send(hop: Hop, tls: ssl.SSLContext | None) -> Delivery:
    """Deliver one message to one recipient."""
    pool = Pool("gateway.test", tls=tls)
    outcome = await pool.deliver(hop, Envelope("a@x.test", (Recipient("b@y.test"),)), Payload(DATA), 5)
    await pool.close()
    return outcome["b@y.test"]


async def test_mail_goes_over_tls(authority: trustme.CA) -> None:
    """The hop is greeted again after the upgrade, and takes the message."""
    async with ScriptedHop(tls=server_side(authority)) as hop:
        assert (await send(hop.hop, client_side(authority))).delivered
    assert hop.verbs()[:4] == ["EHLO", "STARTTLS", "EHLO", "MAIL"]


async def test_an_unknown_authority_is_refused(authority: trustme.CA) -> None:
    """A certificate that does not verify is a temporary failure, and nothing is said."""
    async with ScriptedHop(tls=server_side(authority)) as hop:
        outcome = await send(hop.hop, None)
    assert (outcome.reply.code, outcome.reply.enhanced, outcome.step) == (451, "4.7.4", Step.CONNECT)
    assert "MAIL" not in hop.verbs()


async def test_another_hosts_certificate_is_refused(authority: trustme.CA) -> None:
    """The name is verified too."""
    async with ScriptedHop(tls=server_side(authority, "other.test")) as hop:
        assert not (await send(hop.hop, client_side(authority))).delivered
    assert hop.messages == []


async def test_a_hop_without_starttls_gets_nothing(authority: trustme.CA) -> None:
    """Where TLS is a must, a hop that does not offer it (or no longer does) gets no mail."""
    async with ScriptedHop() as hop:
        outcome = await send(Hop("smtp", "127.0.0.1", hop.port, tls="must"), client_side(authority))
    assert outcome.reply.enhanced == "4.7.4"
    assert hop.verbs() == ["EHLO"]


async def test_a_hop_that_refuses_starttls_gets_nothing(authority: trustme.CA) -> None:
    """An offer that is taken back is no TLS either."""
    async with ScriptedHop(tls=server_side(authority)) as hop:
        hop.on("STARTTLS", Say("454 4.7.0 not now"))
        assert (await send(hop.hop, client_side(authority))).reply.enhanced == "4.7.4"


@pytest.mark.parametrize(
    "injected", [b"250-hop.evil\r\n250 SIZE 1\r\n", b"250 ok\r\n" * 6, b"2", b"\x16\x03\x01\x00\x05hello"]
)
async def test_injected_replies_end_the_connection(authority: trustme.CA, injected: bytes) -> None:
    """What comes in the clear behind the reply to STARTTLS is never read as an answer given under TLS."""
    async with ScriptedHop(tls=server_side(authority)) as hop:
        hop.on("STARTTLS", Inject(injected))
        outcome = await send(hop.hop, client_side(authority))
    assert (outcome.reply.code, outcome.step) == (451, Step.CONNECT)
    assert "MAIL" not in hop.verbs()


async def test_optional_tls_is_not_needed() -> None:
    """tls="may" goes on in the clear where the hop offers none."""
    async with ScriptedHop() as hop:
        assert (await send(Hop("smtp", "127.0.0.1", hop.port, tls="may"), None)).delivered


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_tls_from_the_first_octet(authority: trustme.CA, protocol: str) -> None:
    """smtps:// and lmtps:// greet under TLS, and never ask for STARTTLS."""
    async with ScriptedHop(protocol, tls=server_side(authority), wrapped=True) as hop:
        assert hop.url.startswith(f"{protocol}s://")
        assert (await send(hop.hop, client_side(authority))).delivered
    assert hop.verbs()[:2] == ["LHLO" if protocol == "lmtp" else "EHLO", "MAIL"]


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
@pytest.mark.parametrize("fault", ["unknown authority", "another name", "expired"])
async def test_no_certificate_that_does_not_verify(
    authority: trustme.CA, wrapped: bool, protocol: str, fault: str
) -> None:
    """Whatever is wrong with it: 451 4.7.4, and neither envelope nor content leaves."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    past = datetime.now(UTC) - timedelta(days=1) if fault == "expired" else None
    name = "other.test" if fault == "another name" else "127.0.0.1"
    authority.issue_cert(name, not_after=past).configure_cert(server)
    async with ScriptedHop(protocol, tls=server, wrapped=wrapped) as hop:
        outcome = await send(hop.hop, None if fault == "unknown authority" else client_side(authority))
    assert (outcome.reply.code, outcome.reply.enhanced, outcome.step) == (451, "4.7.4", Step.CONNECT)
    assert {"MAIL", "DATA"}.isdisjoint(hop.verbs())
    assert hop.messages == []


async def test_the_authorities_of_a_file(authority: trustme.CA, tmp_path: Path) -> None:
    """A file of authorities replaces the system's; one that cannot be read is an error at once."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    async with ScriptedHop(tls=server_side(authority), wrapped=True) as hop:
        assert (await send(hop.hop, verifying(str(path)))).delivered
    assert verifying().minimum_version == ssl.TLSVersion.TLSv1_2
    with pytest.raises(FileNotFoundError):
        verifying(str(tmp_path / "nowhere.pem"))
    (tmp_path / "wrong.pem").write_text("no certificate")
    with pytest.raises(ssl.SSLError):
        verifying(str(tmp_path / "wrong.pem"))


async def test_old_protocols_are_refused(authority: trustme.CA) -> None:
    """TLS 1.1 is no protection (RFC 8996)."""
    server = server_side(authority)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        server.minimum_version, server.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    async with ScriptedHop(tls=server, wrapped=True) as hop:
        assert not (await send(hop.hop, client_side(authority))).delivered
    assert hop.commands == []


@pytest.mark.parametrize("tls", ["must", "wrapped"])
async def test_there_is_no_way_back_to_the_clear(authority: trustme.CA, tls: str) -> None:
    """A server that speaks no TLS gets nothing, by whichever url it is named."""
    async with ScriptedHop() as hop:
        outcome = await send(Hop("smtp", "127.0.0.1", hop.port, tls=tls), client_side(authority))
    assert (outcome.reply.code, outcome.step) == (451, Step.CONNECT)
    assert hop.messages == []


async def test_what_was_offered_in_the_clear_is_forgotten(authority: trustme.CA) -> None:
    """Extensions count as offered under TLS (RFC 3207 section 4.2)."""
    async with ScriptedHop(tls=server_side(authority)) as hop:
        hop.on("EHLO", Say("250-hop.test\r\n250-STARTTLS\r\n250-DSN\r\n250 SIZE 10"), times=1)
        assert (await send(hop.hop, client_side(authority))).delivered


async def test_connections_under_tls_are_kept(authority: trustme.CA) -> None:
    """One handshake for many messages."""
    async with ScriptedHop(tls=server_side(authority), wrapped=True) as hop:
        pool = Pool("gateway.test", tls=client_side(authority))
        for _ in range(3):
            outcome = await pool.deliver(hop.hop, Envelope("a@x.test", (Recipient("b@y.test"),)), Payload(DATA), 5)
            assert outcome["b@y.test"].delivered
        await pool.close()
    assert hop.connections == 1
