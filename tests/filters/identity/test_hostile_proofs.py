"""SPF and DKIM against senders who mean harm, by the letter of RFC 7208, 6376, 8301 and 8463."""

import base64
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from identity_world import claims, edwards_record, rsa_record, signed
from messages import build
from pace import allowed
from static_dns import StaticResolver

from listward.filters.identity.dkim import check_signatures
from listward.filters.identity.spf import check_sender

CLIENT = "198.51.100.7"


async def _spf(record: str | bytes | list, client: str = CLIENT, zone: dict | None = None) -> str:
    records = record if isinstance(record, list) else [record]
    found = await check_sender(
        client, "helo.example", "ana@s.example", StaticResolver({"s.example": {"TXT": records}, **(zone or {})})
    )
    return found.result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:198.51.100.7 -all", "pass"),
        ("V=SPF1 IP4:198.51.100.7 -ALL", "pass"),
        ("v=spf1", "neutral"),
        ("v=spf1 ", "neutral"),
        ("v=spf10 +all", "none"),
        ("v=spf1+all", "none"),
        (" v=spf1 +all", "none"),
        ("v=spf2.0/pra +all", "none"),
        (("v=spf1 ip4:198.51.", "100.7 -all"), "pass"),
        (("v=spf1", "+all"), "none"),
        (["v=spf1 +all", "v=spf1 -all"], "permerror"),
        (["v=spf1 -all", "hello"], "fail"),
        ("v=spf1 ip4:198.51.100.7/33 -all", "permerror"),
        ("v=spf1 ip4:198.51.100 -all", "permerror"),
        ("v=spf1 ip4:0198.51.100.7 -all", "permerror"),
        ("v=spf1 ip4:::ffff:198.51.100.7 -all", "permerror"),
        ("v=spf1 ip6:198.51.100.7 -all", "permerror"),
        ("v=spf1 ip4:198.51.100.7/+8 -all", "permerror"),
        ("v=spf1 redirect=a.example redirect=b.example", "permerror"),
        ("v=spf1 exp=a.example exp=b.example -all", "permerror"),
        ("v=spf1 redirect=none.example", "permerror"),
        ("v=spf1 -all redirect=pass.example", "fail"),
        ("v=spf1 include:none.example +all", "permerror"),
        ("v=spf1 include:fail.example ~all", "softfail"),
        ("v=spf1 include:pass.example -all", "pass"),
        ("v=spf1 -include:pass.example +all", "fail"),
        ("v=spf1 include:%{z}.example +all", "permerror"),
        ("v=spf1 include: +all", "permerror"),
        ("v=spf1 a:  -all", "permerror"),
        ("v=spf1 unknown:x +all", "permerror"),
        ("v=spf1 unknown=x -all", "fail"),
        ("v=spf1 -all\x00 +all", "permerror"),
        ("v=spf1 ip4:198.51.100.7\n-all", "permerror"),
        (b"v=spf1 ip4:198.51.100.7 \xff -all", "permerror"),
        ("v=spf1 all:x", "permerror"),
        ("v=spf1 -all/24", "permerror"),
        ("v=spf1 a:v1.example a:v2.example a:v3.example +all", "permerror"),
        ("v=spf1 a:v1.example a:v2.example -all", "fail"),
        ("v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", "fail"),
        ("v=spf1 mx:many.example -all", "permerror"),
        ("v=spf1 include:back.example +all", "permerror"),
        ("v=spf1 exp=trouble.example -all", "fail"),
    ],
)
async def test_spf_by_the_letter(record: str | bytes | list, result: str) -> None:
    """Versions, strings, masks, modifiers, void lookups, loops and macros: what RFC 7208 says, never a lucky pass."""
    zone = {
        "pass.example": {"TXT": ["v=spf1 +all"]},
        "fail.example": {"TXT": ["v=spf1 -all"]},
        "back.example": {"TXT": ["v=spf1 include:s.example -all"]},
        "many.example": {"MX": [f"10 h{number}.example" for number in range(11)]},
        **{f"h{number}.example": {"A": ["198.51.100.7"]} for number in range(11)},
        "trouble.example": {"error": "SERVFAIL"},
    }
    assert await _spf(record, zone=zone) == result


@pytest.mark.parametrize("broken", ["include:x.example", "a:x.example", "mx:x.example", "exists:x.example"])
async def test_spf_trouble_is_no_result(broken: str) -> None:
    """A term that DNS does not answer ends it with temperror, even before +all; a match before it counts."""
    zone = {"x.example": {"error": "SERVFAIL"}}
    assert await _spf(f"v=spf1 {broken} +all", zone=zone) == "temperror"
    assert await _spf("v=spf1 redirect=x.example", zone=zone) == "temperror"
    assert await _spf(f"v=spf1 ip4:198.51.100.7 {broken} -all", zone=zone) == "pass"


