"""The submission listener: who may hand in mail, as whom, and to whom."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.serialization import Encoding
from gateway_fakes import BOARD, NEWS, SENDER, Client, Rig, message
from tls_world import HOST, TlsWorld, fingerprint, parsed

from listward.filters.transaction import Listener
from listward.gateway.session.identities import Identities, Identity
from listward.gateway.session.passwords import read_passwords
from listward.queue.desk.access.passwords import Passwords

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def plain(name: str = "web", password: str = PASSWORD, acting: str = "") -> str:
    """AUTH PLAIN with an initial response."""
    return "AUTH PLAIN " + b64encode(f"{acting}\0{name}\0{password}".encode()).decode()


class Scene:
    """A rig whose submission listener knows `web` (password) and `server` (certificate)."""

    def __init__(self, rig: Rig, tls: TlsWorld) -> None:
        self.rig, self.tls = rig, tls

    async def connect(self, secured: bool = True, certificate: Any = None) -> Client:
        """Open a connection to the submission listener."""
        client = await Client.open(self.rig.submission_port)
        self.rig.clients.append(client)
        if secured:
            await self.tls.upgrade(client, certificate)
        return client

    async def logged_in(self) -> Client:
        """Open a connection as `web`."""
        client = await self.connect()
        assert await client.ask(plain()) == (235, "2.7.0 Logged in")
        return client


@pytest.fixture
def tls(tmp_path: Path) -> TlsWorld:
    """Certificates."""
    return TlsWorld(tmp_path)


def tables(tls: TlsWorld, way: str = "starttls", **table: Any) -> dict[str, Any]:
    """The tables of a site with a submission listener."""
    (tls.folder / "passwords").write_text(f"# who may log in\n\nweb:{QUICK.hash(PASSWORD)}\n")
    identities = [
        {"name": "web", "from": ["home.example", "ana@party.example", "@lists.party.example"], "origin": "internal"},
        {"name": "server", "from": [SENDER], "origin": "member", "certificate_sha256": [fingerprint(tls.server)]},
    ]
    submission = {
        "listen": ["127.0.0.1:0"],
        "tls": way,
        "passwords_file": tls.folder / "passwords",
        "client_ca": tls.folder / "clients.pem",
        "identity": identities,
        **table,
    }
    return {"gateway": tls.gateway, "submission": submission}


@pytest_asyncio.fixture
async def scene(tls: TlsWorld) -> AsyncIterator[Scene]:
    """A running submission listener."""
    async with Rig(**tables(tls)) as rig:
        yield Scene(rig, tls)


async def test_nothing_is_taken_before_tls_and_login(scene: Scene) -> None:
    """530 5.7.0 for MAIL; AUTH is neither offered nor taken in the clear."""
    client = await scene.connect(secured=False)
    assert "AUTH" not in (await client.ask("EHLO c.example"))[1]
    code, text = await client.ask(f"MAIL FROM:<{SENDER}>")
    assert (code, text[:5]) == (530, "5.7.0")
    assert (await client.ask(plain()))[0] == 530
    await scene.tls.upgrade(client)
    code, text = await client.ask(f"MAIL FROM:<{SENDER}>")
    assert (code, text[:5]) == (530, "5.7.0")
    assert "AUTH PLAIN LOGIN" in (await client.ask("EHLO c.example"))[1].split("\n")


async def test_a_program_hands_in_what_it_may(scene: Scene) -> None:
    """With PLAIN; judged as internal, from the submission listener, under the identity's name."""
    client = await scene.logged_in()
    await client.envelope(BOARD)
    assert (await client.content(message()))[0] == 250
    seen = scene.rig.judge.seen[0]
    assert seen.listener is Listener.SUBMISSION
    assert (seen.client.identity, seen.client.submitted_as, seen.client.tls) == ("web", "internal", True)
    assert b" with ESMTPSA id" in scene.rig.board.messages[0].data
    assert scene.rig.count("messages_total", listener="submission", action="accept", list="board") == 1
    assert "AUTH" not in (await client.ask("EHLO c.example"))[1]
    assert (await client.ask(plain()))[0] == 503


