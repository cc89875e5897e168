"""A digest of the body that survives the small changes relays make."""

import hashlib


def body_digest(body: bytes) -> str:
    """Hex SHA-256 over the body with CRLF, without white space at line ends and blank lines at the end."""
    lines = b"\r\n".join(map(bytes.rstrip, body.splitlines()))
    return hashlib.sha256(lines.rstrip() + b"\r\n").hexdigest()
