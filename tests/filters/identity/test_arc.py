"""ARC chains: what makes one pass, and everything that must not."""

import asyncio
import time
from typing import Any

import pytest
from arc_world import by_dkimpy, keys, said, sealed
from hypothesis import given
from hypothesis import strategies as st
from messages import build
from pace import allowed
from static_dns import StaticResolver

from listward.filters.identity import source
from listward.filters.identity.arc import NO_CHAIN, Chain, check_chain, sets_counted
from listward.filters.identity.arc_evidence import RESULTS_OCTETS, SETS, read_chain
from listward.filters.identity.origin import AuthResult
from listward.filters.identity.source import Source

POST = build(from_="Ben <ben@mail.example>")
ZONE = keys("relay.example", "other.example", "third.example")


def chain_of(raw: bytes) -> Chain:
    """The chain as it is read."""
    return read_chain(Source.of(raw), time.time())


def state(raw: bytes, zone: dict[str, Any] | None = None) -> AuthResult:
    """The chain's state under the keys of the zone."""
    return asyncio.run(check_chain(chain_of(raw), StaticResolver(ZONE if zone is None else zone)))


def test_without_a_set_there_is_nothing_to_ask() -> None:
    """No chain, the result "none", and no question."""
    resolver = StaticResolver()
    assert chain_of(POST) is NO_CHAIN
    assert asyncio.run(check_chain(NO_CHAIN, resolver)).result == "none"
    assert resolver.asked == []


def test_one_set_passes() -> None:
    """And dkimpy says the same."""
    raw = sealed(POST)
    assert (state(raw).result, by_dkimpy(raw, ZONE)[0]) == ("pass", "pass")


def test_a_chain_of_three_passes_and_says_how_far_back_the_text_is_unchanged() -> None:
    """All message signatures hold; after a change at the second sealer the oldest that holds is named."""
    raw = sealed(sealed(sealed(POST), "other.example"), "third.example")
    result = state(raw)
    assert (result.result, result.identity, result.property) == ("pass", "0", "header.oldest-pass")
    assert sets_counted(result.detail) == 3
    changed = sealed(sealed(POST).replace(b"Subject: ", b"Subject: [Board] "), "other.example")
    raw = sealed(changed, "third.example")
    result = state(raw)
    assert (result.result, result.identity) == ("pass", "2")
    assert by_dkimpy(raw, ZONE)[0] == "pass"


@pytest.mark.parametrize("text", ["", "3", "i=", "i=x", "i=1234", "i=²"])
def test_a_detail_that_counts_nothing(text: str) -> None:
    """Is nought sets."""
    assert sets_counted(text) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Dear all,", b"Dear you,"),
        (b"Subject: Minutes", b"Subject: Money"),
        (b"From: Ben", b"From: Bob"),
        (b"cv=none", b"cv=pass"),
        (b"ARC-Authentication-Results: i=1; mx.relay", b"ARC-Authentication-Results: i=1; mx.rival"),
        (b"ARC-Seal: i=1", b"ARC-Seal: i=2"),
        (b"ARC-Seal:", b"X-Seal:"),
        (b"ARC-Message-Signature:", b"X-Message-Signature:"),
        (b"ARC-Authentication-Results:", b"X-Authentication-Results:"),
        (b"ARC-Message-Signature: i=1; a=rsa-sha256", b"ARC-Message-Signature: i=1; a=rsa-sha1"),
        (b"; b=", b"; b=%%"),
        (b"; s=arc", b"; s="),
        (b"; d=relay.example", b""),
        (b"; d=relay.example", b"; d=relay example"),
        (b"; s=arc", b"; s=arc; q=http"),
    ],
)
def test_what_was_changed_afterwards_fails(old: bytes, new: bytes) -> None:
    """Text, signed fields, results, the order of sets, or a field of the set itself."""
    raw = sealed(POST)
    assert old in raw
    assert state(raw.replace(old, new, 1)).result == "fail"


