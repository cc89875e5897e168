"""Random secrets and their digests: only the digest of a secret is ever kept."""

import hashlib
import secrets


def new_secret() -> str:
    """Return 256 random bits, safe in a cookie and a header."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Return the hex SHA-256 under which a secret of 256 random bits is kept; no salt is needed at that size."""
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
