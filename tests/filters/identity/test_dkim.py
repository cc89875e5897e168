"""DKIM: what counts as a pass, and everything that must not."""

import time

import pytest
from identity_world import claims, edwards_record, rsa_record, signed
from messages import build
from static_dns import StaticResolver

from listward.filters.identity.dkim import check_signatures
from listward.filters.identity.origin import AuthResult

KEY_NAME = "sel._domainkey.mail.example"
RAW = build(from_="Ben <ben@mail.example>")
ZONE = {KEY_NAME: {"TXT": [rsa_record()]}, "ed._domainkey.mail.example": {"TXT": [edwards_record()]}}


async def _check(raw: bytes, zone: object = ZONE, now: float | None = None) -> tuple[AuthResult, ...]:
    return await check_signatures(claims(raw, now=now).signatures, StaticResolver(zone))


async def _result(raw: bytes, zone: object = ZONE, now: float | None = None) -> tuple[str, str]:
    (found,) = await _check(raw, zone, now)
    return found.result, found.detail


async def test_an_unsigned_message_has_none() -> None:
    """Without a signature the one result is none, and DNS is not asked."""
    resolver = StaticResolver(ZONE)
    assert [found.result for found in await check_signatures(claims(RAW).signatures, resolver)] == ["none"]
    assert resolver.asked == []


async def test_a_good_signature_passes() -> None:
    """RSA with SHA-256 passes and says for which domain, by which key, over which fields."""
    (found,) = await _check(signed(RAW))
    assert (found.result, found.identity, found.selector) == ("pass", "mail.example", "sel")
    assert found.fields == {"from", "to", "subject", "date", "message-id"}


@pytest.mark.parametrize(("tag", "signed_at"), [("1790000000", 1790000000), ("", None), ("9" * 13, None), ("²", None)])
async def test_a_result_says_when_the_signature_was_made(tag: str, signed_at: int | None) -> None:
    """t= in seconds, None where there is none that could be one."""
    (result,) = await _check(signed(RAW, tags={"t": tag}))
    assert result.signed_at == signed_at


async def test_ed25519_passes() -> None:
    """Ed25519 (RFC 8463) passes, and fails when the message was changed."""
    message = signed(RAW, selector="ed", tags={"a": "ed25519-sha256"})
    assert await _result(message) == ("pass", "")
    changed = message.replace(b"Minutes", b"Monies")
    assert (await _result(changed))[0] == "fail"


@pytest.mark.parametrize(
    ("old", "new"), [(b"Minutes", b"Monies"), (b"here are", b"here is"), (b"Ben <ben@", b"Ben <bob@")]
)
async def test_a_changed_message_fails(old: bytes, new: bytes) -> None:
    """A change of a signed field or of the body makes the signature fail."""
    assert (await _result(signed(RAW).replace(old, new, 1)))[0] == "fail"


@pytest.mark.parametrize(
    ("tags", "result"),
    [
        ({"a": "rsa-sha1"}, "policy"),
        ({"l": "10"}, "policy"),
        ({"x": "1000000000"}, "fail"),
        ({"x": "1700000000"}, "fail"),
        ({"h": "to:subject:date"}, "permerror"),
        ({"v": "2"}, "permerror"),
        ({"v": ""}, "permerror"),
        ({"d": "mail.example'a.attack.example"}, "permerror"),
        ({"d": "mail.example\\.attack.example"}, "permerror"),
        ({"s": "se l"}, "permerror"),
        ({"i": "@other.example"}, "permerror"),
        ({"q": "dns/other"}, "permerror"),
        ({"c": "loose"}, "permerror"),
        ({"x": "9" * 5000}, "permerror"),
        ({"h": ":".join(["from"] * 300)}, "permerror"),
        ({"a": "ed25519-sha256"}, "permerror"),
    ],
)
async def test_signatures_that_do_not_count(tags: dict[str, str], result: str) -> None:
    """Weak, expired, partial and malformed signatures have their own result and are no pass."""
    assert (await _result(signed(RAW, tags=tags)))[0] == result


async def test_expiry_is_exact() -> None:
    """A signature counts until x= and not a second longer."""
    expires = int(time.time()) + 100
    message = signed(RAW, tags={"x": str(expires)})
    assert (await _result(message, now=expires - 1))[0] == "pass"
    assert (await _result(message, now=expires + 1))[0] == "fail"


