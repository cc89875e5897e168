"""Authentication-Results: strict where it is trusted, lenient where it may be forged, safe where it is ours."""

import json
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_world import message
from messages import build
from vector_files import vectors

from listward.filters.identity.authres import emit, forged_trace_field, names_us, peer_results
from listward.filters.identity.authres_syntax import parse
from listward.filters.identity.origin import Authentication, AuthResult

OURS = "mx.example.com"


def test_results_are_read() -> None:
    """Method, result and properties are found among comments, folds and versions."""
    value = (
        b' foo.example (c) 1 (d);\r\n dkim (x) / 1 (y) = (z) fail\r\n reason="bad; hash" policy . expired = 12;spf=PASS'
    )
    found = parse(value)
    assert found is not None
    assert (found.authserv_id, found.version) == ("foo.example", 1)
    dkim, spf = found.results
    assert (dkim.method, dkim.result, dkim.property("policy.expired"), dkim.property("reason")) == (
        "dkim",
        "fail",
        "12",
        "bad; hash",
    )
    assert (spf.method, spf.result) == ("spf", "pass")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b";",
        b"a b c; spf=pass",
        b"example.com 2; spf=pass",
        b"example.com; spf",
        b"example.com; =pass",
        b"example.com; spf=pass (open",
        b'example.com; spf=pass reason="open',
        b"example.com; spf=pass\x00",
        b"example.com; spf=pass)",
        b"example.com; " + b"spf=pass; " * 5000,
    ],
)
def test_what_is_malformed_is_not_read(value: bytes) -> None:
    """A field that could be read in two ways has no results at all."""
    assert parse(value) is None


def test_a_quoted_local_part_cannot_smuggle_a_result() -> None:
    """What stands in a quoted string or a comment is no result."""
    for value in (
        b'example.com; spf=pass smtp.mailfrom="a;dmarc=pass"@example.net',
        b"example.com; spf=pass (a (b) ; dmarc=pass) smtp.mailfrom=x",
    ):
        found = parse(value)
        assert found is not None
        assert [item.method for item in found.results] == ["spf"]


@pytest.mark.parametrize(
    "value",
    [
        "mx.example.com; dmarc=pass",
        "MX.Example.COM;dmarc=pass",
        "(c) mx.example.com (d) 1; none",
        "\r\n\tmx.example.com;\r\n\tspf=pass",
        '"mx.example.com"; spf=pass',
        '"mx\\.example.com"; spf=pass',
        "mx.example.com.; spf=pass",
        "mx.example.com",
        "mx.example.com/1; spf=pass",
        "mx.example.com 99; spf=pass",
        "=?utf-8?q?mx=2Eexample=2Ecom?=; spf=pass",
        "(open mx.example.com; spf=pass",
        "mx.example.com\x00; spf=pass",
        "\uff4dx.example.com; spf=pass",
        "mx.exa\u00admple.com; spf=pass",
        "mx.example.com = x; spf=pass",
    ],
)
def test_every_spelling_of_our_name_is_ours(value: str) -> None:
    """Comments, quotes, folds, case, versions, encoded words and broken syntax do not hide our name."""
    assert names_us(value.encode(), OURS)


@pytest.mark.parametrize(
    "value", ["other.example; spf=pass", "mx.example.com.evil.example; x=y", "evil.mx.example.com; spf=pass", "", ";"]
)
def test_other_names_are_not_ours(value: str) -> None:
    """A longer name, before or behind, is another's."""
    assert not names_us(value.encode(), OURS)


@given(st.binary(max_size=200))
def test_any_octets_have_an_answer(value: bytes) -> None:
    """No value makes the readers raise, and our name in front is always seen."""
    parse(value)
    names_us(value, OURS)
    assert names_us(b"mx.example.com; " + value, OURS)


def test_received_spf_in_our_name_goes_too() -> None:
    """Received-SPF names its writer at the end; other fields are left alone."""
    assert forged_trace_field("Received-SPF", b" pass (x) receiver=mx.example.com", OURS)
    assert not forged_trace_field("Received-SPF", b" pass (x) receiver=other.example", OURS)
    for spelled in ("\uff4dx.example.com", "mx。example.com", "mx.exam\u00adple.com", "=?utf-8?q?mx=2Eexample=2Ecom?="):
        assert forged_trace_field("Received-SPF", f" pass receiver={spelled}; x=y".encode(), OURS)
    assert not forged_trace_field("Received-SPF", " pass (ü) receiver=bücher.example".encode(), OURS)
    assert forged_trace_field("Received-SPF", " ü".encode() * 30, OURS)
    assert forged_trace_field("Authentication-Results ", b" mx.example.com; spf=pass", OURS)
    assert not forged_trace_field("X-Authentication-Results", b" mx.example.com; spf=pass", OURS)
    assert not forged_trace_field("ARC-Authentication-Results", b" i=1; mx.example.com; spf=pass", OURS)


def _peer(*fields: tuple[str, str]) -> tuple[AuthResult, ...]:
    return peer_results(message(build(headers=fields)), ["peer.example"])


