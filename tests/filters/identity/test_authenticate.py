"""Authentication of a whole message: side by side, bounded, and never a pass for lack of an answer."""

import asyncio
import time

import pytest
from dns_server import DnsServer
from identity_world import BOARD, INSIDE, claims, rsa_record, signed, site, transaction
from messages import build
from static_dns import StaticResolver

from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.origin import Authentication
from listward.filters.identity.resolver import DnsResolver
from listward.filters.transaction import Listener

RAW = build(from_="Ben <ben@mail.example>")
ZONE = {
    "mail.example": {"TXT": ["v=spf1 ip4:198.51.100.7 -all"]},
    "_dmarc.mail.example": {"TXT": ["v=DMARC1; p=reject"]},
    "sel._domainkey.mail.example": {"TXT": [rsa_record()]},
    "attack.example": {"TXT": ["v=spf1 +all"]},
}


async def _authenticate(raw: bytes, zone: dict = ZONE, **changes: object) -> Authentication:
    return await authenticate(claims(raw), transaction(raw, **changes), site(), StaticResolver(zone))


def _words(found: Authentication) -> dict[str, str]:
    return {item.method: item.result for item in found.results}


async def test_spf_proves_an_author() -> None:
    """Mail from a server that the domain names is proven."""
    found = await _authenticate(RAW)
    assert (found.author, found.aligned, found.policy, found.undecided) == ("ben@mail.example", True, "reject", False)
    assert _words(found) == {"spf": "pass", "dkim": "none", "dmarc": "pass"}


async def test_dkim_proves_an_author() -> None:
    """A signature of the author's domain proves it from any server."""
    found = await _authenticate(signed(RAW), address="203.0.113.1")
    assert (found.aligned, _words(found)) == (True, {"spf": "fail", "dkim": "pass", "dmarc": "pass"})


async def test_another_domain_s_pass_proves_nothing() -> None:
    """The attacker's own SPF does not speak for the author."""
    found = await _authenticate(RAW, sender="any@attack.example", address="203.0.113.1")
    assert (found.aligned, found.policy, _words(found)) == (
        False,
        "reject",
        {"spf": "pass", "dkim": "none", "dmarc": "fail"},
    )


@pytest.mark.parametrize("broken", ["mail.example", "_dmarc.mail.example", "sel._domainkey.mail.example"])
@pytest.mark.parametrize("trouble", ["SERVFAIL", "TIMEOUT", "REFUSED"])
async def test_dns_trouble_is_never_a_pass(broken: str, trouble: str) -> None:
    """Whichever name gives no answer, nothing passes that would need it; where it decides, it is undecided."""
    zone = {**ZONE, broken: {"error": trouble}}
    raw = signed(RAW) if broken.startswith("sel.") else RAW
    address = "203.0.113.1" if broken.startswith("sel.") else "198.51.100.7"
    found = await _authenticate(raw, zone, address=address)
    if broken == "_dmarc.mail.example":
        assert found.results[-1].result == "temperror"
        assert found.policy == ""
    else:
        assert (found.aligned, found.undecided, found.results[-1].result) == (False, True, "temperror")


@pytest.mark.parametrize(
    "changed", [{}, {"mail.example": {}}, {"_dmarc.mail.example": {}}, {"sel._domainkey.mail.example": {}}]
)
@pytest.mark.parametrize("raw", [RAW, signed(RAW), signed(RAW) + b"x", b"Subject: none\r\n\r\n"])
@pytest.mark.parametrize("address", ["198.51.100.7", "203.0.113.1", None])
async def test_answers_from_memory_say_the_same(changed: dict, raw: bytes, address: str | None) -> None:
    """Where nothing has to be waited for, all is asked in turn, and the outcome is the same."""
    zone = {**ZONE, **changed}
    turn = transaction(raw, address=address)
    found = [
        await authenticate(claims(raw), turn, site(), StaticResolver(zone, remembers)) for remembers in (True, False)
    ]
    assert found[0] == found[1]


async def test_our_own_networks_need_no_proof_for_our_own_names() -> None:
    """Mail from inside in a person's name of ours asks no name server: nothing outside can say more of it."""
    raw, resolver = signed(build(from_="Ana <ana@party.example>")), StaticResolver(ZONE)
    found = await authenticate(claims(raw), transaction(raw, address=INSIDE), site(), resolver)
    assert found == Authentication("ana@party.example", (), aligned=False)
    assert resolver.asked == []


