"""Authentication-Results: whose they are, and ours."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listward.filters.identity.origin import Authentication, AuthResult
from listward.gateway.trace.results import claims, results_field, without_forged

OURS = "mx.party.example"


@pytest.mark.parametrize(
    "value",
    [
        "mx.party.example; spf=pass",
        "MX.Party.Example;spf=pass",
        "mx.party.example",
        "mx.party.example 1; none",
        "(comment) mx.party.example (x) 1; none",
        "(nested (deep \\) ) x) mx.party.example; none",
        '"mx.party.example"; spf=pass',
        '"mx.p\\arty.example"; spf=pass',
        "mx.party.example.; spf=pass",
        "(never closed mx.party.example; spf=pass",
        '"never closed mx.party.example; spf=pass',
        "\tmx.party.example\t; spf=pass",
    ],
)
def test_every_spelling_of_our_id_is_ours(value: str) -> None:
    """Case, comments, quotes and folds do not hide it; in doubt it is ours."""
    assert claims(value, OURS)


@pytest.mark.parametrize(
    "value",
    [
        "mx.party.example.evil.example; spf=pass",
        "evil.mx.party.example; spf=pass",
        "other.example; x=mx.party.example",
        "(mx.party.example) other.example; none",
        "",
        ";",
        "(only a comment)",
    ],
)
def test_other_ids_are_left(value: str) -> None:
    """A field of another server is evidence for those who trust that server."""
    assert not claims(value, OURS)


@settings(max_examples=200, deadline=None)
@given(value=st.text(alphabet='()"\\; \tmx.party1é', max_size=40))
def test_no_value_raises(value: str) -> None:
    """Whatever a stranger wrote, there is an answer."""
    assert claims(value, OURS) in {True, False}


def test_only_whole_fields_of_ours_go() -> None:
    """The neighbours stay octet by octet."""
    header = (
        b"X-A: 1\r\nAuthentication-Results:\r\n mx.party.example;\r\n\tspf=pass\r\n"
        b"X-Authentication-Results: mx.party.example; spf=pass\r\nAuthentication-Results: b.example; none\r\n"
    )
    assert without_forged(header, OURS) == (
        b"X-A: 1\r\nX-Authentication-Results: mx.party.example; spf=pass\r\nAuthentication-Results: b.example; none\r\n"
    )


def test_our_field_says_what_was_found_and_nothing_else() -> None:
    """Tokens only: what DNS or a message said cannot add a result."""
    results = (
        AuthResult("spf", "pass", "home.example", property="smtp.helo"),
        AuthResult("dkim", "fail", 'a.example; dmarc=pass "'),
        AuthResult("dmarc", "pass\r\nX: y", "b.example"),
    )
    field = results_field(OURS, Authentication("", results, False))
    assert field == b"Authentication-Results: mx.party.example; spf=pass smtp.helo=home.example;\r\n dkim=fail\r\n"
    assert results_field(OURS, Authentication("", (), False)) == b"Authentication-Results: mx.party.example; none\r\n"


@pytest.mark.shared
def test_the_published_vectors(shared: Path) -> None:
    """Fields that must go go, all others stay."""
    vectors = json.loads((shared / "conformance/authres/parse.json").read_text())
    for case in vectors["strip"]:
        header = case["field"].encode() + b"\r\n"
        left = without_forged(header, vectors["our_authserv_id"])
        assert left == (b"" if case["remove"] else header), case