@pytest.mark.parametrize(
    ("seal", "message"),
    [
        ({"cv": "pass"}, {}),
        ({"cv": "fail"}, {}),
        ({"cv": ""}, {}),
        ({"cv": "None"}, {}),
        ({"h": "from"}, {}),
        ({"t": "99999999999"}, {}),
        ({"t": "soon"}, {}),
        ({"t": "1" * 13}, {}),
        ({}, {"t": "99999999999"}),
        ({}, {"x": "1000"}),
        ({}, {"l": "10"}),
        ({}, {"c": "free/free"}),
        ({}, {"h": "from:arc-seal"}),
        ({}, {"h": ":".join(["x"] * 300)}),
        ({}, {"i": ""}),
        ({}, {"i": "0"}),
        ({}, {"i": "01"}),
        ({}, {"bh": ""}),
        ({"a": "rsa-sha1"}, {}),
        ({"d": "nobody.example"}, {}),
    ],
)
def test_what_no_sealer_may_write_fails(seal: dict[str, str], message: dict[str, str]) -> None:
    """However well it is signed."""
    assert state(sealed(POST, seal=seal, message=message)).result == "fail"


def test_a_broken_chain_stays_broken() -> None:
    """Nobody mends it by sealing once more."""
    broken = sealed(POST).replace(b"Dear all,", b"Dear you,")
    assert state(sealed(broken, "other.example", seal={"cv": "fail"})).result == "fail"
    assert state(sealed(broken.replace(b"; b=", b"; b=%%", 1), "other.example")).result == "fail"
    assert state(sealed(sealed(POST, seal={"cv": "fail"}), "other.example")).result == "fail"


def test_a_message_signature_covers_no_seal() -> None:
    """Not even one that was there before (RFC 8617 section 4.1.2)."""
    assert state(sealed(sealed(POST), message={"h": "from:arc-seal"})).result == "fail"
    assert state(sealed(sealed(POST), message={"h": "from:arc-message-signature"})).result == "pass"


def test_why_it_is_broken_is_said_in_our_own_words() -> None:
    """Nothing of the message is quoted."""
    assert chain_of(sealed(POST, seal={"cv": "fail"})).flaw == "its last sealer found it broken"
    assert chain_of(POST.replace(b"Subject:", b"ARC-Seal: i=7; secret\r\nSubject:")).flaw == "a field is malformed"


def test_sets_are_whole_and_without_a_gap() -> None:
    """Neither from 2 on, nor 1 and 3, nor one number twice."""
    assert state(sealed(POST, number=2)).result == "fail"
    assert state(sealed(sealed(POST), number=3)).result == "fail"
    assert state(sealed(sealed(POST), number=1, seal={"cv": "none"})).result == "fail"
    twice = sealed(POST)
    results = twice[twice.index(b"ARC-Authentication-Results") :].partition(b"\r\n")[0]
    assert state(results + b"\r\n" + twice).result == "fail"


def test_another_s_seal_under_a_trusted_name_fails() -> None:
    """A key decides, not d=."""
    assert state(sealed(POST), keys("relay.example", bits=1024)).result == "fail"


@pytest.mark.parametrize(
    "zone",
    [
        {},
        keys("relay.example", tags="v=DKIM1; k=rsa; t=y; "),
        {"arc._domainkey.relay.example": {"TXT": ["v=DKIM1; p="]}},
    ],
    ids=["none", "test-mode", "revoked"],
)
def test_a_key_that_does_not_count_fails(zone: dict[str, Any]) -> None:
    """None published, one in test mode, one revoked."""
    assert state(sealed(POST), zone).result == "fail"


def test_the_shortest_key_that_counts() -> None:
    """1024 bits (RFC 8301 section 3.2)."""
    assert state(sealed(POST, bits=1024), keys("relay.example", bits=1024)).result == "pass"


@pytest.mark.parametrize("trouble", ["SERVFAIL", "TIMEOUT"])
def test_trouble_with_dns_is_no_pass_and_no_failure(trouble: str) -> None:
    """It is open; unless something else is broken for good."""
    zone = {**ZONE, "arc._domainkey.other.example": {"error": trouble}}
    raw = sealed(sealed(POST), "other.example")
    assert state(raw, zone).result == "temperror"
    assert state(raw.replace(b"d=relay.example", b"d=gone.example"), zone).result == "fail"
    assert state(raw.replace(b"Dear all,", b"Dear you,"), zone).result == "fail"