@pytest.mark.parametrize(
    "author", [BOARD, "ben@mail.example", "x@below.party.example", "ana@party.example, ben@mail.example"]
)
async def test_our_own_networks_prove_nobody_else(author: str) -> None:
    """A list's name, a domain that is not ours and a second author are checked like any other mail."""
    raw, resolver = build(from_=author), StaticResolver(ZONE)
    found = await authenticate(claims(raw), transaction(raw, address=INSIDE), site(), resolver)
    assert resolver.asked
    assert not found.aligned


async def test_an_unknown_client_has_no_spf() -> None:
    """A peer that names no client: SPF is none, DKIM still counts."""
    found = await _authenticate(signed(RAW), address=None)
    assert (found.aligned, _words(found)["spf"]) == (True, "none")


@pytest.mark.parametrize(("sender", "proven"), [("x@elsewhere.example", False), ("", True)])
async def test_a_silent_peer_s_word_of_helo_counts_for_a_null_sender_alone(sender: str, proven: bool) -> None:
    """DMARC asks for the envelope sender; HELO stands for it only where there is none (RFC 7489 section 4.1)."""
    said = "peer.example; spf=pass smtp.helo=mail.example"
    raw = build(from_="Ben <ben@mail.example>", headers=[("Authentication-Results", said)])
    settings = site(peer=[{"address": "192.0.2.1/32", "gives": "nothing", "authserv_ids": ["peer.example"]}])
    asked = transaction(raw, address=None, sender=sender)
    assert (await authenticate(claims(raw, settings), asked, settings, StaticResolver(ZONE))).aligned is proven


async def test_a_silent_peer_s_results_count() -> None:
    """Where the peer names no client, what it found counts by its id; other peers' fields do not."""
    raw = build(
        from_="Ben <ben@mail.example>",
        headers=[("Authentication-Results", "peer.example; spf=pass smtp.mailfrom=ben@mail.example")],
    )
    peers = [{"address": "192.0.2.1/32", "gives": "nothing", "authserv_ids": ["peer.example"]}]
    for address, settings, proven in (
        (None, site(peer=peers), True),
        (None, site(), False),
        ("203.0.113.1", site(peer=peers), False),
    ):
        known = claims(raw, settings)
        found = await authenticate(known, transaction(raw, address=address), settings, StaticResolver(ZONE))
        assert found.aligned is proven


async def test_nobody_is_never_proven() -> None:
    """Two From fields: no author, no alignment, whatever passes."""
    raw = b"From: <ana@party.example>\r\n" + RAW
    found = await _authenticate(raw)
    assert (found.author, found.aligned) == ("", False)


@pytest.mark.parametrize("listener", [Listener.SUBMISSION, Listener.EGRESS])
async def test_our_own_doors_ask_no_dns(listener: Listener) -> None:
    """Mail by submission or from the list server is not checked by DNS."""
    resolver = StaticResolver(ZONE)
    found = await authenticate(claims(RAW), transaction(RAW, listener=listener), site(), resolver)
    assert (found.author, found.results, resolver.asked) == ("ben@mail.example", (), [])


async def test_it_ends_in_time_when_dns_is_silent() -> None:
    """With every name silent the answer comes within the deadline, and is undecided."""
    silent = {name: {"error": "TIMEOUT"} for name in ZONE}
    raw = signed(RAW)
    settings = site(gateway={"hostname": "mx.party.example", "judge_deadline_s": 1.0})
    with DnsServer(silent) as server:
        began = time.monotonic()
        resolver = DnsResolver((server.address,), timeout_s=30)
        found = await authenticate(claims(raw), transaction(raw), settings, resolver)
        assert time.monotonic() - began < 3
    assert (found.aligned, found.undecided) == (False, True)
    pending = asyncio.all_tasks() - {asyncio.current_task()}
    for task in pending:
        task.cancel()


async def test_the_three_methods_wait_together() -> None:
    """SPF, DKIM and DMARC that each wait 0.6 s for DNS wait little longer in all: less than one after the other."""
    slow = {name: {**records, "delay_s": 0.6} for name, records in ZONE.items()}
    raw = signed(RAW)
    with DnsServer(slow) as server:
        began = time.monotonic()
        found = await authenticate(claims(raw), transaction(raw), site(), DnsResolver((server.address,), timeout_s=5))
        elapsed = time.monotonic() - began
    assert found.aligned
    assert elapsed < 3 * 0.6
