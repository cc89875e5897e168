"""STARTTLS (RFC 3207) with a real certificate."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from gateway_fakes import NEWS, Client, Rig, message
from tls_world import HOST, TlsWorld, served_certificate

from listward.gateway.certificates import keep_fresh
from listward.gateway.session.tls import Credentials, in_words


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


async def test_a_command_behind_starttls_in_a_packet_of_its_own_is_never_run(tables: dict[str, object]) -> None:
    """Injected after the answer it is read as a part of the handshake, which it ends (RFC 3207 section 6)."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        client.writer.write(b"STARTTLS\r\n")
        assert (await client.reply())[0] == 220
        client.writer.write(b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<" + NEWS.encode() + b">\r\nDATA\r\n")
        assert b"250" not in await client.reader.read()
        await rig.until(lambda: rig.bounds.connections == 0)
        assert rig.count("tls_handshakes_total", outcome="failed") == 1


async def test_what_was_said_in_the_clear_is_forgotten(authority: trustme.CA, tables: dict[str, object]) -> None:
    """RFC 3207 section 4.2: EHLO and a transaction end with the handshake."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        await client.envelope(NEWS)
        await upgrade(client, authority)
        assert (await client.ask("DATA"))[0] == 503
        assert (await client.ask(f"RCPT TO:<{NEWS}>"))[0] == 503
        assert rig.count("tls_handshakes_total", outcome="done") == 1


async def test_a_stalled_handshake_is_closed(tables: dict[str, object]) -> None:
    """A client that says STARTTLS and nothing more keeps its place for `tls_timeout_s` alone."""
    async with Rig(**tables) as rig:
        rig.bound(tls_timeout_s=0.1)
        client = await rig.connect()
        assert (await client.ask("STARTTLS"))[0] == 220
        assert await client.is_closed()
        await rig.until(lambda: rig.bounds.connections == 0)
        assert rig.count("tls_handshakes_total", outcome="stalled") == 1
        assert rig.count("limits_hit_total", limit="tls_time") == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the old versions are what this is about
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_versions_are_refused(
    authority: trustme.CA, tables: dict[str, object], version: ssl.TLSVersion
) -> None:
    """TLS 1.2 or newer."""
    async with Rig(**tables) as rig:
        client = await rig.connect()
        assert (await client.ask("STARTTLS"))[0] == 220
        context = ssl.create_default_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        authority.configure_trust(context)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await client.writer.start_tls(context, server_hostname=HOST)


def test_the_context_neither_compresses_nor_renegotiates(tmp_path: Path) -> None:
    """CRIME and renegotiation are old; the options say so all the same."""
    world = TlsWorld(tmp_path)
    context = Credentials(tmp_path / "cert.pem", tmp_path / "key.pem").context
    assert context.options & ssl.OP_NO_COMPRESSION
    assert context.options & ssl.OP_NO_RENEGOTIATION
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert world.gateway


async def test_a_renewed_certificate_is_taken_into_use(tmp_path: Path) -> None:
    """Without a restart or a reload; broken files leave the old one in use, and say so once."""
    world = TlsWorld(tmp_path)
    async with Rig(gateway=world.gateway) as rig:
        stop = asyncio.Event()
        keeping = asyncio.create_task(
            keep_fresh(lambda: rig.snapshot.credentials, rig.metrics, rig.services.log, stop, 0.01)
        )

        async def shown() -> bytes:
            client = await rig.connect()
            await world.upgrade(client)
            return served_certificate(client)

        def events(name: str) -> int:
            return sum(event["event"] == name for event in rig.events())

        first = await shown()
        assert rig.count("certificate_valid") == 1
        (tmp_path / "key.pem").write_text("broken")
        await rig.until(lambda: rig.count("certificate_valid") == 0)
        assert await shown() == first
        world.renew()
        await rig.until(lambda: rig.count("certificate_valid") == 1)
        assert await shown() != first
        assert events("certificate-loaded") >= 1
        assert events("certificate-refused") >= 1
        stop.set()
        await keeping


async def test_certificate_files_that_went_away_are_told_once(tmp_path: Path) -> None:
    """The old certificate serves; the line in the log is not repeated at every look."""
    TlsWorld(tmp_path)
    credentials = Credentials(tmp_path / "cert.pem", tmp_path / "key.pem")
    (tmp_path / "cert.pem").unlink()
    faults: list[str] = []
    assert credentials.refresh(faults.append) is False
    assert credentials.refresh(faults.append) is None
    assert faults == ["no such file or directory"]


def test_a_key_with_a_pass_phrase_is_a_fault(tmp_path: Path) -> None:
    """OpenSSL would ask at the terminal, and the gateway would stand still."""
    TlsWorld(tmp_path)
    pem = (tmp_path / "key.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    form, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = key.private_bytes(form, kind, serialization.BestAvailableEncryption(b"a pass phrase"))
    (tmp_path / "key.pem").write_bytes(locked)
    with pytest.raises(ssl.SSLError) as raised:
        Credentials(tmp_path / "cert.pem", tmp_path / "key.pem")
    assert "without a pass phrase" in in_words(raised.value)
