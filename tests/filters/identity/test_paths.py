"""Which ways of sending a message shows, and which of them tell one sender from all others."""

import pytest
from identity_world import claims, rsa_record, signed, site, transaction
from messages import build
from static_dns import StaticResolver

from listward.config.shared_senders import SHARED_SENDERS
from listward.filters.identity.authenticate import authenticate
from listward.filters.identity.domains import ascii_domain
from listward.filters.identity.origin import Authentication, AuthResult
from listward.filters.identity.paths import MOST_PATHS, candidates, confirmed, unaligned, without_open
from listward.filters.identity.shared import is_shared
from listward.filters.identity.standing import Method, Path
from listward.filters.probes import ProbeUnavailable

ANA = "ana@isp.example"
SIGNED, SENT = Path(Method.DKIM, "small-host.test", "s1"), Path(Method.SPF, "small-host.test")


def result(method: str, outcome: str = "pass", domain: str = "small-host.test", **more: str) -> AuthResult:
    """One result."""
    where = {"property": "smtp.mailfrom"} if method == "spf" else {"property": "header.d", "selector": "s1"}
    return AuthResult(method, outcome, domain, **{**where, **more})


def seen(*results: AuthResult, sender: str = "x@small-host.test") -> tuple[Path, ...]:
    """The confirmed paths of a message with these results."""
    return confirmed(Authentication(ANA, results, aligned=False), sender)


def test_a_pass_with_a_selector_or_of_the_envelope_is_a_path() -> None:
    """Signatures, in the order of the message, come before the envelope; the same one counts once."""
    other = result("dkim", domain="a.test")
    assert seen(result("spf"), result("dkim"), other, result("dkim")) == (
        SIGNED,
        Path(Method.DKIM, "a.test", "s1"),
        SENT,
    )


@pytest.mark.parametrize(
    "found",
    [
        result("dkim", "fail"),
        result("dkim", "policy"),
        result("dkim", "temperror"),
        result("dkim", selector=""),
        result("spf", "softfail"),
        result("spf", "neutral"),
        result("spf", property="smtp.helo"),
        result("spf", domain="other.test"),
        result("dmarc"),
        result("arc"),
        AuthResult("iprev", "pass", "192.0.2.7"),
    ],
)
def test_whatever_else_is_no_path(found: AuthResult) -> None:
    """No failed or half-sure check, no HELO, no network, and nobody's word of another envelope than ours."""
    assert seen(found) == ()


def test_a_null_sender_is_nobodys_way() -> None:
    """SPF is then asked of HELO, which anybody's machine may claim."""
    assert seen(result("spf"), sender="") == ()


def test_what_speaks_for_the_author_needs_no_vouch() -> None:
    """Neither her domain nor one of the same organisation; a look-alike under the same suffix is another's."""
    own = (Path(Method.DKIM, "isp.example", "a"), Path(Method.SPF, "bounce.isp.example"))
    other = Path(Method.DKIM, "isp-example.example", "a")
    assert unaligned(ANA, (*own, SIGNED, other)) == (SIGNED, other)


def test_our_own_domains_are_nobodys_way() -> None:
    """Our list server signs and sends what everybody posts: a post that comes back proves no author."""
    ours = ("party.example", "lists.party.example")
    own = (Path(Method.DKIM, "lists.party.example", "l"), Path(Method.SPF, "bounce.party.example"))
    assert unaligned(ANA, (*own, SIGNED), ours) == (SIGNED,)
    raw = signed(build(from_=f"Ana <{ANA}>"), "lists.party.example", "l")
    assert candidates(claims(raw), transaction(raw, sender="x-bounces@lists.party.example"), ours) == ()


@pytest.mark.parametrize(
    "domain", ["gmail.com", "mail.yahoo.com", "em42.sendgrid.net", "eu-west-1.amazonses.com", "com", "co.uk"]
)
def test_shared_services_tell_nobody_apart(domain: str) -> None:
    """Mail companies, bulk mailers, public suffixes: refused whether or not others were seen there."""
    assert is_shared(domain)
    assert unaligned(ANA, (Path(Method.DKIM, domain, "s"), Path(Method.SPF, domain))) == ()


@pytest.mark.parametrize("domain", ["small-host.test", "notgmail.com", "party.onmicrosoft.com", "gmail.com.evil.test"])
def test_one_senders_own_domain_is_not_shared(domain: str) -> None:
    """Also one that a company signs with for this customer alone."""
    assert not is_shared(domain)


def test_the_list_of_shared_services_is_well_kept() -> None:
    """Plain domain names in lower case, none twice, none that another covers."""
    assert len(SHARED_SENDERS) > 100
    assert len(set(SHARED_SENDERS)) == len(SHARED_SENDERS)
    assert all(ascii_domain(domain) == domain and "." in domain for domain in SHARED_SENDERS)


