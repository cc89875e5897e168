"""The DKIM vectors beside the checkout: real and RFC messages, and the records that must fail."""

import asyncio
from pathlib import Path

import pytest
from identity_world import claims
from static_dns import StaticResolver

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


@pytest.mark.shared
def test_the_signed_messages_pass(shared: Path) -> None:
    """Every signature of the published messages passes, RSA and Ed25519, except the one that has expired."""
    paths = sorted((shared / "conformance/dkim/mail-auth").glob("*.txt"))
    assert len(paths) == 6
    results = {path.name: [result.result for result in _verify(path)] for path in paths}
    wrong = [name for name, found in results.items() if (set(found) == {"pass"}) is (name == EXPIRED)]
    print(f"vectors: dkim/mail-auth: {len(paths) - len(wrong)} of {len(paths)} (005 has expired and does not pass)")
    assert wrong == []


def _library_message(shared: Path, name: str, *change: bytes) -> list[str]:
    """The results of one of the library's signed messages, whose keys lie beside it."""
    folder = shared / "conformance/dkim/dkimpy"
    zone = {
        "test._domainkey.football.example.com": {"TXT": [(folder / "test.txt").read_text().strip()]},
        "brisbane._domainkey.football.example.com": {"TXT": [RFC_8463_KEY]},
        "sed._domainkey.test.ex": {"TXT": [(folder / "eximtest.dns").read_text().strip()]},
    }
    message = (folder / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    changed = message.replace(*change) if change else message
    return [result.result for result in asyncio.run(check_signatures(claims(changed).signatures, StaticResolver(zone)))]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("rfc6376.signed.rsa.msg", ["pass"]),
        ("rfc6376.signed.msg", ["pass", "pass"]),
        ("ed25519test2.msg", ["pass"]),
        ("rfc6376.signed.no_t.msg", ["fail"]),
    ],
)
def test_the_library_s_messages(shared: Path, name: str, results: list[str]) -> None:
    """Messages signed by others pass; one whose signature field was changed by hand fails."""
    assert _library_message(shared, name) == results


@pytest.mark.shared
@pytest.mark.parametrize("name", ["rfc6376.signed.rsa.msg", "rfc6376.signed.msg"])
def test_one_changed_word_fails(shared: Path, name: str) -> None:
    """The same messages with another body have no pass."""
    assert set(_library_message(shared, name, b"We lost the game", b"We won the game")) == {"fail"}


@pytest.mark.shared
@pytest.mark.parametrize("name", ["badk.txt", "badversion.txt", "test_tlsrpt.txt"])
def test_bad_records_hold_no_key(shared: Path, name: str) -> None:
    """A record with an unknown kind, version or service is no key."""
    record = (shared / "conformance/dkim/dkimpy" / name).read_bytes().strip()
    with pytest.raises(UnusableKey):
        read_key((record,))


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["test.txt", "test2.txt", "1024_testkey_wo_markers.pub.rsa.txt", "2048_testkey_wo_markers.pub.txt"],
)
def test_good_records_hold_a_key(shared: Path, name: str) -> None:
    """Records with an RSA key in either encoding are read."""
    record = (shared / "conformance/dkim/dkimpy" / name).read_bytes().strip()
    assert read_key((record,)).key.name == "rsa"
