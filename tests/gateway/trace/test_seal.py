"""Our own ARC set: dkimpy verifies it, it says what our ingress found, and a chain is never extended wrongly."""

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plain_yaml
import pytest
from arc_world import SELECTOR, by_dkimpy, keys, said, sealed
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st
from identity_world import rsa_key
from messages import build
from vector_files import vectors

from listward.filters.identity.arc_evidence import SETS, read_chain
from listward.filters.identity.canonical import relaxed_digest
from listward.filters.identity.source import Source
from listward.gateway.trace.seal import SAME_S, Sealer, Unsealed

ID = "mx.party.example"
FOUND = f"{ID}; spf=pass smtp.mailfrom=mail.example; dmarc=pass header.from=mail.example"
POST = build(from_="Ben <ben@mail.example>", headers=[("X-Listward-Id", "x")])
ZONE = keys("party.example", "relay.example")
AT = 1_700_000_000.0


def sealer(key: rsa.RSAPrivateKey | None = None, domain: str = "party.example", selector: str = SELECTOR) -> Sealer:
    """One with a test key."""
    return Sealer(domain, selector, ID, key or rsa_key(2048))


def ours(raw: bytes, results: str = FOUND, by: Sealer | None = None) -> bytes:
    """The message with our set in front."""
    header, _, body = raw.partition(b"\r\n\r\n")
    return (by or sealer()).seal(header + b"\r\n", relaxed_digest([body]), results, AT) + raw


def arc(state: str, count: int = 1) -> str:
    """Results that speak of a chain, as our ingress writes them."""
    reason = f' reason="i={count}"' if state == "pass" else ""
    return f"{FOUND}; arc={state}{reason} header.oldest-pass=0"