@pytest.mark.parametrize(
    ("record", "result"),
    [
        (rsa_record(tags="v=DKIM1; t=y; "), "policy"),
        (rsa_record(tags="v=DKIM1; h=sha256; s=email:x; "), "pass"),
        (rsa_record(tags="v=DKIM1; h=sha1; "), "permerror"),
        (rsa_record(tags="v=DKIM1; s=tlsrpt; "), "permerror"),
        (rsa_record(tags="v=DKIM2; "), "permerror"),
        (rsa_record(tags=""), "pass"),
        (rsa_record(1024), "fail"),
        (edwards_record(), "permerror"),
        ("v=DKIM1; p=", "permerror"),
        ("v=DKIM1; p=????", "permerror"),
        ("hello", "permerror"),
    ],
    ids=[f"record{index}" for index in range(11)],  # the keys are made anew in each process; its names must not be
)
async def test_what_a_key_allows(record: str, result: str) -> None:
    """Only a key that is published for mail and for this algorithm, and not in test mode, gives a pass."""
    assert (await _result(signed(RAW), {KEY_NAME: {"TXT": [record]}}))[0] == result


async def test_short_keys_never_pass() -> None:
    """RSA keys below 1024 bits do not count (RFC 8301); 1024 bits do."""
    short = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMMBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0"
    short += "NTY3ODk6Ozw9PgECAwEAAQ=="
    result, detail = await _result(signed(RAW), {KEY_NAME: {"TXT": [f"v=DKIM1; p={short}"]}})
    assert (result, detail) == ("permerror", "the key has 512 bits, 1024 are the least")
    assert (await _result(signed(RAW, bits=1024), {KEY_NAME: {"TXT": [rsa_record(1024)]}}))[0] == "pass"


async def test_t_s_wants_the_domain_itself() -> None:
    """With t=s in the key, i= may not name a subdomain."""
    zone = {KEY_NAME: {"TXT": [rsa_record(tags="v=DKIM1; t=s; ")]}}
    assert (await _result(signed(RAW, tags={"i": "@mail.example"}), zone))[0] == "pass"
    assert (await _result(signed(RAW, tags={"i": "@sub.mail.example"}), zone))[0] == "permerror"


async def test_a_second_from_breaks_the_signature() -> None:
    """A From field added to a signed message makes it fail, on whichever side it is added."""
    message = signed(RAW)
    above = b"From: <ana@party.example>\r\n" + message
    below = message.replace(b"\r\n\r\n", b"\r\nFrom: <ana@party.example>\r\n\r\n", 1)
    assert (await _result(above))[0] == "fail"
    assert (await _result(below))[0] == "fail"


async def test_dns_trouble_is_no_answer() -> None:
    """A key that cannot be fetched now gives temperror; no key at all gives permerror."""
    assert (await _result(signed(RAW), {KEY_NAME: {"error": "SERVFAIL"}}))[0] == "temperror"
    assert (await _result(signed(RAW), {}))[0] == "permerror"


async def test_several_keys_are_no_key() -> None:
    """Two key records under one name are not chosen between."""
    zone = {KEY_NAME: {"TXT": [rsa_record(), rsa_record(1024)]}}
    assert (await _result(signed(RAW), zone))[0] == "permerror"


async def test_five_signatures_are_looked_at() -> None:
    """The topmost five signatures are looked at, each with its own result; more are not."""
    message = signed(RAW)
    for at in range(6):
        message = signed(message, selector=f"none{at}")
    resolver = StaticResolver(ZONE)
    assert [found.result for found in await check_signatures(claims(message).signatures, resolver)] == ["permerror"] * 5
    assert len(resolver.asked) == 5
    two = signed(signed(RAW), selector="ed", tags={"a": "ed25519-sha256"})
    assert [found.result for found in await _check(two)] == ["pass", "pass"]


@pytest.mark.parametrize(
    "raw",
    [
        b"DKIM-Signature: v=1\r\n\r\nx",
        b"DKIM-Signature:\r\n\r\n",
        b" folded\r\nDKIM-Signature: a=b\r\n\r\n",
        b"DKIM-Signature: v=1; v=1; a\r\n\r\n",
        b"no colon\r\nDKIM-Signature: v=1; a=rsa-sha256\r\n\r\n",
        b"DKIM-Signature: " + b"v=1; " * 5000 + b"\r\n\r\n",
        b"DKIM-Signature: \xff\x00=\xfe; d=\xff; s=\xff; h=\xff; bh=x; b=y; a=rsa-sha256; v=1\r\n\r\n",
        b"DKIM-Signature: v=1",
    ],
)
async def test_broken_fields_end_in_a_result(raw: bytes) -> None:
    """A field that is no signature never raises and never passes."""
    assert all(found.result in {"permerror", "fail", "policy"} for found in await _check(raw))


async def test_a_long_run_of_blanks_takes_linear_time() -> None:
    """Two megabytes of blanks in one line are read in a moment."""
    message = signed(RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\nx" + b" " * 2_000_000 + b"y\r\n")
    began = time.monotonic()
    assert (await _result(message))[0] == "pass"
    assert time.monotonic() - began < 3
