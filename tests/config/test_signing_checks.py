"""The key of [signing]: every way in which it cannot be used is named."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from identity_world import rsa_key, site

from listward.config.signing_checks import check_signing, is_selector, is_signing
from listward.config.signing_key import UnusableSigningKey, make_signing_key, read_signing_key, zone_line
from listward.filters.identity.keys import RsaKey, read_key

_FORM = serialization.PrivateFormat
_OPEN = serialization.NoEncryption()


def _pem(
    key: rsa.RSAPrivateKey | Ed25519PrivateKey,
    form: serialization.PrivateFormat = _FORM.PKCS8,
    lock: serialization.KeySerializationEncryption = _OPEN,
) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, lock)


def _faults(tmp_path: Path, **table: str) -> list[tuple[object, ...]]:
    return [key for key, _ in check_signing(site(tmp_path, signing=table))]


@pytest.mark.parametrize("form", [_FORM.PKCS8, _FORM.TraditionalOpenSSL])
def test_a_good_key_is_read_in_either_form(tmp_path: Path, form: serialization.PrivateFormat) -> None:
    """And the table has no fault."""
    (tmp_path / "arc.pem").write_bytes(_pem(rsa_key(2048), form))
    assert read_signing_key(tmp_path / "arc.pem").key_size == 2048
    assert _faults(tmp_path, domain="party.example", selector="arc", key_file="arc.pem") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is not a private key"),
        (_pem(rsa_key(1024)), "has 1024 bits; allowed: 2048 to 4096"),
        (_pem(Ed25519PrivateKey.generate()), "is not an RSA key"),
        (_pem(rsa_key(2048), lock=serialization.BestAvailableEncryption(b"x")), "is locked with a password"),
        (
            rsa_key(2048)
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "is not a private key",
        ),
    ],
    ids=["empty", "garbled", "short", "other-kind", "locked", "public"],
)
def test_a_file_that_holds_no_such_key(tmp_path: Path, content: bytes, words: str) -> None:
    """The words say what it holds, and nothing of its octets."""
    (tmp_path / "arc.pem").write_bytes(content)
    with pytest.raises(UnusableSigningKey, match=words):
        read_signing_key(tmp_path / "arc.pem")


def test_the_table_is_whole_or_not_there(tmp_path: Path) -> None:
    """Each key that is missing is named."""
    assert _faults(tmp_path) == []
    assert _faults(tmp_path, selector="arc") == [("signing", "domain"), ("signing", "key_file")]
    assert not is_signing(site(tmp_path, signing={"domain": "party.example"}).signing)


@pytest.mark.parametrize("selector", ["a b", "a.", ".a", "a_b", "-a", "ä", "a" * 64, "a\n"])
def test_a_selector_is_a_name(tmp_path: Path, selector: str) -> None:
    """A key could not be published under these."""
    assert not is_selector(selector)
    assert ("signing", "selector") in _faults(tmp_path, domain="party.example", selector=selector)
    assert is_selector("2026-arc.mail")


def test_a_key_that_was_made_is_its_owner_s_alone_and_can_be_published(tmp_path: Path) -> None:
    """None is overwritten; the record says of it what verifiers read."""
    path = tmp_path / "arc.pem"
    made = make_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_signing_key(path).private_numbers() == made.private_numbers()
    with pytest.raises(FileExistsError):
        make_signing_key(path)
    name, _, record = zone_line(made, "party.example", "arc").partition(" IN TXT ")
    assert name == "arc._domainkey.party.example."
    strings = record.strip("() ").split('" "')
    assert all(len(string) <= 255 for string in strings)
    key = read_key(("".join(strings).strip('"').encode(),)).key
    assert isinstance(key, RsaKey)
    assert key.public.public_numbers() == made.public_key().public_numbers()