def test_candidates_are_known_before_dns_is_asked() -> None:
    """Whatever may be confirmed later is among them; what is refused or the author's own is not."""
    plain = build(from_=f"Ana <{ANA}>")
    raw = signed(signed(signed(plain, "isp.example"), "small-host.test", "s1"), "weak.test", tags={"a": "rsa-sha1"})
    found = candidates(claims(raw), transaction(raw, sender="x@bounce.small-host.test"))
    assert found == (SIGNED, Path(Method.SPF, "bounce.small-host.test"))


def test_what_a_peer_reports_is_a_candidate_too() -> None:
    """Where a peer stands before us and names no client, its checks are all there is."""
    settings = site(peer=[{"address": "192.0.2.9", "authserv_ids": ["mx.peer.test"]}])
    line = "Authentication-Results: mx.peer.test; dkim=pass header.d=small-host.test header.s=s1; spf=pass"
    raw = f"{line} smtp.mailfrom=x@small-host.test\r\n".encode() + build(from_=f"Ana <{ANA}>")
    asked = transaction(raw, sender="x@small-host.test", address=None)
    assert candidates(claims(raw, settings), asked) == (SIGNED, SENT)


def test_no_message_asks_for_many_paths() -> None:
    """A stranger cannot make one message a hundred questions."""
    raw = build(from_=f"Ana <{ANA}>")
    for n in range(9):
        raw = signed(raw, f"n{n}.test")
    assert len(candidates(claims(raw), transaction(raw, sender="x@small-host.test"))) <= MOST_PATHS
    assert len(seen(*(result("dkim", domain=f"n{n}.test") for n in range(20)))) == MOST_PATHS


@pytest.mark.parametrize(
    ("record", "left"),
    [
        ("v=spf1 ip4:198.51.100.0/24 -all", True),
        ("v=spf1 +all", False),
        ("v=spf1 all", False),
        ("v=spf1 include:open.test -all", False),
        ("v=spf1 redirect=open.test", False),
        ("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", False),
        ("v=spf1 ip4:0.0.0.0/1 -all", False),
        ("v=spf1 exists:%{l}.any.test -all", False),
    ],
)
async def test_an_envelope_domain_that_lets_everybody_pass_is_nobodys_way(record: str, left: bool) -> None:
    """Whoever may send from anywhere proves nothing, however the record says it. Signatures stay."""
    zone = {
        "small-host.test": {"TXT": [record]},
        "open.test": {"TXT": ["v=spf1 +all"]},
        "x.any.test": {"A": ["127.0.0.2"]},
    }
    asked = transaction(b"", sender="x@small-host.test")
    found = await without_open((SIGNED, SENT), asked, StaticResolver(zone))
    assert found == ((SIGNED, SENT) if left else (SIGNED,))


async def test_a_client_of_version_6_is_asked_about_in_its_own_kind() -> None:
    """Open to every address of version 6 is open; nothing is asked where no envelope domain passed."""
    resolver = StaticResolver({"small-host.test": {"TXT": ["v=spf1 ip6:2000::/3 -all"]}})
    asked = transaction(b"", sender="x@small-host.test", address="2001:db8:7::1")
    assert await without_open((SENT,), asked, resolver) == ()
    four = transaction(b"", sender="x@small-host.test")
    assert await without_open((SENT,), four, resolver) == (SENT,)
    quiet = StaticResolver()
    assert await without_open((SIGNED,), asked, quiet) == (SIGNED,)
    assert quiet.asked == []


async def test_dns_trouble_is_no_answer() -> None:
    """Nobody is believed or refused for lack of one."""
    resolver = StaticResolver({"small-host.test": {"error": "TIMEOUT"}})
    with pytest.raises(ProbeUnavailable):
        await without_open((SENT,), transaction(b"", sender="x@small-host.test"), resolver)


async def test_paths_come_out_of_real_checks() -> None:
    """A signature that fails is none: one octet changed on the way, and the path is gone."""
    zone = {
        "small-host.test": {"TXT": ["v=spf1 ip4:198.51.100.0/24 -all"]},
        "s1._domainkey.small-host.test": {"TXT": [rsa_record()]},
    }
    raw = signed(build(from_=f"Ana <{ANA}>"), "small-host.test", "s1")
    for octets, expected in ((raw, (SIGNED, SENT)), (raw + b"x", (SENT,))):
        asked = transaction(octets, sender="x@small-host.test")
        found = await authenticate(claims(octets), asked, site(), StaticResolver(zone))
        assert (found.aligned, unaligned(ANA, confirmed(found, asked.sender))) == (False, expected)
