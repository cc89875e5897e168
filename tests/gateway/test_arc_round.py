"""One round over real sockets: in through ingress, through a list server that changes the mail, out through egress."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from arc_world import SELECTOR, by_dkimpy, keys, sealed
from cryptography.hazmat.primitives import serialization
from dns_server import DnsServer
from gateway_fakes import KEY, MEMBERS, NEWS, Rig, make_site, message
from identity_world import FixedRosters, person, rsa_key

from listward.filters.identity.origin import Basis, OriginKind
from listward.filters.identity.resolver import DnsResolver
from listward.filters.judge import Judge
from listward.filters.judgement import Judgement
from listward.filters.learner import SpamModel
from listward.filters.probes import Probes
from listward.filters.transaction import Transaction
from listward.gateway.reader.judging import ReadingJudge, terms_for
from listward.gateway.reader.reads import ReadsHere
from listward.gateway.snapshot import make_snapshot, sealer_of
from listward.gateway.trace.seal import Sealer
from listward.wire.payload import Payload

MODEL = SpamModel()
ELSEWHERE = "127.0.0.2"
ZONE: dict[str, Any] = {
    **keys("party.example", "relay.example"),
    "home.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.home.example": {"TXT": ["v=DMARC1; p=reject"]},
}
SIGNING = {"domain": "party.example", "selector": SELECTOR, "key_file": "arc.pem"}
SUBSCRIBER = "bob@far.example"
FOUND = "i=1; mx.party.example; spf=pass"


@dataclass
class Watched:
    """A judge that remembers what it said."""

    inner: ReadingJudge
    said: list[Judgement] = field(default_factory=list)

    async def judge(self, transaction: Transaction, payload: Payload) -> Judgement:
        """Judge and remember."""
        self.said.append(await self.inner.judge(transaction, payload))
        return self.said[-1]


class Round(Rig):
    """A rig that judges in earnest, under a name server of its own."""

    watched: Watched

    def judge_by(self, dns: str) -> None:
        """Judge by that name server; one person is on every list."""
        probes = Probes(DnsResolver((dns,), 2.0), FixedRosters(person("ana@home.example", "Ana Ruiz")))
        judge = Judge(self.site, self.policy, MODEL, probes)
        self.watched = Watched(ReadingJudge(judge, ReadsHere(), terms_for(self.site, judge, MODEL)))
        self.snapshot = make_snapshot(self.site, self.policy, self.watched, KEY, self._directory)

    async def send_from(self, source: str, data: bytes, *recipients: str) -> int:
        """Send one message to ingress from an address; returns the reply's code."""
        client = await self.connect(source=source)
        code, _ = await client.envelope(*recipients)
        return (await client.content(data))[0] if code == 250 else code

    async def post(self, data: bytes) -> bytes:
        """Send a post in and, changed by the list server, out again; returns what leaves."""
        code, text = await self.send(data, NEWS)
        assert code == 250, text
        return await self.leave(list_server(self.news.messages[-1].data))

    async def leave(self, data: bytes) -> bytes:
        """Hand a message to egress; returns what leaves."""
        sender = "news-bounces@lists.party.example"
        code, text = await self.send(data, SUBSCRIBER, sender=sender, egress=True)
        assert code == 250, text
        return self.out.messages[-1].data


def list_server(data: bytes) -> bytes:
    """Add List fields and a footer, and change nothing else."""
    header, _, body = data.partition(b"\r\n\r\n")
    more = b"\r\nList-Id: News <news.lists.party.example>\r\nList-Post: <mailto:news@lists.party.example>\r\n\r\n"
    return header + more + body + b"_______\r\nThe footer.  \r\n\r\n"


@asynccontextmanager
async def world(tmp_path: Path, **tables: Any) -> AsyncIterator[Round]:
    """A round with a key to seal by, unless the tables say otherwise."""
    pem = rsa_key(2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "arc.pem").write_bytes(pem)
    with DnsServer(ZONE) as dns:
        async with Round(directory=tmp_path, **{"signing": SIGNING, **tables}) as rig:
            rig.judge_by(dns.address)
            yield rig


