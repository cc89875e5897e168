"""DKIM signatures for made-up mail: the text is hashed once, the header is signed for every message that is sent."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from dkim.canonicalization import CanonicalizationPolicy, Relaxed

SELECTOR = "bench"
_SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type")
_RELAXED = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")


@dataclass(frozen=True, slots=True)
class Key:
    """An RSA-2048 key: PEM for signing, base64 for the name server."""

    private: bytes
    public: str


@dataclass(frozen=True, slots=True)
class Seal:
    """What signs one text for `domain`: the key and the hash of the text (RFC 6376 section 3.7)."""

    domain: str
    private: bytes
    text_hash: str

    def field(self, header: bytes) -> bytes:
        """Return the DKIM-Signature field over a header with CRLF line ends, to be put in front of it."""
        fields = [_split(line) for line in header.replace(b"\r\n ", b" ").splitlines()]
        chosen = [(name, value) for name, value in fields if name.lower() in _SIGNED]
        names = b":".join(name.lower() for name, _ in chosen)
        start = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={SELECTOR}; h={names.decode()};\r\n"
            f" bh={self.text_hash};\r\n b="
        ).encode()
        hashed = _RELAXED.canonicalize_headers([*chosen, (b"DKIM-Signature", b" " + start)])
        octets = b"".join(name + b":" + value for name, value in hashed)
        signature = _loaded(self.private).sign(octets.removesuffix(b"\r\n"), padding.PKCS1v15(), hashes.SHA256())
        return b"DKIM-Signature: " + start + base64.b64encode(signature) + b"\r\n"


def new_key() -> Key:
    """Make a key for one run."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Key(pem, base64.b64encode(der).decode())


def seal(raw: bytes, domain: str, key: Key) -> Seal:
    """Return what signs this message, whatever its Message-ID will be."""
    text = Relaxed.canonicalize_body(raw.split(b"\r\n\r\n", 1)[1])
    return Seal(domain, key.private, base64.b64encode(hashlib.sha256(text).digest()).decode())


def _split(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name, value + b"\r\n"


@cache
def _loaded(private: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(private, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
