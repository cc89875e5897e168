"""A digest of the body that survives the small changes relays make."""

import hashlib

from listward.filters.message import limits


def body_digest(body: bytes) -> str:
    """Hex SHA-256 over the body with CRLF, without white space at line ends and blank lines at the end.

    Behind the first 1 MiB (up to the end of a line) white space at line ends counts.
    """
    if len(body) <= limits.DIGEST_BYTES:
        lines = b"\r\n".join(map(bytes.rstrip, body.splitlines()))
        return hashlib.sha256(lines.rstrip() + b"\r\n").hexdigest()
    text = body.rstrip().replace(b"\r\n", b"\n")
    cut = text.find(b"\n", limits.DIGEST_BYTES) + 1 or len(text)
    front = b"\r\n".join(map(bytes.rstrip, text[:cut].splitlines()))
    rest = text[cut:].replace(b"\n", b"\r\n")
    return hashlib.sha256(b"\r\n".join(filter(None, (front, rest))) + b"\r\n").hexdigest()