def head(data: bytes) -> str:
    """The header, unfolded."""
    return re.sub(r"\r\n[ \t]", " ", data.partition(b"\r\n\r\n")[0].decode())


async def test_what_ingress_found_leaves_under_our_seal(tmp_path: Path) -> None:
    """The chain verifies after the list server's changes, and says what ingress found of this author."""
    async with world(tmp_path) as rig:
        left = await rig.post(message())
        assert by_dkimpy(left, ZONE) == ("pass", "success")
        fields = head(left)
        assert fields.startswith("ARC-Seal: i=1; ")
        assert FOUND in fields
        assert "dmarc=pass" in fields.partition("ARC-Authentication-Results:")[2].partition("\r\n")[0]
        assert "header.from=home.example" in fields.partition("Received:")[0]
        assert rig.count("arc_seals_total", outcome="sealed") == 1


async def test_another_gateway_that_trusts_us_takes_from_as_proven(tmp_path: Path) -> None:
    """The mail comes from elsewhere, SPF fails, and our word makes its author known; without trust he is not."""
    async with world(tmp_path) as rig:
        left = await rig.post(message())
    (tmp_path / "other").mkdir()
    for trusted, kind in (["party.example"], OriginKind.MEMBER), ([], OriginKind.FORGED):
        tables = {"signing": {}, "authentication": {"trusted_sealers": trusted}}
        other = {"name": "Other", "domains": ["other.example"]}
        async with world(tmp_path / "other", organisation=other, **tables) as second:
            assert await second.send_from(ELSEWHERE, left, MEMBERS) == 250
            judgement = second.watched.said[0]
            assert judgement.origin.kind is kind
            assert judgement.origin.address == "ana@home.example"
            results = head(second.news.messages[0].data).partition("Authentication-Results:")[2].partition("\r\n")[0]
            assert 'arc=pass reason="i=1" header.oldest-pass=0' in results
            assert "dmarc=fail" in results


async def test_our_own_post_may_come_back_to_another_list_and_never_to_its_own(tmp_path: Path) -> None:
    """By our own seal it is its author's, never of inside; at its list it is a loop, without its mark nobody's."""
    async with world(tmp_path) as rig:
        left = await rig.post(message())
        assert await rig.send_from(ELSEWHERE, left, NEWS) == 554
        assert await rig.send_from(ELSEWHERE, left, MEMBERS) == 250
        origin = rig.watched.said[-1].origin
        assert (origin.kind, origin.basis) == (OriginKind.MEMBER, Basis.ARC)
        twice = await rig.leave(list_server(rig.news.messages[-1].data))
        assert by_dkimpy(twice, ZONE) == ("pass", "success")
        assert "ARC-Seal: i=2" in head(twice)
        bare = re.sub(rb"X-Listward-Id:.*\r\n(?:[ \t].*\r\n)*", b"", left)
        assert bare.count(b"X-Listward-Id:") == 0
        assert await rig.send_from(ELSEWHERE, bare, NEWS) == 250
        assert rig.watched.said[-1].origin.kind is OriginKind.FORGED


async def test_a_chain_from_outside_goes_on(tmp_path: Path) -> None:
    """One that passes on ingress has cv=pass, though the footer breaks its signature; one that fails is ended."""
    async with world(tmp_path) as rig:
        left = await rig.post(sealed(message()))
        assert by_dkimpy(left, ZONE) == ("pass", "success")
        assert "ARC-Seal: i=2;" in head(left)
        broken = sealed(message(message_id="<two@home.example>")).replace(b"Dear all", b"Dear you")
        fields = head(await rig.post(broken))
        assert "ARC-Seal: i=2;" in fields
        assert "cv=fail" in fields
        ended = fields + "\r\n\r\nDear you\r\n"
        again = await rig.post(re.sub(r"X-Listward-Id.*\r\n", "", ended).encode())
        assert head(again).count("ARC-Seal:") == 2
        assert rig.count("arc_seals_total", outcome="unsealed") == 1


