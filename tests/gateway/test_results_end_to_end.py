"""Authentication-Results through a whole worker: ours is written once and right, forged ones are gone."""

import asyncio
import re
import socket
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvloop
from dns_server import DnsServer
from gateway_fakes import Client, FakeCases, FakeLedger
from identity_world import rsa_record, signed
from memory_accounts import MemoryAccounts, SilentPresence
from messages import build
from scripted_hop import ScriptedHop

from listward.config.load import load
from listward.filters.identity.authres_syntax import Field, parse
from listward.filters.transaction import Listener
from listward.gateway.worker import Surroundings, serve
from listward.runtime.maillog import MailLog
from listward.runtime.metrics import Metrics

NEWS = "news@lists.party.example"
OURS = "mx.xn--bcher-kva.example"
SITE = """
[organisation]
name = "Party"
domains = ["party.example"]
[gateway]
hostname = "mx.party.example"
authserv_id = "{ours}"
[dns]
servers = ["{dns}"]
timeout_s = 2
questions_per_message = 20
[policy]
mode = "observe"
[authentication]
dmarc = "{dmarc}"
[[list]]
address = "news@lists.party.example"
zone = "public"
next_hop = "{hop}"
"""
ZONE = {
    "mail.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.mail.example": {"TXT": ["v=DMARC1; p=quarantine"]},
    "sel._domainkey.mail.example": {"TXT": [rsa_record()]},
    "other.example": {"TXT": ["v=spf1 -all"]},
    "hungry.example": {"TXT": ["v=spf1 mx:m1.example mx:m2.example mx:m3.example -all"]},
    **{f"m{one}.example": {"MX": [f"10 h{one}{at}.example" for at in range(10)]} for one in (1, 2, 3)},
    **{f"h{one}{at}.example": {"A": ["192.0.2.1"]} for one in (1, 2, 3) for at in range(10)},
}
FORGED = [
    "Authentication-Results: {ours}; dmarc=pass",
    "authentication-results:{upper};dmarc=pass",
    "AUTHENTICATION-RESULTS:\r\n\t{ours}\r\n ;\r\n dmarc=pass",
    "Authentication-Results :{ours}; dmarc=pass",
    "Authentication-Results\t : {ours}; dmarc=pass",
    "Authentication-Results\x0b: {ours}; dmarc=pass",
    "Authentication-Results \x0c : {ours}; dmarc=pass",
    "Authentication-Results\r\n : {ours}; dmarc=pass",
    "Authentication-Results \r\n\t \r\n : {ours};\r\n dmarc=pass",
    "Authentication-Results: (c) {ours} (d (e)) 1; dmarc=pass",
    "Authentication-Results: (a\\) b) {ours}; dmarc=pass",
    'Authentication-Results: "{ours}"; dmarc=pass',
    'Authentication-Results: "mx.xn--bcher\\-kva.example" 1; dmarc=pass',
    "Authentication-Results: {ours}.; dmarc=pass",
    "Authentication-Results: {ours}/1; dmarc=pass",
    "Authentication-Results: {ours} 99; dmarc=pass",
    "Authentication-Results: {ours}99; dmarc=pass",
    "Authentication-Results: mx.bücher.example; dmarc=pass",
    "Authentication-Results: mx.BÜCHER.example; dmarc=pass",
    "Authentication-Results: \uff4dx。bücher.example; dmarc=pass",
    "Authentication-Results: mx.bu\u0308cher.example; dmarc=pass",
    "Authentication-Results: mx.xn--bcher-\u00adkva.example; dmarc=pass",
    "Authentication-Results: =?utf-8?q?mx=2Exn--bcher-kva=2Eexample?=; dmarc=pass",
    "Authentication-Results: =?utf-8?b?bXgueG4tLWJjaGVyLWt2YS5leGFtcGxl?=; dmarc=pass",
    "Authentication-Results: =?iso-8859-1?q?mx=2Eb=FCcher=2Eexample?=; dmarc=pass",
    "Authentication-Results: (never closed {ours}; dmarc=pass",
    'Authentication-Results: "{ours}; dmarc=pass',
    "Authentication-Results: mx.xn--bcher-kva.\r\n example; dmarc=pass",
    "Authentication-Results: {ours}",
    "Received-SPF: pass (x) receiver={ours}; client-ip=192.0.2.1",
    "received-spf : Pass receiver=mx.bücher.example",
]
KEPT = [
    "Authentication-Results: {ours}.attack.example; spf=pass",
    "Authentication-Results: not.{ours}; spf=pass",
    "Authentication-Results: other.example (that is not {ours}); spf=pass",
    "X-Authentication-Results: {ours}; spf=pass",
    "Received-SPF: pass receiver=other.example",
]