def test_a_peer_s_results_are_read() -> None:
    """SPF and DKIM of a configured peer count, with their domains."""
    value = "peer.example; spf=pass smtp.mailfrom=ana@party.example; dkim=pass header.i=@mail.example header.s=s1; x=y"
    found = _peer(("Received", "from x by peer.example"), ("Authentication-Results", value))
    assert [(item.method, item.result, item.identity, item.selector) for item in found] == [
        ("spf", "pass", "party.example", ""),
        ("dkim", "pass", "mail.example", "s1"),
    ]


@pytest.mark.parametrize(
    ("said", "identity", "where"),
    [
        ("smtp.mailfrom=ana@party.example smtp.helo=mx.example", "party.example", "smtp.mailfrom"),
        ("smtp.mail=party.example", "party.example", "smtp.mailfrom"),
        ("smtp.helo=mx.example", "mx.example", "smtp.helo"),
    ],
)
def test_helo_is_not_taken_for_the_envelope_sender(said: str, identity: str, where: str) -> None:
    """A peer's SPF result is of what it names (RFC 8601 section 2.7.2)."""
    [found] = _peer(("Authentication-Results", f"peer.example; spf=pass {said}"))
    assert (found.identity, found.property) == (identity, where)


def test_what_others_wrote_is_not_a_peer_s() -> None:
    """Other ids, and fields from before the message came to the peer, do not count."""
    value = "peer.example; spf=pass smtp.mailfrom=party.example"
    assert _peer(("Authentication-Results", value.replace("peer", "pear"))) == ()
    assert _peer(("Received", "one"), ("Received", "two"), ("Authentication-Results", value)) == ()
    assert peer_results(message(build(headers=[("Authentication-Results", value)])), []) == ()


def test_our_own_field_is_readable() -> None:
    """What we write reads back the same."""
    results = (
        AuthResult("spf", "pass", "party.example", "", "smtp.mailfrom"),
        AuthResult("dkim", "fail", "mail.example", "the body was changed", "header.d", "sel1"),
        AuthResult("dmarc", "pass", "party.example", "p=reject", "header.from"),
    )
    found = parse(emit(Authentication("a@party.example", results, aligned=True), OURS).encode())
    assert found is not None
    assert [(item.method, item.result) for item in found.results] == [
        ("spf", "pass"),
        ("dkim", "fail"),
        ("dmarc", "pass"),
    ]
    assert found.results[1].property("header.d") == "mail.example"
    assert emit(Authentication("", (), aligned=False), OURS) == "mx.example.com; none"


@pytest.mark.parametrize("policy", ["none", "quarantine", "reject"])
def test_the_policy_stands_in_a_comment(policy: str) -> None:
    """DMARC's result names the policy and the author's domain; nothing but a policy is ever written as a comment."""
    result = AuthResult("dmarc", "pass", "party.example", f"p={policy}", "header.from")
    written = emit(Authentication("a@party.example", (result,), aligned=True), OURS)
    assert written == f"mx.example.com; dmarc=pass (p={policy}) header.from=party.example"
    for detail in (f"p={policy})", f"p={policy}\n", f"(p={policy}", "p=pass"):
        other = AuthResult("dmarc", "fail", "party.example", detail, "header.from")
        assert "(" not in emit(Authentication("", (other,), aligned=False), OURS)


@given(
    st.lists(
        st.builds(
            AuthResult,
            st.text(max_size=9),
            st.text(max_size=9),
            st.text(max_size=30),
            st.text(max_size=30),
            st.text(max_size=12),
            st.text(max_size=12),
        ),
        max_size=4,
    )
)
def test_nothing_unsafe_is_written(results: list[AuthResult]) -> None:
    """Whatever the results hold, the value is printable ASCII on one line and stays one field."""
    value = emit(Authentication("", tuple(results), aligned=False), OURS)
    assert value.isascii()
    assert value.isprintable()
    assert list(message_from_bytes(f"A: {value}\r\n\r\nx".encode()).keys()) == ["A"]
    assert "(" not in value


def _part(name: str) -> Callable[[Path], list[tuple[str, Any]]]:
    def read(path: Path) -> list[tuple[str, Any]]:
        return [(str(at), case) for at, case in enumerate(json.loads(path.read_text(encoding="utf-8"))[name], 1)]

    return read


@vectors("authres/parse.json", _part("cases"), also="reading")
def test_parse_vectors(vector: dict[str, Any]) -> None:
    """Each value is read as expected, or not at all where it may be ignored."""
    found = parse(vector["value"].encode())
    methods = {item.method for item in found.results} if found else set()
    assert not methods & set(vector.get("must_not", ()))
    if "results" in vector:
        assert found is not None
        assert _agrees(found.results, vector["results"])
    if "authserv_id" in vector and found is not None:
        assert found.authserv_id == vector["authserv_id"]


def _agrees(found: tuple, expected: list) -> bool:
    if [[item.method, item.result] for item in found] != [case[:2] for case in expected]:
        return False
    return all(
        item.property(name) == value
        for item, case in zip(found, expected, strict=True)
        for name, value in case[2].items()
    )


@vectors("authres/parse.json", _part("strip"), also="forged fields")
def test_strip_vectors(vector: dict[str, Any]) -> None:
    """A field that claims our id is recognised, and no other is."""
    name, _, value = vector["field"].partition(":")
    assert forged_trace_field(name, value.encode(), OURS) is vector["remove"]