async def test_login_asks_for_name_and_password(scene: Scene) -> None:
    """The old mechanism LOGIN, in questions or with the name at once."""
    client = await scene.connect()
    assert await client.ask("AUTH LOGIN") == (334, "VXNlcm5hbWU6")
    assert await client.ask(b64encode(b"WEB")) == (334, "UGFzc3dvcmQ6")
    assert (await client.ask(b64encode(PASSWORD.encode())))[0] == 235
    other = await scene.connect()
    assert (await other.ask(b"AUTH LOGIN " + b64encode(b"web")))[0] == 334
    assert (await other.ask(b64encode(PASSWORD.encode())))[0] == 235


async def test_a_client_certificate_is_a_login(scene: Scene) -> None:
    """By its fingerprint, while TLS has verified it; AUTH is not needed."""
    client = await scene.connect(certificate=scene.tls.server)
    await client.envelope(BOARD)
    assert (await client.content(message()))[0] == 250
    assert (scene.rig.judge.seen[0].client.identity, scene.rig.judge.seen[0].client.submitted_as) == (
        "server",
        "member",
    )
    stranger = scene.tls.clients.issue_cert(common_name="other.example")
    client = await scene.connect(certificate=stranger)
    assert (await client.ask(f"MAIL FROM:<{SENDER}>"))[0] == 530


def test_a_whole_subject_names_an_identity(tls: TlsWorld) -> None:
    """Equal as a whole, never a part of it; what is no certificate is nobody."""
    certificate = parsed(tls.server)
    subject, octets = certificate.subject.rfc4514_string(), certificate.public_bytes(Encoding.DER)
    for written, found in ((subject, True), (subject[:-1], False), (subject + ",O=x", False), ("", False)):
        known = Identity("a", "member", frozenset({"x.example"}), subject=written)
        assert (Identities((known,)).by_certificate(octets) is known) is found
    assert Identities((known,)).by_certificate(b"no certificate") is None


async def test_implicit_tls_comes_before_the_greeting(tls: TlsWorld) -> None:
    """RFC 8314: the handshake first; STARTTLS is not offered."""
    async with Rig(**tables(tls, way="implicit")) as rig:
        opened = await asyncio.open_connection(
            "127.0.0.1", rig.submission_port, ssl=tls.context(), server_hostname=HOST
        )
        client = Client(*opened)
        rig.clients.append(client)
        assert (await client.reply())[0] == 220
        offers = (await client.ask("EHLO c.example"))[1].split("\n")
        assert "AUTH PLAIN LOGIN" in offers
        assert "STARTTLS" not in offers
        assert (await client.ask(plain()))[0] == 235


@pytest.mark.parametrize(
    "author",
    ["ben@party.example", "eve@elsewhere.example", "ana@sub.home.example", "ana@home.example, b@home.example", BOARD],
)
async def test_nobody_writes_as_somebody_else(scene: Scene, author: str) -> None:
    """From must be one address, one of the identity's, and no list: else 550 5.7.1, and nobody judges it."""
    client = await scene.logged_in()
    await client.envelope(BOARD)
    code, text = await client.content(message().replace(f"Ana Ruiz <{SENDER}>".encode(), author.encode()))
    assert (code, text[:5]) == (550, "5.7.1")
    assert scene.rig.judge.seen == []


async def test_mail_between_people_is_not_relayed(scene: Scene) -> None:
    """Only configured lists and their offices are recipients: no open relay, also for those who log in."""
    client = await scene.logged_in()
    await client.ask(f"MAIL FROM:<{SENDER}>")
    for address in ("friend@elsewhere.example", "ana@party.example"):
        code, text = await client.ask(f"RCPT TO:<{address}>")
        assert (code, text[:5]) == (550, "5.1.1")
    assert (await client.ask(f"RCPT TO:<{NEWS}>"))[0] == 250