async def _delivered(folder: Path, raw: bytes, sender: str, dmarc: str, metrics: Metrics | None = None) -> bytes:
    """Send one message through a worker, and return what the list server got."""
    with DnsServer(ZONE) as dns:
        async with ScriptedHop("smtp") as hop:
            text = SITE.format(ours=OURS, dns=dns.address, hop=hop.url, dmarc=dmarc)
            (folder / "site.toml").write_text(text, encoding="utf-8")
            door, stop, ready = socket.create_server(("127.0.0.1", 0)), asyncio.Event(), asyncio.Event()
            around = Surroundings(
                log=MailLog(b"k", StringIO()),
                connect_store=lambda *_: _store(),
                on_ready=ready.set,
                metrics=metrics or Metrics(),
            )
            working = asyncio.create_task(serve(load(folder), {Listener.INGRESS: [door]}, stop, around))
            try:
                await asyncio.wait_for(ready.wait(), 20)
                client = await Client.open(door.getsockname()[1])
                assert (await client.envelope(NEWS, sender=sender, parameters=" BODY=8BITMIME"))[0] == 250
                assert (await client.content(raw))[0] == 250
                await client.close()
                return hop.messages[0].data
            finally:
                stop.set()
                await asyncio.wait_for(working, 20)


def _store() -> SimpleNamespace:
    async def nothing(*_: object) -> int:
        return 0

    return SimpleNamespace(
        cases=FakeCases(),
        ledger=FakeLedger(),
        counters=SimpleNamespace(seen_elsewhere=nothing),
        accounts=MemoryAccounts(),
        presence=SilentPresence(),
        close=nothing,
        adopt=lambda site: None,
    )


def _through(folder: Path, raw: bytes, sender: str = "ben@mail.example", dmarc: str = "rfc7489") -> bytes:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_delivered(folder, raw, sender, dmarc))


def _fields(delivered: bytes, name: str) -> list[str]:
    """The fields of that name as an ordinary reader sees them, octets for octets, a blank before the colon or not."""
    header = delivered.partition(b"\r\n\r\n")[0]
    found = re.findall(
        rb"(?im)^(" + name.encode() + rb"[ \t\x0b\x0c]*(?:\r\n[ \t]+)*:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", header
    )
    return [one.decode("utf-8") for one in found]


def _ours(delivered: bytes) -> Field:
    """Our field: the topmost."""
    (first, *_) = _fields(delivered, "Authentication-Results")
    found = parse(first.partition(":")[2].encode())
    assert found is not None
    assert found.authserv_id == OURS
    return found


def test_what_others_wrote_in_our_name_is_gone(tmp_path: Path) -> None:
    """Every spelling of our id that any reader could take for ours is removed; fields of others stay as they were."""
    spelled = [line.format(ours=OURS, upper=OURS.upper()) for line in (*FORGED, *KEPT)]
    plain = build(from_="Ben <ben@mail.example>")
    raw = "".join(f"{line}\r\n" for line in spelled).encode() + signed(plain)
    delivered = _through(tmp_path, raw)
    kept = [line.format(ours=OURS) for line in KEPT]
    assert _fields(delivered, "[a-z-]*authentication-results")[1:] == kept[:-1]
    assert _fields(delivered, "Received-SPF") == kept[-1:]
    assert [item.method for item in _ours(delivered).results] == ["spf", "dkim", "dmarc"]
    assert delivered.endswith(plain.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize("dmarc", ["rfc7489", "rfc9989"])
def test_our_field_says_what_was_found(tmp_path: Path, dmarc: str) -> None:
    """SPF with MAIL FROM, DKIM with domain and selector, DMARC with policy and domain, by both standards."""
    delivered = _through(tmp_path, signed(build(from_="Ben <ben@mail.example>")), dmarc=dmarc)
    (written,) = _fields(delivered, "Authentication-Results")
    assert " ".join(written.split()) == (
        f"Authentication-Results: {OURS}; spf=pass smtp.mailfrom=mail.example;"
        " dkim=pass header.d=mail.example header.s=sel; dmarc=pass (p=quarantine) header.from=mail.example"
    )
    # Python's own reader of structured headers finds nothing wrong with the message around it.
    parsed = message_from_bytes(delivered, policy=policy.default)
    assert parsed.defects == []
    assert parsed["From"].addresses[0].addr_spec == "ben@mail.example"


def test_our_field_says_what_failed(tmp_path: Path) -> None:
    """A foreign sender and a broken signature: nothing is called a pass, and each reason is there."""
    raw = signed(build(from_="Ben <ben@mail.example>")).replace(b"Minutes", b"Monies")
    results = _ours(_through(tmp_path, raw, sender="x@other.example")).results
    assert [(item.method, item.result) for item in results] == [("spf", "fail"), ("dkim", "fail"), ("dmarc", "fail")]
    assert results[0].property("smtp.mailfrom") == "other.example"
    assert results[2].property("header.from") == "mail.example"


def test_a_null_sender_is_checked_by_its_greeting(tmp_path: Path) -> None:
    """Without MAIL FROM the name in HELO is what SPF looked at, and the field says so."""
    delivered = _through(tmp_path, build(from_="Ben <ben@mail.example>"), sender="")
    (spf, *_) = _ours(delivered).results
    assert (spf.method, spf.result) == ("spf", "none")
    assert spf.property("smtp.helo")


def test_a_sender_who_makes_us_ask_too_much_is_cut_short(tmp_path: Path) -> None:
    """Beyond the questions a message may cause SPF has no result, and a metric counts the message once."""
    metrics = Metrics()
    raw = build(from_="Ben <ben@mail.example>")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        delivered = runner.run(_delivered(tmp_path, raw, "x@hungry.example", "rfc7489", metrics))
    (spf, *_) = _ours(delivered).results
    assert (spf.method, spf.result) == ("spf", "temperror")
    assert metrics.registry.get_sample_value("listward_limits_hit_total", {"limit": "dns_questions"}) == 1
