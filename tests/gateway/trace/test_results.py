"""Authentication-Results: forged ones of ours go, whatever they cost to read; ours is safe."""

import json
import time
from pathlib import Path

import pytest
from pace import allowed

from listward.filters.identity.origin import Authentication, AuthResult
from listward.gateway.trace.results import results_field, without_forged
from listward.gateway.trace.stamp import clean
from listward.wire.payload import Payload

OURS = "mx.party.example"
NAME = b"Authentication-Results: "
TEN_MB = 10_000_000


@pytest.mark.parametrize(
    "value",
    [
        "mx.party.example; spf=pass",
        "(nested (deep \\) ) x) mx.party.example; none",
        '"mx.p\\arty.example"; spf=pass',
        "(never closed mx.party.example; spf=pass",
        "\tmx.party.example\t; spf=pass",
        "(" + "x" * 2000 + ") mx.party.example; spf=pass",
        " " * 2000 + "mx.party.example; spf=pass",
    ],
)
def test_every_spelling_of_our_id_is_ours(value: str) -> None:
    """Case, comments, quotes, folds and length do not hide it; in doubt it is ours."""
    assert without_forged(NAME + value.encode() + b"\r\n", OURS) == b""


@pytest.mark.parametrize(
    "value", ["evil.mx.party.example; spf=pass", "(mx.party.example) other.example; none", "b.example; " + "x" * 5000]
)
def test_other_ids_are_left(value: str) -> None:
    """A field of another server is evidence for those who trust that server, however long it is."""
    header = NAME + value.encode() + b"\r\n"
    assert without_forged(header, OURS) == header


@pytest.mark.parametrize("colon", [" :", "\t :", "\x0b:", "\x0c :", "\xa0:", "\r\n :", " \r\n\t\r\n \x0b:"])
def test_a_hidden_colon_hides_nothing(colon: str) -> None:
    """What some reader lets stand before the colon does not keep a forged field, and takes nobody else's away."""
    forged = f"authentication-results{colon} mx.party.example; dmarc=pass\r\n x\r\n".encode("latin-1")
    other = f"Authentication-Results{colon} b.example; none\r\n".encode("latin-1")
    assert without_forged(b"A: 1\r\n" + forged + other + b"B: 2\r\n", OURS) == b"A: 1\r\n" + other + b"B: 2\r\n"
    many = b"A: 1\r\n" + other * 51 + b"B: 2\r\n"
    assert without_forged(many, OURS) == b"A: 1\r\nB: 2\r\n"


def test_only_whole_fields_of_ours_go() -> None:
    """The neighbours stay octet by octet."""
    header = (
        b"X-A: 1\r\nAuthentication-Results:\r\n mx.party.example;\r\n\tspf=pass\r\n"
        b"X-Authentication-Results: mx.party.example; spf=pass\r\nAuthentication-Results: b.example; none\r\n"
        b"Received-SPF: pass receiver=mx.party.example\r\nreceived-spf: pass receiver=b.example\r\n"
    )
    assert without_forged(header, OURS) == (
        b"X-A: 1\r\nX-Authentication-Results: mx.party.example; spf=pass\r\n"
        b"Authentication-Results: b.example; none\r\nreceived-spf: pass receiver=b.example\r\n"
    )


def test_too_many_or_too_large_go_unread() -> None:
    """Fifty fields are read; with one more, or in a huge header, all of them go and nothing else does."""
    others = b"A: 1\r\n" + (NAME + b"b.example; none\r\n") * 50
    assert without_forged(others, OURS) == others
    assert without_forged(others + b"authentication-results : b.example\r\n", OURS) == b"A: 1\r\n"
    large = b"A: " + b"x" * 262_144 + b"\r\n"
    assert without_forged(large + others, OURS) == large + b"A: 1\r\n"


@pytest.mark.parametrize(
    "header",
    [
        NAME + b"x " * (TEN_MB // 2) + b"\r\n",
        NAME + b"(" * TEN_MB + b"\r\n",
        NAME + b'"' + b"\\x" * (TEN_MB // 2) + b"\r\n",
        NAME + b"x\r\n" + b" x\r\n" * (TEN_MB // 4),
        NAME.replace(b" ", b"x\r\n") * 350_000,
        b"Received-SPF: " + b"x " * (TEN_MB // 2) + b"\r\n",
        NAME[:-2] + b" \r\n\t" * (TEN_MB // 4) + b"x\r\n",
        b"X-Listward-Id: " + b"x " * (TEN_MB // 2) + b"\r\n",
        b"From:\r\n" * 1_000_000,
        b"Received:\r\n" * 700_000,
        (NAME + b"(" * 4900 + b"\r\n") * 50,
    ],
    ids=["tokens", "comments", "quotes", "folds", "fields", "spf", "colons", "marks", "froms", "hops", "fifty"],
)
def test_no_header_holds_the_loop(header: bytes) -> None:
    """Ten megabytes of a field, or hundreds of thousands of fields, take milliseconds and not seconds."""
    start = time.process_time()
    cleaned = clean(Payload(header + b"\r\nbody\r\n"), OURS, OURS)
    assert time.process_time() - start < allowed(0.4)
    assert NAME not in cleaned.header


def test_our_field_says_what_was_found_and_nothing_else() -> None:
    """What DNS or a message said cannot add a result."""
    results = (
        AuthResult("spf", "pass", "home.example", property="smtp.helo"),
        AuthResult("dkim", "fail", 'a.example; dmarc=pass "', "", "header.d"),
        AuthResult("dmarc", "pass\r\nX: y", "b.example", "", "header.from"),
    )
    field = results_field(OURS, Authentication("", results, False)).replace(b"\r\n ", b" ")
    assert field == (
        b"Authentication-Results: mx.party.example; spf=pass smtp.helo=home.example;"
        b' dkim=fail header.d="a.example? dmarc=pass ?"; dmarc=passXy header.from=b.example\r\n'
    )
    assert results_field(OURS, Authentication("", (), False)) == b"Authentication-Results: mx.party.example; none\r\n"


@pytest.mark.shared
def test_the_published_vectors(shared: Path) -> None:
    """Fields that must go go, all others stay."""
    vectors = json.loads((shared / "conformance/authres/parse.json").read_text())
    for case in vectors["strip"]:
        header = case["field"].encode() + b"\r\n"
        left = without_forged(header, vectors["our_authserv_id"])
        assert left == (b"" if case["remove"] else header), case