@pytest.mark.parametrize(
    ("record", "client", "result"),
    [
        ("v=spf1 ip4:198.51.100.7 -all", "::ffff:198.51.100.7", "pass"),
        ("v=spf1 ip6:::/0 -all", "198.51.100.7", "fail"),
        ("v=spf1 ip4:0.0.0.0/0 -all", "2001:db8::1", "fail"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:DB8:0:0::1", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "198.51.101.7", "fail"),
    ],
)
async def test_spf_families_do_not_mix(record: str, client: str, result: str) -> None:
    """A network of one family says nothing of the other; a wrapped address is of version 4."""
    assert await _spf(record, client) == result


@pytest.mark.parametrize("helo", ["[198.51.100.7]", "-", "a b", "x\x00.example", "é.example", "%{i}", "x" * 300])
async def test_a_strange_greeting_ends_in_a_result(helo: str) -> None:
    """HELO stands in for a null sender and in macros; whatever it is, it passes for nothing it is not."""
    zone = {"s.example": {"TXT": ["v=spf1 exists:%{h}.ok.example -all"]}, "xn--9ca.example": {"TXT": ["v=spf1 -all"]}}
    null = await check_sender(CLIENT, helo, "", StaticResolver(zone))
    assert null.result in {"none", "fail"}
    assert (await check_sender(CLIENT, helo, "a@s.example", StaticResolver(zone))).result in {"fail", "permerror"}


async def test_the_hungriest_record_costs_little_time() -> None:
    """Ten exchanges with ten hosts each, one more name every time: well under a second of computing."""
    zone = {f"m{one}.example": {"MX": [f"{at} h{one}-{at}.example" for at in range(10)]} for one in range(10)}
    zone |= {f"h{one}-{at}.example": {"A": ["192.0.2.1"]} for one in range(10) for at in range(10)}
    began = time.process_time()
    terms = " ".join(f"mx:m{one}.example" for one in range(10))
    assert await _spf(f"v=spf1 {terms} -all", zone=zone) == "fail"
    assert time.process_time() - began < allowed(2)


async def test_answers_of_many_addresses_cost_little_time() -> None:
    """A hundred hosts of four thousand addresses each are not read a hundred times: no result, and no long wait."""
    many = [f"10.{at // 250}.{at % 250}.1" for at in range(4000)]
    zone: dict[str, dict[str, list[str]]] = {}
    for one in range(10):
        zone[f"m{one}.example"] = {"MX": [f"{at} h{one}-{at}.example" for at in range(10)]}
        zone |= {f"h{one}-{at}.example": {"A": many} for at in range(10)}
    began = time.process_time()
    terms = " ".join(f"mx:m{one}.example" for one in range(10))
    assert await _spf(f"v=spf1 {terms} +all", zone=zone) == "permerror"
    assert time.process_time() - began < allowed(2)


RAW = build(from_="Ben <ben@mail.example>")
KEY = "sel._domainkey.mail.example"


async def _dkim(raw: bytes, record: str | list[str] | None = None) -> str:
    records = record if isinstance(record, list) else [record or rsa_record()]
    zone = {KEY: {"TXT": records}, "ed._domainkey.mail.example": {"TXT": records}}
    (found,) = await check_signatures(claims(raw).signatures[:1], StaticResolver(zone))
    return found.result


@pytest.mark.parametrize(
    "tags",
    [
        {"a": "rsa-sha1"},
        {"a": "rsa-md5"},
        {"a": "RSA-SHA256"},
        {"a": "ed25519-sha1"},
        {"l": "0"},
        {"l": "999999"},
        {"l": ""},
        {"h": "from:from:to"},
        {"h": "From"},
        {"h": "to"},
        {"h": ":from"},
        {"x": "1"},
        {"t": "2000000000", "x": "1999999999"},
        {"d": "example"},
        {"d": "attack.example"},
        {"i": "@attack.example"},
        {"i": "ben@mail.example@attack.example"},
        {"c": "relaxed/relaxed/relaxed"},
        {"c": "nofws"},
        {"q": "http"},
        {"v": "1.0"},
        {"bh": "AAAA"},
        {"bh": "!!!!"},
        {"s": "sel._domainkey.mail.example\x00"},
        {"zz": "x;d=mail.example"},
    ],
    ids=str,
)
async def test_no_tag_makes_a_weak_signature_pass(tags: dict[str, str]) -> None:
    """Each of these is either refused, or is as good as the same signature made without the trick."""
    raw = signed(RAW, tags=tags)
    harmless = tags in ({"l": ""}, {"h": "from:from:to"}, {"h": "From"}, {"h": ":from"})
    assert (await _dkim(raw) == "pass") is harmless
    if harmless:
        assert await _dkim(raw.replace(b"Ben <ben@", b"Ana <ana@")) != "pass"


def _der(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@pytest.mark.parametrize(
    "record",
    [
        [rsa_record(), rsa_record()],
        [rsa_record(tags="v=DKIM1; t=y:s; ")],
        [rsa_record(tags="v=DKIM1; k=rsa; k=rsa; ")],
        [rsa_record(tags="v=DKIM1; k=RSA; ")],
        [rsa_record(tags="v=DKIM1; k=ed25519; ")],
        [rsa_record(tags="p=; v=DKIM1; ")],
        [rsa_record(tags="k=rsa; v=DKIM1; h=sha1:md5; ")],
        [rsa_record(tags="v=DKIM1; s=other; ")],
        [rsa_record().replace("p=", "p=%")],
        [rsa_record()[:-40]],
        [f"v=DKIM1; p={_der(ec.generate_private_key(ec.SECP256R1()).public_key())}"],
        [f"v=DKIM1; p={_der(rsa.generate_private_key(65537, 1024).public_key())}"],
        [edwards_record()],
        ["v=DKIM1; p=" + "A" * 50_000],
        ["v=DKIM1; " + "x=y; " * 10_000 + rsa_record(tags="")],
        [""],
        [],
    ],
    ids=[f"record{number}" for number in range(17)],
)
async def test_no_other_record_confirms_a_signature(record: list[str]) -> None:
    """Doubled, testing, mislabelled, cut and foreign keys confirm nothing, and take no time to speak of."""
    began = time.process_time()
    result = await _dkim(signed(RAW), record)
    assert time.process_time() - began < allowed(1)
    assert result != "pass" or record[0].startswith("v=DKIM1; x=y")


@pytest.mark.parametrize(
    ("record", "passes"),
    [
        (rsa_record().replace("p=", "p = "), True),
        (rsa_record() + ";", True),
        (rsa_record(tags="v=DKIM1; h=sha1:sha256; t=s; s=*; n=hello; "), True),
        (rsa_record(1024), True),
    ],
    ids=["blanks", "semicolon", "tags", "short"],
)
async def test_what_a_good_record_may_hold(record: str, passes: bool) -> None:
    """Blanks, unknown tags and 1024 bits are as RFC 6376 and 8301 allow them."""
    bits = 1024 if record == rsa_record(1024) else 2048
    assert (await _dkim(signed(RAW, bits=bits), record) == "pass") is passes


@pytest.mark.parametrize(
    "change",
    [
        (b"\r\n\r\n", b"\r\nFrom: ana@party.example\r\n\r\n"),
        (b"DKIM-Signature:", b"From: ana@party.example\r\nDKIM-Signature:"),
        (b"From: Ben <ben@mail.example>", b"From: Ben <ben@mail.example>, ana@party.example"),
        (b"From: Ben", b"From:\x00 Ben"),
        (b"From: Ben", b"Fr\xc3\xb6m: x\r\nFrom: Ana"),
        (b"b=", b"b=A"),
        (b"bh=", b"bh=A"),
        (b"d=mail.example", b"d=mail.example; d=mail.example"),
    ],
    ids=["below", "above", "two", "nul", "name", "b", "bh", "twice"],
)
async def test_what_is_changed_after_signing_shows(change: tuple[bytes, bytes]) -> None:
    """A second author, another name, another digest, a tag twice: none of it passes."""
    raw = signed(RAW)
    assert await _dkim(raw) == "pass"
    assert await _dkim(raw.replace(*change, 1)) != "pass"


@pytest.mark.parametrize("ending", [b"", b"\r\n", b"\r\n\r\n\r\n", b" \t\r\n", b"\r\n \r\n"])
async def test_only_what_no_reader_sees_may_change_in_a_relaxed_body(ending: bytes) -> None:
    """Empty lines and blanks at the end are no part of a relaxed body (RFC 6376 section 3.4.4); one letter is."""
    raw = signed(RAW.rstrip(b"\r\n") + b"\r\n")
    assert await _dkim(raw.rstrip(b"\r\n") + ending) == ("pass" if not ending.strip() else "fail")
    assert await _dkim(raw.rstrip(b"\r\n") + ending + b"x\r\n") == "fail"