def test_the_first_set() -> None:
    """dkimpy verifies it, and it carries what our ingress found."""
    raw = ours(POST)
    assert by_dkimpy(raw, ZONE)[0] == "pass"
    fields = re.sub(rb"\r\n ", b" ", raw.partition(b"\r\nFrom:")[0]).decode()
    assert f"ARC-Authentication-Results: i=1; {FOUND}" in fields
    assert "cv=none" in fields
    assert f"t={int(AT)}" in fields
    assert raw.endswith(POST)
    assert all(len(line) <= 200 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_without_results_it_says_none() -> None:
    """Mail that the list server itself wrote."""
    raw = ours(POST, "")
    assert by_dkimpy(raw, ZONE)[0] == "pass"
    assert f"ARC-Authentication-Results: i=1; {ID}; none\r\n".encode() in raw


def test_a_chain_that_passed_on_ingress_is_extended() -> None:
    """cv=pass, though the list server has broken the last message signature meanwhile."""
    changed = sealed(sealed(POST)).replace(b"Subject: ", b"Subject: [Board] ") + b"-- \r\nfooter\r\n"
    raw = ours(changed, arc("pass", 2))
    state, reason = by_dkimpy(raw, ZONE)
    assert (state, reason) == ("pass", "success")
    assert b"i=3; a=rsa-sha256" in raw
    chain = read_chain(Source.of(raw), time.time())
    assert [each.seal.domain for each in chain.sets] == ["relay.example", "relay.example", "party.example"]


def test_a_chain_that_failed_on_ingress_is_ended() -> None:
    """cv=fail, and only our own set is under the seal (RFC 8617 section 5.1.2)."""
    raw = ours(sealed(POST).replace(b"Dear all,", b"Dear you,"), arc("fail"))
    assert b"cv=fail" in raw
    assert read_chain(Source.of(raw), time.time()).flaw
    fields = re.sub(rb"\r\n(?=[ \t])", b"", raw).split(b"\r\n")[:3]
    seal, signature, told = (name.lower() + b":" + b" ".join(value.split()) for name, _, value in map(_halves, fields))
    unsigned, _, value = seal.rpartition(b"; b=")
    octets = b"\r\n".join([told, signature, unsigned + b"; b="])
    public = rsa_key(2048).public_key()
    public.verify(base64.b64decode(value.replace(b" ", b"")), octets, padding.PKCS1v15(), hashes.SHA256())


def _halves(line: bytes) -> tuple[bytes, bytes, bytes]:
    return line.partition(b":")


@pytest.mark.parametrize(
    ("raw", "results", "reason"),
    [
        (sealed(POST), FOUND, "unknown"),
        (sealed(POST), "", "unknown"),
        (sealed(POST), "no results at all", "unknown"),
        (sealed(POST), arc("temperror"), "unknown"),
        (sealed(POST), arc("none"), "unknown"),
        (sealed(POST), f"{arc('pass')}; arc=pass", "unknown"),
        (sealed(POST), arc("pass", 2), "changed"),
        (sealed(POST), FOUND + "; arc=pass", "changed"),
        (sealed(POST, seal={"cv": "fail"}), arc("fail"), "ended"),
        (sealed(POST, seal={"cv": "fail"}), arc("pass"), "ended"),
        (sealed(POST, number=2), arc("pass"), "broken"),
        (b"ARC-Seal: i=1\r\n" + POST, arc("fail"), "broken"),
        (b" folded\r\n" + POST, FOUND, "header"),
        (b"List-Id: <a.b>\r\n" * 200 + POST, FOUND, "header"),
    ],
)
def test_what_is_not_sealed(raw: bytes, results: str, reason: str) -> None:
    """Nothing is said of a chain whose state we do not know, and none is extended that has ended."""
    with pytest.raises(Unsealed, match=reason):
        ours(raw, results)


def test_a_chain_as_long_as_is_looked_at_is_not_extended() -> None:
    """Nobody would look at it."""
    raw = POST
    for _ in range(SETS):
        raw = sealed(raw)
    with pytest.raises(Unsealed, match="ended"):
        ours(raw, arc("pass", SETS))


@pytest.mark.parametrize(
    "extra",
    [
        b"From: eva@mail.example\r\n",
        b"Reply-To: eva@mail.example\r\n",
        b"Subject: other\r\n",
        b"X-Listward-Id: 0\r\n",
        b"Content-Type: text/html\r\n",
    ],
)
def test_nothing_that_shows_can_be_added(extra: bytes) -> None:
    """Nor the mark that stops loops taken away."""
    raw = ours(POST)
    assert by_dkimpy(extra + raw, ZONE)[0] == "fail"
    assert by_dkimpy(raw.replace(b"X-Listward-Id: x\r\n", b""), ZONE)[0] == "fail"


@pytest.mark.parametrize(
    "extra", [b"DKIM-Signature: v=1; b=x\r\n", b"Received: by a.example\r\n", b"Return-Path: <>\r\n"]
)
def test_what_a_mail_server_adds_on_the_way_does_not_break_it(extra: bytes) -> None:
    """A DKIM signature and trace fields in front."""
    signed = b"DKIM-Signature: v=1; b=y\r\n" + POST
    assert by_dkimpy(extra + ours(signed), ZONE)[0] == "pass"


_LINES = [
    b"To: a@b.example",
    b"Subject:  x\r\n\ty ",
    b"X-Odd:\tz",
    b"List-Id: <a.b>",
    b"from: c@d.example",
    b"DKIM-Signature: b=x;\r\n a",
]
_BODY = st.lists(st.sampled_from([b"a", b" ", b"\t", b"b c", b"\r\n", b"=", b"."]), max_size=25).map(b"".join)


@given(st.lists(st.sampled_from(_LINES), max_size=7), _BODY, st.booleans())
def test_dkimpy_verifies_whatever_we_seal(fields: list[bytes], body: bytes, twice: bool) -> None:
    """Any fields, any body, first set or second."""
    raw = b"\r\n".join([b"From: Ben <ben@mail.example>", *fields, b"", body])
    raw = ours(sealed(raw, results=said()), arc("pass")) if twice else ours(raw)
    assert by_dkimpy(raw, ZONE)[0] == "pass"


def test_the_same_message_gets_the_same_set_for_a_while() -> None:
    """One signature for all subscribers' copies; anything else that is signed, or later, has its own."""
    by, (header, _, body) = sealer(), POST.partition(b"\r\n\r\n")
    digest, header = relaxed_digest([body]), header + b"\r\n"
    first = by.seal(header, digest, FOUND, AT)
    assert by.seal(b"Received: by a.example\r\n" + header, digest, FOUND, AT + SAME_S - 1) == first
    others = (
        (header.replace(b"Minutes", b"Money"), digest, FOUND, AT),
        (header, relaxed_digest([body, b"x\r\n"]), FOUND, AT),
        (header, digest, "", AT),
        (header, digest, FOUND, AT + SAME_S),
        (header, digest, FOUND, AT - 1),
    )
    assert all(by.seal(*other) != first for other in others)
    for number in range(100):
        by.seal(header + b"Subject: %d\r\n" % number, digest, FOUND, AT)
    assert len(by._made) <= 32


def _expected(case: dict[str, Any]) -> dict[str, str]:
    return {name: " ".join(str(case[name] or "").split()) for name in ("AS", "AMS", "AAR")}


def _merged(message: str, server: str) -> str:
    """The results of one server, which our ingress writes into one field."""
    unfolded = re.sub(r"\n[ \t]+", " ", message.partition("\n\n")[0])
    found = re.findall(rf"(?m)^Authentication-Results: {re.escape(server)};(.*)$", unfolded)
    return "; ".join([server, *(part.strip().rstrip(";") for part in found)])


def _signings(path: Path) -> Iterator[tuple[str, tuple[dict[str, Any], dict[str, Any]]]]:
    for suite in plain_yaml.load_all(path.read_text()):
        for name, case in suite["tests"].items():
            yield name, (suite, case)


@vectors("arc/arc-draft-sign-tests.yml", _signings)
def test_the_signing_suite(vector: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Our set has the number, cv=, results and body digest that the suite expects."""
    suite, case = vector
    key = load_pem_private_key(suite["privatekey"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    zone = {name: {"TXT": [re.sub(r"\s*\n\s*", "", text).strip()]} for name, text in suite["txt-records"].items()}
    assert _as_expected(case, sealer(key, suite["domain"], suite["sel"]), zone)


def _as_expected(case: dict[str, Any], by: Sealer, zone: dict[str, Any]) -> bool:
    message, expected = case["message"], _expected(case)
    present = len(re.findall(r"(?m)^ARC-Seal:", message))
    results = _merged(message, case["srv-id"])
    counted = results.replace("arc=pass", f'arc=pass reason="i={present}"')
    raw = message.encode().replace(b"\n", b"\r\n")
    try:
        made = ours(raw, counted, by)
    except Unsealed:
        return expected["AS"] == ""
    fields = {line.partition(b":")[0]: line.decode() for line in re.sub(rb"\r\n ", b" ", made).split(b"\r\n")[:3]}
    seal, signature = fields[b"ARC-Seal"], fields[b"ARC-Message-Signature"]
    told = " ".join(fields[b"ARC-Authentication-Results"].partition(":")[2].split()).replace(counted, results)
    same = [_tag(seal, name) == _tag(expected["AS"], name) for name in ("i", "cv", "d", "s", "a")]
    same += [_tag(signature, name) == _tag(expected["AMS"], name) for name in ("i", "bh", "c", "d", "s", "a")]
    state = by_dkimpy(made, zone)[0]
    return all(same) and told == expected["AAR"] and state == ("fail" if "cv=fail" in seal else "pass")


def _tag(text: str, name: str) -> str:
    found = re.search(rf"(?:^|[;:\s]){name}=([^;]*)", text)
    return "".join(found[1].split()) if found else ""
