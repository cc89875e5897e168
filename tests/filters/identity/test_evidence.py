"""Evidence and key together say what dkimpy says of the whole message."""

import asyncio
import base64
import hashlib
import time

import dkim
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_world import claims, rsa_key, rsa_record, signed
from messages import build
from pace import allowed
from static_dns import StaticResolver

from listward.filters.identity import source
from listward.filters.identity.dkim import check_signatures
from listward.filters.identity.evidence import read_signatures

ZONE = {"sel._domainkey.mail.example": {"TXT": [rsa_record()]}}
FIELDS = st.lists(
    st.sampled_from(
        [b"To: a@b.example", b"Subject:  x\r\n\ty ", b"X-Odd:\tz", b"To: c@d.example", b"CC: \r\n e@f.example"]
    ),
    max_size=5,
)
_MARKS = [
    b" b",
    b"b",
    b"=",
    b";",
    b" ",
    b"\t",
    b"\r\n ",
    b"\r\n\t",
    b"Ab+/",
    b"c=d",
    b"\r",
    b"\x0b",
    b"\x0c",
    b"bh=",
    b"!",
]
MARKS = st.lists(st.sampled_from(_MARKS), max_size=20).map(b"".join)
BODY = st.lists(st.sampled_from([b"a", b" ", b"\t", b"b c", b"\r\n", b"=", b"."]), max_size=25).map(b"".join)


def _simply_signed(raw: bytes) -> bytes:
    """Sign From and the body as they stand (RFC 6376 sections 3.4.1 and 3.4.3)."""
    header, _, body = raw.partition(b"\r\n\r\n")
    while body.endswith(b"\r\n"):
        body = body[:-2]
    mark = b"DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=mail.example; s=sel; h=From; bh="
    mark += base64.b64encode(hashlib.sha256(body + b"\r\n").digest()) + b"; b="
    octets = header.partition(b"\r\n")[0] + b"\r\n" + mark
    return mark + base64.b64encode(rsa_key(2048).sign(octets, padding.PKCS1v15(), hashes.SHA256())) + b"\r\n" + raw


def _ours(raw: bytes) -> bool:
    found = asyncio.run(check_signatures(claims(raw).signatures, StaticResolver(ZONE)))
    return [result.result for result in found] == ["pass"]


def _theirs(raw: bytes) -> bool:
    try:
        return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: rsa_record().encode()))
    except dkim.DKIMException:
        return False


@settings(max_examples=150, deadline=None)
@given(FIELDS, BODY, st.booleans(), st.integers(0, 900), st.booleans())
def test_we_say_what_dkimpy_says(fields: list[bytes], body: bytes, simple: bool, at: int, changed: bool) -> None:
    """Whatever is signed, by either canonicalisation, whole or with an octet changed."""
    raw = b"\r\n".join([b"From: Ben <ben@mail.example>", *fields, b"", body])
    whole = _simply_signed(raw) if simple else signed(raw, fields="from:to:subject:x-odd:cc")
    if changed:
        at %= len(whole)
        whole = whole[:at] + b"x" + whole[at + 1 :]
    assert _ours(whole) == _theirs(whole)
    assert changed or _ours(whole)


def test_each_kind_of_body_digest_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five signatures over one body cost one reading of it."""
    counted: list[bool] = []
    compute = source.body_digest

    def digest(raw: bytes, start: int, *, relaxed: bool) -> bytes:
        counted.append(relaxed)
        return compute(raw, start, relaxed=relaxed)

    monkeypatch.setattr(source, "body_digest", digest)
    raw = build(from_="Ben <ben@mail.example>")
    for _ in range(5):
        raw = signed(raw)
    assert len(claims(raw).signatures) == 5
    assert counted == [True]


@pytest.mark.parametrize(
    "header",
    [
        b"X: " + b" \r\n" * 80_000,
        b"From: a@b.example\r\n" * 900,
        b"A: b\r\n" * 40_000,
        b"X: y\r\n " + b"z" * 300_000,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=y; h="
        + b"from:" * 195
        + b"to; bh=aa==; b="
        + b" " * 7000
        + b"!",
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=y; h=from; bh=aa==; b=aaaa" + b"; b =" * 1000,
    ],
    ids=["folds", "many-from", "many-fields", "long", "blanks", "tags"],
)
def test_no_header_takes_long(header: bytes) -> None:
    """Headers built to be dear are read within a moment, five signatures and all."""
    mark = signed(build(from_="Ben <ben@mail.example>")).partition(b"\r\n")[0] + b"\r\n"
    raw = mark * 4 + header + b"\r\n" + build(from_="Ben <ben@mail.example>")
    began = time.monotonic()
    end = raw.find(b"\r\n\r\n")
    read_signatures(raw[:end], raw, end + 4, 0.0)
    assert time.monotonic() - began < allowed(2)


@settings(max_examples=500, deadline=None)
@given(MARKS, st.lists(st.tuples(st.sampled_from([b"To", b"to", b"X-Odd"]), MARKS), max_size=5), st.booleans())
def test_the_header_digest_is_that_of_dkimpy(own: bytes, others: list[tuple[bytes, bytes]], relaxed: bool) -> None:
    """Wherever b= stands in the field and whatever blanks the fields hold."""
    name = b"relaxed" if relaxed else b"simple"
    policy = dkim.canonicalization.CanonicalizationPolicy.from_c_value(name)
    written, header = (b"DKIM-Signature", own + b"\r\n"), [(field, value + b"\r\n") for field, value in others]
    names, theirs = [b"to", b"x-odd", b"to", b"none"], hashlib.sha256()
    dkim.hash_headers(theirs, policy, policy.canonicalize_headers(header), names, written, {})
    chosen = source.chosen(header, names)
    assert source.header_digest(chosen, written, relaxed=relaxed) == theirs.digest()


def test_the_value_is_that_of_b() -> None:
    """The octets that the key confirms are those of b=, and the fields' digest has the length of SHA-256."""
    raw = signed(build(from_="Ben <ben@mail.example>"))
    (signature,) = claims(raw).signatures
    written = raw.partition(b"; b=")[2].partition(b"\r\n")[0]
    assert (signature.value, len(signature.digest)) == (base64.b64decode(written), 32)
