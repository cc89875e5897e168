"""A digest of the body that survives the small changes relays make."""

import hashlib

from listward.filters.message import limits


def body_digest(body: bytes) -> str:
    """Hex SHA-256 over the body with CRLF, without white space at line ends and blank lines at the end.

    Behind the first 1 MiB (up to the end of a line) white space at line ends counts.
    """
    cut = body.find(b"\n", limits.DIGEST_BYTES) + 1 or len(body)
    lines = b"\r\n".join(map(bytes.rstrip, body[:cut].splitlines()))
    if cut == len(body):
        return hashlib.sha256(lines.rstrip() + b"\r\n").hexdigest()
    rest = body[cut:].rstrip().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    whole = lines + b"\r\n" + rest if rest else lines.rstrip()
    return hashlib.sha256(whole + b"\r\n").hexdigest()
