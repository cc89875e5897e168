"""SPF: which identity is checked, what DNS trouble means, and that evaluations share nothing."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pace import allowed
from static_dns import StaticResolver

from listward.filters.identity import spf
from listward.filters.identity.spf import check_sender

CLIENT = "192.0.2.10"
ZONE = {
    "party.example": {"TXT": ["v=spf1 ip4:192.0.2.10 -all"]},
    "other.example": {"TXT": ["v=spf1 include:party.example ~all"]},
    "helo.example": {"TXT": ["v=spf1 a -all"], "A": ["192.0.2.10"]},
    "broken.example": {"error": "SERVFAIL"},
    "through.example": {"TXT": ["v=spf1 include:broken.example -all"]},
    "endless.example": {"TXT": ["v=spf1 include:endless.example -all"]},
}


async def _check(sender: str, address: str | None = CLIENT, helo: str = "helo.example", zone: object = ZONE):
    return await check_sender(address, helo, sender, StaticResolver(zone))


@pytest.mark.parametrize(
    ("sender", "address", "result", "identity"),
    [
        ("ana@party.example", CLIENT, "pass", "party.example"),
        ("ana@PARTY.example.", CLIENT, "pass", "party.example"),
        ("ana@party.example", "::ffff:192.0.2.10", "pass", "party.example"),
        ("ana@party.example", "192.0.2.11", "fail", "party.example"),
        ("ana@other.example", CLIENT, "pass", "other.example"),
        ("ana@other.example", "192.0.2.11", "softfail", "other.example"),
        ("ana@nothing.example", CLIENT, "none", "nothing.example"),
        ("ana@broken.example", CLIENT, "temperror", "broken.example"),
        ("ana@through.example", CLIENT, "temperror", "through.example"),
        ("ana@endless.example", CLIENT, "permerror", "endless.example"),
        ("ana@[192.0.2.10]", CLIENT, "none", ""),
        ("ana@party.example", "not an address", "none", "party.example"),
    ],
)
async def test_results(sender: str, address: str, result: str, identity: str) -> None:
    """Each sender gets the result its domain publishes for the client."""
    found = await _check(sender, address)
    assert (found.result, found.identity, found.property) == (result, identity, "smtp.mailfrom")


async def test_the_null_sender_is_checked_by_helo() -> None:
    """A bounce has no MAIL FROM: the name the client gave stands in (RFC 7208 section 2.4)."""
    found = await _check("")
    assert (found.result, found.identity, found.property) == ("pass", "helo.example", "smtp.helo")


async def test_an_unknown_client_proves_nothing() -> None:
    """Where a peer names no client the result is none, and DNS is not even asked."""
    resolver = StaticResolver(ZONE)
    assert (await check_sender(None, "helo.example", "ana@party.example", resolver)).result == "none"
    assert resolver.asked == []


@pytest.mark.parametrize(
    "sender", ["any@party.example@attack.example", '"any@party.example"@attack.example', "any@attack.example"]
)
async def test_the_domain_checked_is_the_one_reported(sender: str) -> None:
    """A second @ in the local part cannot make one domain pass and another be reported."""
    zone = {"attack.example": {"TXT": ["v=spf1 -all"]}, **ZONE}
    found = await _check(sender, zone=zone)
    assert (found.result, found.identity) == ("fail", "attack.example")


async def test_lookups_are_bounded() -> None:
    """A record that fans out without end stops by the limits of RFC 7208, after few questions."""
    zone = {
        f"n{at}.example": {"TXT": [f"v=spf1 include:n{at + 1}.example include:n{at + 2}.example -all"]}
        for at in range(60)
    }
    resolver = StaticResolver(zone)
    assert (await check_sender(CLIENT, "h.example", "a@n0.example", resolver)).result == "permerror"
    assert len(resolver.asked) <= 12


async def test_evaluations_side_by_side_share_nothing() -> None:
    """Two hundred evaluations that wait for DNS in turn keep their own answers."""

    class Slow(StaticResolver):
        async def query(self, name: str, kind: str) -> tuple[bytes, ...]:
            await asyncio.sleep(0)
            return await super().query(name, kind)

    async def one(at: int) -> str:
        allowed = "192.0.2.10" if at % 2 else "192.0.2.99"
        zone = {
            "a.example": {"TXT": ["v=spf1 include:b.example -all"]},
            "b.example": {"TXT": [f"v=spf1 ip4:{allowed} -all"]},
        }
        return (await check_sender(CLIENT, "h.example", "x@a.example", Slow(zone))).result

    results = await asyncio.gather(*(one(at) for at in range(200)))
    assert results == ["fail", "pass"] * 100


async def test_hostile_records_end_soon() -> None:
    """Long, odd and deep records end in a result, each within a fraction of a second."""
    records = [
        "v=spf1 " + "a:" + "x." * 2000,
        "v=spf1 " + "%{l}" * 900,
        "v=spf1 " + "0" * 4000,
        "v=spf1 " + "a " * 5000,
    ]
    for record in records:
        began = time.process_time()
        found = await _check("a@long.example", zone={"long.example": {"TXT": [record]}})
        assert found.result in {"permerror", "fail", "neutral"}
        assert time.process_time() - began < allowed(1)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=40), st.text(alphabet="aimxpt:%{}/=.-+~? 1234el", max_size=80))
def test_whatever_is_written_there_is_a_result(sender: str, helo: str, terms: str) -> None:
    """No sender, HELO or record makes the check raise."""
    zone = {"a.example": {"TXT": ["v=spf1 " + terms]}}
    for name in (sender, f"{sender}@a.example"):
        found = asyncio.run(check_sender(CLIENT, helo, name, StaticResolver(zone)))
        assert found.result in {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"}


_TERM = st.builds(
    "{}{}".format,
    st.sampled_from(["", "-", "~", "?", "+"]),
    st.sampled_from(
        [
            "all",
            "ip4:192.0.2.0/24",
            "ip4:192.0.2.99",
            "ip6:2001:db8::/32",
            "a",
            "a:h.example/24",
            "mx",
            "mx:b.example",
            "ptr",
            "include:a.example",
            "include:b.example",
            "include:%{s}.example",
            "include:none.example",
            "redirect=b.example",
            "oops",
            "exists:%{l}.b.example",
            "exists:%{h}",
            "exists:h.example",
            "a:%{o}",
            "exp=b.example",
        ]
    ),
)
_TERMS = st.lists(_TERM, max_size=5).map(" ".join)
_HOSTS = {"A": ["192.0.2.10"], "AAAA": ["2001:db8::1"], "MX": ["10 h.example"]}


@settings(max_examples=200, deadline=None)
@given(
    _TERMS,
    _TERMS,
    st.sampled_from([CLIENT, "192.0.2.99", "2001:db8::1", "::ffff:192.0.2.10"]),
    st.lists(
        st.tuples(st.sampled_from(["a", "h", "pass"]), st.sampled_from(["h.example", "x", ""])), min_size=2, max_size=3
    ),
)
def test_what_is_remembered_is_what_pyspf_says(
    one: str, other: str, address: str, senders: list[tuple[str, str]]
) -> None:
    """Whoever writes from a domain, the outcome is that of an evaluation of its own."""
    zone = {
        "a.example": {"TXT": [f"v=spf1 {one}"], **_HOSTS},
        "b.example": {"TXT": [f"v=spf1 {other}"], **_HOSTS},
        "h.example": _HOSTS,
        "a.b.example": _HOSTS,
        "10.2.0.192.in-addr.arpa": {"PTR": ["h.example"]},
    }
    for local, helo in senders:
        found = asyncio.run(check_sender(address, helo, f"{local}@a.example", StaticResolver(zone)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spf, "REMEMBERED_OCTETS", -1)
            alone = asyncio.run(check_sender(address, helo, f"{local}@a.example", StaticResolver(zone)))
        assert found == alone


async def test_a_known_evaluation_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without macros the same answers for the same client give the outcome at once; other answers a new one."""
    made: list[str] = []
    attempt = spf._attempt
    monkeypatch.setattr(spf, "_attempt", lambda case, known: made.append(case.domain) or attempt(case, known))
    zone = {"once.example": {"TXT": ["v=spf1 ip4:192.0.2.10 -all"]}}
    for local in "abc":
        assert (await _check(f"{local}@once.example", zone=zone)).result == "pass"
    assert len(made) == 2
    changed = {"once.example": {"TXT": ["v=spf1 -all"]}}
    assert (await _check("a@once.example", zone=changed)).result == "fail"
    assert len(made) == 3