async def test_results_cannot_be_lent(tmp_path: Path) -> None:
    """What the list server's own mail claims under our id, or takes from another post, is not sealed as ours."""
    async with world(tmp_path) as rig:
        await rig.send(message(), NEWS)
        taken = rig.news.messages[-1].data
        ours = re.search(rb"Authentication-Results:(?:.*\r\n[ \t])*.*\r\nX-Listward-Id:(?:.*\r\n[ \t])*.*\r\n", taken)
        assert ours is not None
        others = (
            ours[0] + message(message_id="<other@home.example>"),
            b"Authentication-Results: mx.party.example; dmarc=pass header.from=home.example\r\n" + message(),
            ours[0].replace(b"dmarc=pass", b"dmarc=none") + message(),
            message(),
        )
        for data in others:
            left = await rig.leave(list_server(data))
            assert "ARC-Authentication-Results: i=1; mx.party.example; none\r\n" in head(left)
            assert by_dkimpy(left, ZONE)[0] == "pass"


async def test_a_chain_that_ingress_has_not_seen_is_left_alone(tmp_path: Path) -> None:
    """Mail of the list server's own making that carries a chain goes out as it is."""
    async with world(tmp_path) as rig:
        data = sealed(message())
        assert (await rig.leave(data)).endswith(data)
        assert head(rig.out.messages[-1].data).count("ARC-Seal:") == 1
        assert [event["reason"] for event in rig.events() if event["event"] == "unsealed"] == ["unknown"]


async def test_trouble_with_a_key_on_ingress_is_no_word_on_the_way_out(tmp_path: Path) -> None:
    """The chain's state is open, so nothing is said of it."""
    async with world(tmp_path) as rig:
        ZONE["arc._domainkey.down.example"] = {"error": "SERVFAIL"}
        try:
            left = await rig.post(sealed(message(), "down.example"))
        finally:
            del ZONE["arc._domainkey.down.example"]
        assert head(left).count("ARC-Seal:") == 1


@pytest.mark.parametrize("size", [200_000, 3_000_000])
async def test_a_large_message_is_sealed_too(tmp_path: Path, size: int) -> None:
    """From the spool, block by block."""
    async with world(tmp_path) as rig:
        lines = b"".join(b"%d  words \t\r\n" % number for number in range(size // 12))
        left = await rig.post(message() + lines)
        assert by_dkimpy(left, ZONE)[0] == "pass"
        assert len(left) > size


async def test_a_message_leaves_though_it_cannot_be_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks, the mail goes on, counted and with a line in the log."""
    async with world(tmp_path) as rig:
        monkeypatch.setattr(Sealer, "seal", lambda *_: 1 / 0)
        left = await rig.post(message())
        assert "ARC-Seal" not in head(left)
        assert rig.count("arc_seals_total", outcome="failed") == 1
        event = next(event for event in rig.events() if event["event"] == "unsealed")
        assert event["error"] == "ZeroDivisionError"


async def test_without_a_key_nothing_is_added(tmp_path: Path) -> None:
    """And nothing is counted."""
    async with world(tmp_path, signing={}) as rig:
        assert "ARC-" not in head(await rig.post(message()))
        assert rig.count("arc_seals_total", outcome="sealed") == 0


def test_a_new_key_is_read_with_the_configuration(tmp_path: Path) -> None:
    """So that a reload brings it."""
    settings = make_site("lmtp://127.0.0.1:1", "smtp://127.0.0.1:2", "smtp://127.0.0.1:3", tmp_path, signing=SIGNING)
    for bits in (2048, 3072):
        pem = rsa_key(bits).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        (tmp_path / "arc.pem").write_bytes(pem)
        made = sealer_of(settings)
        assert made is not None
        assert made.key.key_size == bits
