"""DKIM key records (RFC 6376 section 3.6.1, RFC 8463), read strictly: what the organisation can rely on, or nothing."""

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from dkim.util import InvalidTagValueList, parse_tag_value

RSA_BITS_LEAST = 1024
"""RFC 8301 section 3.2: shorter keys never verify."""
RSA_BITS_MOST = 4096
RSA_EXPONENT_MOST = 2**32
ED25519_OCTETS = 32


class UnusableKey(Exception):
    """The key record cannot verify this signature; the text says why, in our own words."""


@dataclass(frozen=True, slots=True)
class RsaKey:
    """An RSA key of 1024 to 4096 bits."""

    public: rsa.RSAPublicKey
    name: str = "rsa"


@dataclass(frozen=True, slots=True)
class EdwardsKey:
    """An Ed25519 key."""

    public: Ed25519PublicKey
    name: str = "ed25519"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a key record says. `testing` is t=y, `exact_identity` is t=s."""

    key: RsaKey | EdwardsKey
    testing: bool
    exact_identity: bool


@lru_cache(maxsize=512)
def read_key(records: tuple[bytes, ...]) -> KeyRecord:
    """Read the key from a name's TXT records. Raises UnusableKey where there is not exactly one good key."""
    tagged = [tags for tags in map(_tags, records) if tags is not None and b"p" in tags]
    if not tagged:
        raise UnusableKey("no key is published")
    if len(tagged) > 1:
        # RFC 6376 section 3.6.2.2 leaves several records undefined; choosing one would be a guess.
        raise UnusableKey("several keys are published under one name")
    tags = tagged[0]
    _check_use(tags)
    flags = _words(tags.get(b"t", b""))
    return KeyRecord(_key(tags), testing=b"y" in flags, exact_identity=b"s" in flags)


def _tags(record: bytes) -> dict[bytes, bytes] | None:
    try:
        return parse_tag_value(record)
    except (InvalidTagValueList, IndexError):
        return None


def _check_use(tags: dict[bytes, bytes]) -> None:
    """Version, hash and service that the key is for."""
    if tags.get(b"v", b"DKIM1") != b"DKIM1":
        raise UnusableKey("the key record has an unknown version")
    if b"h" in tags and b"sha256" not in _words(tags[b"h"]):
        raise UnusableKey("the key is not for SHA-256")
    if not _words(tags.get(b"s", b"*")) & {b"*", b"email"}:
        raise UnusableKey("the key is not for e-mail")


def _words(value: bytes) -> set[bytes]:
    return {word.strip() for word in value.split(b":")}


def _key(tags: dict[bytes, bytes]) -> RsaKey | EdwardsKey:
    kind = tags.get(b"k", b"rsa")
    octets = _decoded(tags[b"p"])
    if not octets:
        raise UnusableKey("the key is revoked")
    if kind == b"rsa":
        return _rsa(octets)
    if kind == b"ed25519":
        return _edwards(octets)
    raise UnusableKey("the key is of an unknown kind")


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableKey("the key is not base64") from error


def _rsa(octets: bytes) -> RsaKey:
    """RSA, as SubjectPublicKeyInfo or as the bare RSAPublicKey that RFC 6376 describes."""
    try:
        key = load_der_public_key(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey("the key cannot be read") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnusableKey("the key is not an RSA key")
    if key.key_size < RSA_BITS_LEAST:
        raise UnusableKey(f"the key has {key.key_size} bits, {RSA_BITS_LEAST} are the least")
    if key.key_size > RSA_BITS_MOST or key.public_numbers().e > RSA_EXPONENT_MOST:
        raise UnusableKey("the key is larger than we compute with")
    return RsaKey(key)


def _edwards(octets: bytes) -> EdwardsKey:
    if len(octets) != ED25519_OCTETS:
        raise UnusableKey("the key has the wrong length")
    return EdwardsKey(Ed25519PublicKey.from_public_bytes(octets))
