"""The DKIM vectors beside the checkout: real and RFC messages, and the records that must fail."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dkim
import pytest
from identity_world import claims
from static_dns import StaticResolver
from vector_files import vectors

from listward.filters.identity.dkim import check_signatures
from listward.filters.identity.keys import UnusableKey, read_key
from listward.filters.identity.origin import AuthResult

EXPIRED = "005.txt"
RFC_8463_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def _vector(path: Path) -> tuple[StaticResolver, bytes]:
    """First lines are `name record`, then an empty line, then the message with LF line ends."""
    records, _, message = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    zone = {}
    for line in records.decode().splitlines():
        name, _, record = line.partition(" ")
        zone[name] = {"TXT": [record]}
    return StaticResolver(zone), message.replace(b"\n", b"\r\n")


def _verify(path: Path) -> tuple[AuthResult, ...]:
    resolver, message = _vector(path)
    return asyncio.run(check_signatures(claims(message).signatures, resolver))


def _messages(path: Path) -> list[tuple[str, Path]]:
    return [(each.name, each) for each in sorted(path.glob("*.txt"))]


@vectors("dkim/mail-auth", _messages)
def test_the_published_messages(vector: Path) -> None:
    """Every signature of a published message passes, RSA and Ed25519; the message that has expired does not."""
    found = {result.result for result in _verify(vector)}
    assert found == ({"fail"} if vector.name == EXPIRED else {"pass"})


def _library_message(folder: Path, name: str, *change: bytes) -> list[str]:
    """The results of one of the library's signed messages, whose keys lie beside it."""
    zone = {
        "test._domainkey.football.example.com": {"TXT": [(folder / "test.txt").read_text().strip()]},
        "brisbane._domainkey.football.example.com": {"TXT": [RFC_8463_KEY]},
        "sed._domainkey.test.ex": {"TXT": [(folder / "eximtest.dns").read_text().strip()]},
    }
    message = (folder / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    changed = message.replace(*change) if change else message
    return [result.result for result in asyncio.run(check_signatures(claims(changed).signatures, StaticResolver(zone)))]


def _among(**expected: Any) -> Callable[[Path], list[tuple[str, tuple[Path, str, Any]]]]:
    """Files of the folder with what is expected of each; "__" stands for a dot."""
    names = {name.replace("__", "."): value for name, value in expected.items()}
    return lambda folder: [(name, (folder, name, value)) for name, value in names.items()]


SIGNED = {
    "rfc6376__signed__rsa__msg": ["pass"],
    "rfc6376__signed__msg": ["pass", "pass"],
    "ed25519test2__msg": ["pass"],
    # A signature field changed by hand, and one whose d= is no domain name.
    "rfc6376__signed__no_t__msg": ["fail"],
    "test__message__baddomain": ["permerror"],
}
UNSIGNED = {
    name: ["none"]
    for name in ("rfc6376__msg", "rfc6376__w1258__msg", "ed25519test__msg", "test__message", "test_extra__message")
}


@vectors("dkim/dkimpy", _among(**SIGNED, **UNSIGNED, test_nofrom__message=["none"]), also="messages")
def test_the_library_s_messages(vector: tuple[Path, str, list[str]]) -> None:
    """Messages signed by others pass; what was changed fails, and what is not signed has no result."""
    folder, name, results = vector
    assert _library_message(folder, name) == results


@vectors("dkim/dkimpy", _among(rfc6376__signed__rsa__msg=0, rfc6376__signed__msg=0), also="changed")
def test_one_changed_word_fails(vector: tuple[Path, str, int]) -> None:
    """The same messages with another body have no pass."""
    folder, name, _ = vector
    assert set(_library_message(folder, name, b"We lost the game", b"We won the game")) == {"fail"}


@vectors("dkim/dkimpy", _among(badk__txt=0, badversion__txt=0, test_tlsrpt__txt=0), also="bad records")
def test_bad_records_hold_no_key(vector: tuple[Path, str, int]) -> None:
    """A record with an unknown kind, version or service is no key."""
    folder, name, _ = vector
    with pytest.raises(UnusableKey):
        read_key(((folder / name).read_bytes().strip(),))


GOOD_RECORDS = {
    "test__txt": "rsa",
    "test2__txt": "rsa",
    "1024_testkey_wo_markers__pub__txt": "rsa",
    "1024_testkey_wo_markers__pub__rsa__txt": "rsa",
    "2048_testkey_wo_markers__pub__txt": "rsa",
    "2048_testkey_wo_markers__pub__rsa__txt": "rsa",
    "2048_testkey_PKCS8__key__pub__txt": "rsa",
    "ed25519test__dns": "ed25519",
    "eximtest__dns": "ed25519",
}


@vectors("dkim/dkimpy", _among(**GOOD_RECORDS), also="good records")
def test_good_records_hold_a_key(vector: tuple[Path, str, str]) -> None:
    """Records with an RSA key in either encoding, and with an Ed25519 key, are read."""
    folder, name, kind = vector
    assert read_key(((folder / name).read_bytes().strip(),)).key.name == kind


KEYS = {
    "test.private": "test.txt",
    "1024_testkey.key": "1024_testkey_wo_markers.pub.txt",
    "2048_testkey.key": "2048_testkey_wo_markers.pub.rsa.txt",
    "2048_testkey_PKCS8.key": "2048_testkey_PKCS8.key.pub.txt",
}
FORMS = ("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed")


def _signings(folder: Path) -> list[tuple[str, tuple[Path, str, str, str]]]:
    """Each message by each key in each canonical form."""
    messages = ("rfc6376.msg", "rfc6376.w1258.msg", "test.message", "test2.message", "ed25519test.msg")
    return [(f"{name}-{key}-{form}", (folder, name, key, form)) for name in messages for key in KEYS for form in FORMS]


@vectors("dkim/dkimpy", _signings, also="signed by the library")
def test_what_the_library_signs_passes(vector: tuple[Path, str, str, str]) -> None:
    """Another implementation's signature verifies, and with one octet more in a signed line it does not."""
    folder, name, key, form = vector
    message = re.sub(rb"\r?\n", b"\r\n", (folder / name).read_bytes())
    canonical = tuple(one.encode() for one in form.split("/"))
    field = dkim.sign(message, b"s", b"example.com", (folder / key).read_bytes(), canonicalize=canonical)
    zone = {"s._domainkey.example.com": {"TXT": [(folder / KEYS[key]).read_text().strip()]}}
    for changed, expected in ((message, "pass"), (message.replace(b"Subject: ", b"Subject: x", 1), "fail")):
        signatures = claims(field + changed).signatures[:1]
        (found,) = asyncio.run(check_signatures(signatures, StaticResolver(zone)))
        assert found.result == expected


@vectors("dkim/dkimpy", _among(test_bad__txt=0), also="other keys")
def test_a_key_of_another_fails(vector: tuple[Path, str, int]) -> None:
    """A record whose key differs in a few bits confirms nothing, whether it can be read or not."""
    folder, name, _ = vector
    message = re.sub(rb"\r?\n", b"\r\n", (folder / "test.message").read_bytes())
    field = dkim.sign(message, b"s", b"example.com", (folder / "test.private").read_bytes())
    zone = {"s._domainkey.example.com": {"TXT": [(folder / name).read_text().strip()]}}
    (found,) = asyncio.run(check_signatures(claims(field + message).signatures, StaticResolver(zone)))
    assert found.result in {"fail", "permerror"}
