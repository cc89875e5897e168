"""DKIM signatures for made-up mail. The Message-ID stays outside, since each message sent gets its own."""

import base64
from dataclasses import dataclass

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SELECTOR = "bench"
_SIGNED = [b"from", b"to", b"subject", b"date", b"mime-version", b"content-type"]


@dataclass(frozen=True, slots=True)
class Key:
    """An RSA-2048 key: PEM for signing, base64 for the name server."""

    private: bytes
    public: str


def new_key() -> Key:
    """Make a key for one run."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Key(pem, base64.b64encode(der).decode())


def signed(raw: bytes, domain: str, key: Key) -> bytes:
    """Return the message with its signature in front."""
    signature: bytes = dkim.sign(
        raw,
        SELECTOR.encode(),
        domain.encode(),
        key.private,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=_SIGNED,
    )
    return signature + raw
