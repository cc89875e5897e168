"""The key of [signing]: what it must be, and how it is read."""

import re
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from listward.config.proof import Signing
from listward.config.site import Site

Key = tuple[str | int, ...]

BITS_LEAST, BITS_MOST = 2048, 4096
"""RFC 8301 section 3.2: signers should use at least so many; verifiers need not take more."""
_OCTETS = 65_536
_SELECTOR = re.compile(r"(?=.{1,200}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", re.IGNORECASE)


class UnusableSigningKey(ValueError):
    """The file holds no key to seal with; the text says why, and never what stands in it."""


def check_signing(site: Site) -> Iterator[tuple[Key, str]]:
    """Yield the key and message of each fault of [signing]: it is whole, or not there."""
    table = site.signing
    if not (table.domain or table.selector or table.key_file):
        return
    for name, value in (("domain", table.domain), ("selector", table.selector), ("key_file", table.key_file)):
        if not value:
            yield ("signing", name), "is missing: domain, selector and key_file go together"
    if table.selector and not is_selector(table.selector):
        yield ("signing", "selector"), f"{table.selector!r} is not allowed; allowed: letters, digits, hyphens and dots"
    if table.key_file:
        try:
            read_signing_key(site.directory / table.key_file)
        except UnusableSigningKey as fault:
            yield ("signing", "key_file"), f"{str(table.key_file)!r} {fault}"


def is_selector(text: str) -> bool:
    """Whether a key can be published under this name (RFC 6376 section 3.1)."""
    return _SELECTOR.fullmatch(text) is not None


def is_signing(table: Signing) -> bool:
    """Whether there is a key to seal with."""
    return bool(table.domain and table.selector and table.key_file)


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