def test_too_many_sets_are_not_looked_at() -> None:
    """As many as are allowed pass; one more fails without a question."""
    raw = POST
    for _ in range(SETS):
        raw = sealed(raw)
    assert state(raw).result == "pass"
    resolver = StaticResolver(ZONE)
    result = asyncio.run(check_chain(chain_of(sealed(raw)), resolver))
    assert (result.result, resolver.asked) == ("fail", [])


def test_each_key_is_asked_for_once() -> None:
    """However many sets name it."""
    resolver = StaticResolver(ZONE)
    assert asyncio.run(check_chain(chain_of(sealed(sealed(POST))), resolver)).result == "pass"
    assert len(resolver.asked) == 1


def test_dkim_and_arc_read_the_body_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One digest for both."""
    counted: list[bool] = []
    compute = source.body_digest

    def digest(raw: bytes, start: int, *, relaxed: bool) -> bytes:
        counted.append(relaxed)
        return compute(raw, start, relaxed=relaxed)

    monkeypatch.setattr(source, "body_digest", digest)
    assert len(chain_of(sealed(sealed(POST))).sets) == 2
    assert counted == [True]


@pytest.mark.parametrize(
    "header",
    [
        b"ARC-Seal: i=1\r\n" * 900,
        b"ARC-Seal: i=1; b=" + b" " * 200_000 + b"!\r\n",
        b"ARC-Authentication-Results: i=1; " + b"(" * 200_000 + b"\r\n",
        b"ARC-Message-Signature: i=1; h=" + b"from:" * 40_000 + b"to\r\n",
        b"ARC-Message-Signature: i" + b" " * 8000 + b"=1; b=aaaa" + b"; b =" * 1000 + b"\r\n",
        b"ARC-Authentication-Results:" + b" " * 16_000 + b"i\r\n",
        b"X: " + b" \r\n" * 80_000 + b"ARC-Seal: i=1\r\n",
        b"\xff" * 100_000 + b":\r\nARC-Seal: i=1\r\n",
    ],
    ids=["many", "blanks", "brackets", "names", "tags", "number", "folds", "octets"],
)
def test_no_header_takes_long(header: bytes) -> None:
    """Headers built to be dear are read within a moment, and are no chain."""
    began = time.process_time()
    chain = chain_of(header + sealed(POST))
    assert time.process_time() - began < allowed(2)
    assert chain.flaw


def test_many_large_sets_take_time_in_proportion() -> None:
    """Twenty sets, each with as many results as are read."""
    raw = POST
    for _ in range(SETS):
        raw = sealed(raw, results=said() + "; x=y " + "a.b=c " * 600)
    assert RESULTS_OCTETS > 600 * 6
    began = time.process_time()
    assert len(chain_of(raw).sets) == SETS
    assert time.process_time() - began < allowed(2)


_PIECES = [
    b"i=1",
    b"i=2",
    b"; ",
    b"=",
    b" ",
    b"\r\n ",
    b"cv=none",
    b"a=rsa-sha256",
    b"b=AAAA",
    b"h=from",
    b"d=a.b",
    b"\xff",
    b"s=s",
    b"bh=AA==",
    b";",
]
_VALUES = st.lists(st.sampled_from(_PIECES), max_size=14).map(b"".join)
_NAMES = st.sampled_from([b"ARC-Seal: ", b"ARC-Message-Signature: ", b"ARC-Authentication-Results: "])


@given(st.lists(st.tuples(_NAMES, _VALUES), min_size=1, max_size=8))
def test_whatever_stands_there_there_is_an_answer(fields: list[tuple[bytes, bytes]]) -> None:
    """Never an exception, and never a pass."""
    raw = b"".join(name + value + b"\r\n" for name, value in fields) + POST
    assert state(raw).result == "fail"
