"""The private key that mail is sealed with: read, made, and the record that publishes its other half."""

import base64
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BITS_LEAST, BITS_MOST = 2048, 4096
"""RFC 8301 section 3.2: signers should use at least so many; verifiers need not take more."""
_OCTETS = 65_536
_STRING = 250  # octets of one string of a TXT record, 255 at most (RFC 1035 section 3.3)


class UnusableSigningKey(ValueError):
    """The file holds no key to seal with; the text says why, and never what stands in it."""


def read_signing_key(path: Path) -> rsa.RSAPrivateKey:
    """Read an RSA key in PEM. Raises UnusableSigningKey."""
    try:
        with path.open("rb") as file:
            content = file.read(_OCTETS)
    except OSError as error:
        raise UnusableSigningKey(f"cannot be read: {error.strerror}") from None
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError:
        raise UnusableSigningKey("is locked with a password; give a key without one, in a file of mode 0600") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableSigningKey("is not a private key in PEM; `listward config signing-key` makes one") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UnusableSigningKey("is not an RSA key; ARC needs one")
    if not BITS_LEAST <= key.key_size <= BITS_MOST:
        message = f"has {key.key_size} bits; allowed: {BITS_LEAST} to {BITS_MOST}"
        raise UnusableSigningKey(message)
    return key


def make_signing_key(path: Path) -> rsa.RSAPrivateKey:
    """Make a key in a file that only its owner can read. Raises OSError, FileExistsError too: none is overwritten."""
    key = rsa.generate_private_key(65537, BITS_LEAST)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    return key


def zone_line(key: rsa.RSAPrivateKey, domain: str, selector: str) -> str:
    """Return the line for the zone file that publishes the key (RFC 6376 section 3.6.2)."""
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    strings = (f'"{text[start : start + _STRING]}"' for start in range(0, len(text), _STRING))
    return f"{selector}._domainkey.{domain}. IN TXT ( {' '.join(strings)} )"
