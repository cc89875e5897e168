"""A digest of the body that survives the small changes relays make."""

import hashlib


def body_digest(body: bytes) -> str:
    """Hex SHA-256 over the body with CRLF, without white space at line ends and blank lines at the end."""
    text = body.replace(b"\r\n", b"\n")
    if b" \n" in text or b"\t\n" in text:
        text = b"\n".join(line.rstrip(b" \t\r") for line in text.split(b"\n"))
    return hashlib.sha256(text.rstrip().replace(b"\n", b"\r\n") + b"\r\n").hexdigest()