@pytest.mark.parametrize(("name", "password"), [("web", "wrong"), ("nobody", PASSWORD), ("server", ""), ("web", "")])
async def test_a_wrong_login_tells_nothing(scene: Scene, name: str, password: str) -> None:
    """The same words for a name that nobody has; the session goes on."""
    client = await scene.connect()
    assert await client.ask(plain(name, password)) == (535, "5.7.8 Name or password is wrong")
    assert (await client.ask("NOOP"))[0] == 250
    assert scene.rig.count("logins_total", outcome="refused") == 1


async def test_a_name_nobody_has_costs_a_hash_too() -> None:
    """Both ways compute one, so that time tells nothing."""
    checked: list[str] = []

    class Counting(Passwords):
        async def matches(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return await super().matches(kept, password)

    identities = Identities((Identity("web", "internal", frozenset(), QUICK.hash(PASSWORD)),), Counting(QUICK))
    assert await identities.by_password("nobody", PASSWORD) is None
    assert await identities.by_password("web", "wrong") is None
    assert len(checked) == 2


async def test_guessing_is_bounded(tls: TlsWorld) -> None:
    """After so many wrong tries in a minute the client waits, on every connection, also with the right password."""
    async with Rig(**tables(tls, max_wrong_logins_per_minute=2)) as rig:
        scene = Scene(rig, tls)
        client = await scene.connect()
        codes = [(await client.ask(plain(password="wrong")))[0] for _ in range(3)]
        assert codes == [535, 535, 454]
        other = await scene.connect()
        code, text = await other.ask(plain())
        assert (code, text[:5]) == (454, "4.7.0")
        assert rig.count("limits_hit_total", limit="logins") == 2


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["AUTH"], 504),
        (["AUTH CRAM-MD5"], 504),
        (["AUTH PLAIN !!!"], 501),
        (["AUTH PLAIN ="], 501),
        (["AUTH PLAIN", "*"], 501),
        (["AUTH PLAIN", "AAA"], 501),
        (["AUTH PLAIN", "x" * 20_000], 500),
        ([plain(acting="somebody")], 501),
        (["AUTH LOGIN", "*"], 501),
        (["AUTH LOGIN", "d2Vi", "/w=="], 501),
        ([f"MAIL FROM:<{SENDER}>", plain()], 235),
    ],
)
async def test_what_is_no_login_is_refused(scene: Scene, lines: list[str], code: int) -> None:
    """Malformed exchanges end with their code and leave a session that works."""
    client = await scene.connect()
    replies = [await client.ask(line) for line in lines]
    assert replies[-1][0] == code
    assert (await client.ask("NOOP"))[0] == 250


async def test_a_login_in_a_transaction_is_out_of_order(scene: Scene) -> None:
    """RFC 4954 section 4: not after MAIL."""
    client = await scene.connect(certificate=scene.tls.server)
    await client.ask(f"MAIL FROM:<{SENDER}>")
    assert (await client.ask(plain()))[0] == 503


async def test_ingress_knows_no_login(scene: Scene) -> None:
    """AUTH is for the submission listener alone."""
    client = await scene.rig.connect()
    await scene.tls.upgrade(client)
    assert "AUTH" not in (await client.ask("EHLO c.example"))[1]
    assert (await client.ask(plain()))[0] == 502
    assert (await client.ask(f"MAIL FROM:<{SENDER}>"))[0] == 250


def test_the_file_of_passwords_holds_hashes_alone(tmp_path: Path) -> None:
    """A line that is no hash is named by number, without a word of it."""
    file = tmp_path / "passwords"
    file.write_text("web:secret\n")
    with pytest.raises(ValueError, match="line 1 is not of the form") as raised:
        read_passwords(file)
    assert "secret" not in str(raised.value)
