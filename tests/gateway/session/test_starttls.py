"""STARTTLS (RFC 3207) with a real certificate."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from gateway_fakes import NEWS, Client, Rig, message


@pytest.fixture
def authority() -> trustme.CA:
    """Who signs the server's certificate."""
    return trustme.CA()


@pytest.fixture
def tables(authority: trustme.CA, tmp_path: Path) -> dict[str, object]:
    """A gateway table with a certificate."""
    certificate = authority.issue_cert("mx.party.example")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(tmp_path / "cert.pem", append=True)
    return {"gateway": {"tls_certificate": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}}


async def upgrade(client: Client, authority: trustme.CA) -> None:
    """Say STARTTLS and shake hands."""
    assert await client.ask("STARTTLS") == (220, "2.0.0 Ready to start TLS")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    await client.writer.start_tls(context, server_hostname="mx.party.example")


async def test_mail_goes_over_tls(authority: trustme.CA, tables: dict[str, object]) -> None:
    """After the handshake the greeting is forgotten, STARTTLS no longer offered, and mail is taken."""
    async with Rig(**tables) as rig:
        client = await rig.connect(greet=False)
        await client.reply()
        assert "STARTTLS" in (await client.ask("EHLO c.example"))[1].split("\n")
        await upgrade(client, authority)
        assert (await client.ask("MAIL FROM:<a@b.example>"))[0] == 503
        assert "STARTTLS" not in (await client.ask("EHLO c.example"))[1].split("\n")
        assert (await client.ask("STARTTLS"))[0] == 503
        await client.envelope(NEWS)
        assert (await client.content(message()))[0] == 250
        assert b" with ESMTPS id" in rig.news.messages[0].data
        assert rig.judge.seen[0].client.tls


async def test_octets_sent_ahead_of_tls_end_the_session(tables: dict[str, object]) -> None:
    """A command in the clear behind STARTTLS would otherwise run as if it had been encrypted."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        client.writer.write(b"STARTTLS\r\nMAIL FROM:<evil@x.example>\r\n")
        assert (await client.reply())[0] == 421
        assert await client.reply() == (0, "")
        assert rig.count("limits_hit_total", limit="early_talkers") == 1


async def test_a_failed_handshake_frees_the_place(tables: dict[str, object]) -> None:
    """Garbage instead of TLS closes the connection, and nothing is left of it."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        assert (await client.ask("STARTTLS"))[0] == 220
        client.writer.write(b"this is no handshake\r\n" * 20)
        assert await client.is_closed()
        await rig.until(lambda: rig.bounds.connections == 0)
        assert rig.server.crowd == set()


async def test_starttls_takes_nothing_behind_it(tables: dict[str, object]) -> None:
    """RFC 3207 section 4: no parameters."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        assert (await client.ask("STARTTLS now"))[0] == 501


async def test_a_client_that_leaves_in_tls_is_forgotten(authority: trustme.CA, tables: dict[str, object]) -> None:
    """The end of an encrypted connection gives its place back."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        await upgrade(client, authority)
        await client.ask("EHLO c.example")
        client.writer.transport.abort()
        await rig.until(lambda: rig.bounds.connections == 0)
        await asyncio.sleep(0)
