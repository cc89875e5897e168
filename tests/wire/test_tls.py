"""STARTTLS towards a next hop: verified, and nothing said in the clear is believed after it."""

import ssl

import pytest
import trustme
from scripted_hop import Inject, Say, ScriptedHop

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
